//! The history of a user's attempts, off the event loop.

use std::{sync::Arc, time::UNIX_EPOCH};

use fpass_proto::{PastAttempt, Refusal, ServiceName, Uid, Verdict};

use crate::{
    blocking,
    history::{self, EndedAttempt},
    service::Service,
    store::StoreError,
};

/// Adds an attempt to the history of its user, after the answer: nothing waits for it. One that
/// cannot be written is missing there, and the audit log has it.
pub(super) fn remember(
    service: &Arc<Service>,
    caller: Uid,
    uid: Uid,
    pam_service: Option<&ServiceName>,
    outcome: Result<Verdict, Refusal>,
) {
    if !history::belongs(caller, uid, outcome) {
        return;
    }
    let ended = (service.now)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let attempt = EndedAttempt { ended, service: pam_service.cloned(), outcome };
    let store = Arc::clone(&service.store);
    tokio::spawn(async move {
        let written = blocking::run_to_end(move || store.add_to_history(uid, &attempt)).await;
        match written {
            Ok(Ok(()) | Err(StoreError::NeverEnrolled)) | Err(_) => {}
            Ok(Err(error)) => tracing::warn!(uid = uid.0, %error, "an attempt is not remembered"),
        }
    });
}

/// The last attempts of a user, the newest first.
pub(super) async fn report(service: &Service, uid: Uid) -> Result<Vec<PastAttempt>, Refusal> {
    service.read_store(uid, move |store| Ok(store.history(uid)?.report())).await
}
