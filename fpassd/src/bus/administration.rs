//! `org.fpass.Fpass1.Administration`

use std::{sync::Arc, time::Duration};

use fpass_proto::{Refusal, Uid};
use zbus::{interface, message::Header};

use super::{
    Bus, arguments,
    request::{Operation, Request},
    set_up::{self, SetupArguments},
};
use crate::{authorizer::Action, blocking};

const FORGET: Operation = Operation { kind: "forgetting", action: Action::Forget };
const SET_UP: Operation = Operation { kind: "set-up at a login", action: Action::SetUp };
const AUDIT_HEAD: Operation = Operation { kind: "audit reading", action: Action::Audit };

pub(super) struct Administration {
    bus: Bus,
}

impl Administration {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

#[interface(name = "org.fpass.Fpass1.Administration")]
impl Administration {
    /// Removes everything that is stored for a user id, including its tombstone.
    ///
    /// The id need not belong to a user, because its account may have been deleted.
    async fn forget(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, FORGET, uid).await?;
        let outcome = request.service.change_store(uid, move |store| store.forget(uid)).await;
        request.record(uid, None, &outcome).await;
        outcome
    }

    /// Sets up the first F-pass of a user. The login of that user must have been told just before
    /// that the user never had one.
    async fn set_up(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, SET_UP, uid).await?;
        let (pam, names) = arguments::pam_context(service, tty);
        let outcome = match names.and(pam.service.as_ref().ok_or(Refusal::InvalidArgument)) {
            Ok(service) => {
                let timeout = Duration::from_millis(timeout_ms.into());
                let arguments = SetupArguments { uid, user, service, timeout };
                set_up::set_up(&request, &arguments).await
            }
            Err(refusal) => Err(refusal),
        };
        let log = &request.service.audit_log;
        log.record_login(request.audit_context(uid), &pam, outcome.map(drop)).await?;
        outcome.map(|strength| strength.as_str().to_owned())
    }

    /// The head of the audit log: place and hash of its last record.
    async fn audit_head(
        &self,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(u64, String), Refusal> {
        let (request, _) =
            Request::begin_permitted(&self.bus, &header, AUDIT_HEAD, Uid::ROOT).await?;
        let log = Arc::clone(&request.service.audit_log);
        let head = blocking::run(move || log.head()).await?.map_err(|error| {
            tracing::error!(%error, "cannot read the head of the audit log");
            Refusal::StorageFailed
        })?;
        Ok((head.sequence, head.hash.to_string()))
    }
}
