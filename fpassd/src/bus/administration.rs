//! `org.fpass.Fpass1.Administration`

use std::sync::Arc;

use fpass_proto::{Refusal, Uid};
use zbus::{Connection, interface, message::Header};

use super::{caller, set_up};
use crate::{
    audit,
    authorizer::Action,
    service::{Service, off_loop},
};

/// Kinds of journal records.
const FORGETTING: &str = "forgetting";
const SET_UP: &str = "set-up at a login";
const READING: &str = "audit reading";

pub(super) struct Administration {
    service: Arc<Service>,
}

impl Administration {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

#[interface(name = "org.fpass.Fpass1.Administration")]
impl Administration {
    /// Removes whatever is stored for a user id, its tombstone too.
    ///
    /// The id need not belong to anybody: that is so when an account has been deleted.
    async fn forget(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let action = Action::Forget;
        let (known, _) =
            caller::admit(&self.service, connection, &header, FORGETTING, action, uid).await?;
        let outcome = self.service.change_store(uid, move |store| store.forget(uid)).await;
        known.record(&self.service, FORGETTING, uid, None, &outcome).await;
        outcome
    }

    /// Sets up the first F-pass of a user whose login was told right before that there has never been
    /// one.
    #[allow(clippy::too_many_arguments, reason = "the bus method's own arguments")]
    async fn set_up(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let uid = Uid(uid);
        let action = Action::SetUp;
        let (known, _) =
            caller::admit(&self.service, connection, &header, SET_UP, action, uid).await?;
        let login = set_up::Login::parse(uid, user, service, tty, timeout_ms);
        let outcome = match &login {
            Ok(login) => set_up::set_up(&self.service, connection, &known, login).await,
            Err(refusal) => Err(*refusal),
        };
        let attempt = audit::AttemptContext {
            request: known.call.request,
            caller: known.uid,
            uid,
            service: login.as_ref().ok().map(|login| &login.service),
            tty: login.as_ref().ok().and_then(|login| login.terminal.as_ref()),
        };
        audit::record_login(&self.service, SET_UP, &attempt, outcome.map(drop)).await?;
        outcome.map(|strength| strength.as_str().to_owned())
    }

    /// The head of the audit trail: place and hash of its last record.
    async fn audit_head(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(u64, String), Refusal> {
        let action = Action::Audit;
        caller::admit(&self.service, connection, &header, READING, action, Uid::ROOT).await?;
        let trail = Arc::clone(&self.service.audit_log);
        let head = off_loop(move || trail.tell_head()).await?.map_err(|error| {
            tracing::error!(%error, "the head of the audit trail is not to be had");
            Refusal::StorageFailed
        })?;
        Ok((head.sequence, head.hash.to_string()))
    }
}
