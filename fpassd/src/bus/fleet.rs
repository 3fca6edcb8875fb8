//! `org.fpass.Fpass1.Fleet`

use std::{sync::Arc, time::SystemTime};

use fpass_proto::{MachineIdentity, Refusal, Uid, UserName, limits};
use zbus::{Connection, interface, message::Header};

use super::caller;
use crate::{
    authorizer::Action,
    fleet::{self, Bundle, BundleError, Peer},
    service::{Service, off_loop},
};

/// Kinds of journal records.
const READING: &str = "identity reading";
const EXPORT: &str = "export";
const IMPORT: &str = "import";

pub(super) struct Fleet {
    service: Arc<Service>,
}

impl Fleet {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    async fn make(&self, uid: Uid, user: &str, recipient: &str) -> Result<Vec<u8>, Refusal> {
        let peer = peer(recipient)?;
        self.service.confirm_user(uid, user).await?;
        let user = UserName::parse(user).map_err(|_| Refusal::MalformedUserName)?;
        let made = (self.service.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.service
            .read_store(uid, move |store| {
                let record = store.export(uid)?;
                let bundle = Bundle { user, made: made.as_secs(), models: store.models(), record };
                Ok(fleet::seal(&bundle, &store.machine_keys()?, &peer))
            })
            .await?
            .ok_or(Refusal::BundleRefused)
    }

    /// Opens a bundle, and finds out whose it is.
    async fn look_into(&self, sender: &str, bundle: &[u8]) -> Result<(Uid, Bundle), Refusal> {
        if bundle.len() > limits::BUNDLE_MAX {
            return Err(Refusal::BundleRefused);
        }
        let peer = peer(sender)?;
        let bytes = bundle.to_vec();
        let bundle = self
            .service
            .read_store(Uid::ROOT, move |store| {
                Ok(fleet::open(&bytes, &peer, &store.machine_keys()?, store.models()))
            })
            .await?
            .map_err(why)?;
        let (users, name) = (Arc::clone(&self.service.users), bundle.user.clone());
        let uid = off_loop(move || users.find(&name)).await??.ok_or(Refusal::UnknownUser)?;
        Ok((uid, bundle))
    }
}

fn peer(identity: &str) -> Result<Peer, Refusal> {
    let identity = MachineIdentity::parse(identity).map_err(|_| Refusal::InvalidArgument)?;
    Peer::of(identity).ok_or(Refusal::InvalidArgument)
}

fn why(reason: BundleError) -> Refusal {
    tracing::warn!(?reason, "a bundle of templates is refused");
    match reason {
        BundleError::Models => Refusal::BundleModels,
        BundleError::Malformed
        | BundleError::Unsigned
        | BundleError::Misdirected
        | BundleError::Sealed => Refusal::BundleRefused,
    }
}

#[interface(name = "org.fpass.Fpass1.Fleet")]
impl Fleet {
    /// Who this machine is to the others.
    async fn identity(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let action = Action::Fleet;
        caller::admit(&self.service, connection, &header, READING, action, Uid::ROOT).await?;
        // The first reading writes.
        let keys = self.service.change_store(Uid::ROOT, |store| store.machine_keys()).await?;
        Ok(keys.identity().to_string())
    }

    /// The templates of a user, for another machine.
    async fn export(
        &self,
        uid: u32,
        user: &str,
        recipient: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<u8>, Refusal> {
        let uid = Uid(uid);
        let action = Action::Fleet;
        let (known, _) =
            caller::admit(&self.service, connection, &header, EXPORT, action, uid).await?;
        let outcome = self.make(uid, user, recipient).await;
        known.record(&self.service, EXPORT, uid, None, &outcome).await;
        outcome
    }

    /// Takes the templates of a user from another machine.
    async fn import(
        &self,
        sender: &str,
        bundle: &[u8],
        replace: bool,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let action = Action::Fleet;
        let (known, _) =
            caller::admit(&self.service, connection, &header, IMPORT, action, Uid::ROOT).await?;
        let found = self.look_into(sender, bundle).await;
        if found.is_err() {
            known.record(&self.service, IMPORT, Uid::ROOT, None, &found).await;
        }
        let (uid, Bundle { user, record, .. }) = found?;
        let import = move |store: &crate::store::Store| store.import(uid, &record, replace);
        let outcome = self.service.change_store(uid, import).await;
        known.record(&self.service, IMPORT, uid, None, &outcome).await;
        outcome.map(|()| user.as_str().to_owned())
    }
}
