//! Whether the caller is at this machine, asked before anything about the subject is looked up.

use fpass_proto::{Refusal, Uid};
use zbus::Connection;

use super::caller::Known;
use crate::{
    seat::{self, Logind, Purpose, Request, Stand},
    service::Service,
};

/// Admits a caller who is at this machine. The call is cancelled when that ceases to hold for as
/// long as the stand lives.
///
/// # Errors
/// [`Refusal::RemoteSession`]; the journal has the reason.
pub(super) async fn admit(
    service: &Service,
    connection: &Connection,
    known: &Known,
    subject: Uid,
    purpose: Purpose<'_>,
) -> Result<Stand, Refusal> {
    let request = Request { caller: known.uid, subject, purpose };
    let caller = known.name.as_ref();
    let logind = Logind::new(connection, &caller);
    let (config, cancel) = (service.config(), &known.call.cancel);
    seat::admit(&service.stands, &logind, &request, &config.seat, cancel, seat::LOOK_UP_MAX)
        .await
        .map_err(|reason| {
            let (request, caller) = (known.call.request, known.uid.0);
            tracing::info!(request, caller, %reason, "the caller is not held to be at this machine");
            Refusal::RemoteSession
        })
}
