//! `org.fpass.Fpass1.Fleet`

use std::{sync::Arc, time::SystemTime};

use fpass_face::Features;
use fpass_proto::{MachineIdentity, Refusal, Uid, limits};
use zbus::{interface, message::Header};

use super::{
    Bus,
    request::{Operation, Request},
    throttling,
};
use crate::{
    authorizer::Action,
    fleet::{self, Bundle, BundleError, Peer},
    store::Store,
};

const IDENTITY: Operation = Operation { kind: "identity reading", action: Action::Fleet };
const EXPORT: Operation = Operation { kind: "export", action: Action::Fleet };
const IMPORT: Operation = Operation { kind: "import", action: Action::Fleet };

pub(super) struct Fleet {
    bus: Bus,
}

impl Fleet {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

/// Seals the templates of a user for another machine.
async fn export(
    request: &Request,
    uid: Uid,
    user: &str,
    recipient: &str,
) -> Result<Vec<u8>, Refusal> {
    let service = &request.service;
    let peer = peer(recipient)?;
    let user = request.confirm_user(uid, user).await?;
    let made = (service.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    service
        .read_store(uid, move |store| {
            let record = store.export(uid)?;
            let bundle = Bundle { user, made: made.as_secs(), models: store.models(), record };
            Ok(fleet::seal(&bundle, &store.machine_keys()?, &peer))
        })
        .await?
        .ok_or(Refusal::BundleRefused)
}

/// Opens a bundle and looks up its user, who must be `expected` unless that is empty.
async fn open(
    request: &Request,
    sender: &str,
    bundle: &[u8],
    expected: &str,
) -> Result<(Uid, Bundle), Refusal> {
    let service = &request.service;
    if bundle.len() > limits::BUNDLE_MAX {
        return Err(Refusal::BundleRefused);
    }
    let peer = peer(sender)?;
    let bytes = bundle.to_vec();
    let bundle = service
        .read_store(Uid::ROOT, move |store| {
            Ok(fleet::open(&bytes, &peer, &store.machine_keys()?, store.models()))
        })
        .await?
        .map_err(log_refusal)?;
    // The sender names the user, and one machine may not speak for every user.
    if !expected.is_empty() && bundle.user.as_str() != expected {
        return Err(Refusal::BundleOfAnotherUser);
    }
    let uid = service.find_user(&bundle.user).await?.ok_or(Refusal::UnknownUser)?;
    Ok((uid, bundle))
}

fn peer(identity: &str) -> Result<Peer, Refusal> {
    let identity = MachineIdentity::parse(identity).map_err(|_| Refusal::InvalidArgument)?;
    Peer::of(identity).ok_or(Refusal::InvalidArgument)
}

/// Logs why a bundle is refused and returns what the caller is told.
fn log_refusal(error: BundleError) -> Refusal {
    tracing::warn!(?error, "a bundle of templates is refused");
    match error {
        BundleError::Models => Refusal::BundleModels,
        BundleError::Malformed
        | BundleError::Unsigned
        | BundleError::Misdirected
        | BundleError::Sealed => Refusal::BundleRefused,
    }
}

#[interface(name = "org.fpass.Fpass1.Fleet")]
impl Fleet {
    /// The identity by which other machines know this one.
    async fn identity(&self, #[zbus(header)] header: Header<'_>) -> Result<String, Refusal> {
        let (request, _) =
            Request::begin_permitted(&self.bus, &header, IDENTITY, Uid::ROOT).await?;
        // The first call creates the identity.
        let keys = request.service.change_store(Uid::ROOT, Store::machine_keys).await?;
        Ok(keys.identity().to_string())
    }

    /// The templates of a user, sealed for another machine.
    async fn export(
        &self,
        uid: u32,
        user: &str,
        recipient: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, EXPORT, uid).await?;
        let outcome = export(&request, uid, user, recipient).await;
        request.record(uid, None, &outcome).await;
        outcome
    }

    /// Stores the templates of a user from another machine.
    async fn import(
        &self,
        sender: &str,
        bundle: &[u8],
        user: &str,
        replace: bool,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Refusal> {
        let (request, _) = Request::begin_permitted(&self.bus, &header, IMPORT, Uid::ROOT).await?;
        let opened = open(&request, sender, bundle, user).await;
        if opened.is_err() {
            request.record(Uid::ROOT, None, &opened).await;
        }
        let (uid, Bundle { user, record, .. }) = opened?;
        let service = Arc::clone(&request.service);
        let import = move |store: &Store| {
            let admit = |samples: &[Features]| service.calibrations.admit(samples).is_ok();
            store.import(uid, &record, replace, admit)
        };
        let outcome = request.service.change_store(uid, import).await;
        if outcome.is_ok() {
            throttling::reserve(&request.service, uid).await;
        }
        request.record(uid, None, &outcome).await;
        outcome.map(|()| user.as_str().to_owned())
    }
}
