//! `org.fpass.Fpass1.Administration`

use std::sync::Arc;

use fpass_proto::{Refusal, Uid};
use zbus::{Connection, interface, message::Header};

use super::caller;
use crate::{
    audit,
    authorizer::Action,
    service::{Service, off_loop},
};

/// Kinds of journal records.
const FORGETTING: &str = "forgetting";
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
        let request = known.call.request;
        audit::change(&self.service, FORGETTING, request, known.uid, uid, None, outcome).await;
        outcome
    }

    /// The head of the audit trail: place and hash of its last record.
    async fn audit_head(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(u64, String), Refusal> {
        let action = Action::Audit;
        caller::admit(&self.service, connection, &header, READING, action, Uid::ROOT).await?;
        let trail = Arc::clone(&self.service.trail);
        let head = off_loop(move || trail.tell_head()).await?.map_err(|error| {
            tracing::error!(%error, "the head of the audit trail is not to be had");
            Refusal::StorageFailed
        })?;
        Ok((head.sequence, head.hash.to_string()))
    }
}
