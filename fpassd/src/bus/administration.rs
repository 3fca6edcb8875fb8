//! `org.fpass.Fpass1.Administration`

use std::sync::Arc;

use fpass_proto::{Refusal, Uid};
use zbus::{Connection, interface, message::Header};

use super::caller;
use crate::{audit, authorizer::Action, service::Service};

/// Kind of journal record.
const FORGETTING: &str = "forgetting";

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
        audit::change(FORGETTING, known.call.request, known.uid, uid, None, outcome);
        outcome
    }
}
