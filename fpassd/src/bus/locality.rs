//! Whether the caller is at this machine, asked before anything about the subject is looked up.

use fpass_proto::{Refusal, Uid};
use zbus::Connection;

use super::caller::Known;
use crate::{
    seat::{self, CameraUse, Logind, SeatLease, SeatRequest},
    service::Service,
};

/// Admits a caller who is at this machine. The call is cancelled when that ceases to hold for as
/// long as the lease lives.
///
/// # Errors
/// [`Refusal::RemoteSession`]; the journal has the reason.
pub(super) async fn admit(
    service: &Service,
    connection: &Connection,
    known: &Known,
    subject: Uid,
    camera_use: CameraUse<'_>,
) -> Result<SeatLease, Refusal> {
    let request = SeatRequest { caller: known.uid, subject, camera_use };
    let caller = known.name.as_ref();
    let logind = Logind::new(connection, &caller);
    let (config, cancel) = (service.config(), &known.call.cancel);
    seat::admit(&service.seat_leases, &logind, &request, &config.seat, cancel, seat::LOOK_UP_MAX)
        .await
        .map_err(|reason| {
            let (request, caller) = (known.call.request, known.uid.0);
            tracing::info!(request, caller, %reason, "the caller is not held to be at this machine");
            Refusal::RemoteSession
        })
}
