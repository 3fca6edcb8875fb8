//! The consent of the person enrolled: a change of a record needs the face that it knows.

use std::time::{Duration, Instant};

use fpass_proto::{Refusal, Uid, Verdict};
use zbus::Connection;

use super::{
    caller::Known,
    counting, locality,
    verification::{own_test, terms},
};
use crate::{
    audit,
    authorizer::Role,
    engine::{AttemptOutcome, TaskContext},
    match_basis::MatchBasis,
    seat::{self, SeatLease},
    service::{Enrolled, Service},
    throttle::AttemptKind,
};

/// What a change rests on.
pub(super) struct Consent {
    /// Generation of the record that it was given for; `None` from an administrator, who may change
    /// any.
    pub(super) basis: Option<u64>,
    /// Ends the call when the person leaves the seat.
    _lease: Option<SeatLease>,
}

/// Looks for the face of the person enrolled before the record of `uid` is changed.
///
/// An administrator needs none, and where nothing is enrolled there is none to compare with. A face
/// that cannot be judged, or a record that cannot be read, is left to an administrator.
///
/// # Errors
/// [`Refusal::FaceNotConfirmed`] for another face; otherwise why nothing could be judged.
pub(super) async fn face(
    service: &Service,
    connection: &Connection,
    known: &Known,
    role: Role,
    uid: Uid,
) -> Result<Consent, Refusal> {
    match role {
        Role::Administrator => return Ok(Consent { basis: None, _lease: None }),
        Role::Owner => {}
    }
    let config = service.config();
    let Enrolled { gallery, allowed_cameras, generation } =
        match service.gallery(uid, &config).await {
            Err(Refusal::NeverEnrolled | Refusal::Removed) => {
                let (_, generation) = service.gallery_so_far(uid).await?;
                return Ok(Consent { basis: Some(generation), _lease: None });
            }
            gallery => gallery?,
        };
    let lease = locality::admit(service, connection, known, uid, seat::CameraUse::Own).await?;
    let started = Instant::now();
    let timeout = Duration::from_millis(config.verification.timeout_ms);
    let terms =
        TaskContext { allowed_cameras, ..terms(known, &config, own_test(known), started, timeout) };
    let policy = service.policy(&config, gallery.len());
    let cancel = known.call.cancel.clone();
    let basis = MatchBasis { uid, generation, config, cancel };
    let attempted =
        counting::verify(service, &basis, AttemptKind::SelfTest, terms, gallery, policy).await?;
    match record(service, known, uid, &attempted, started).await? {
        Verdict::NoMatch => Err(Refusal::FaceNotConfirmed),
        Verdict::Match => Ok(Consent { basis: Some(generation), _lease: Some(lease) }),
    }
}

async fn record(
    service: &Service,
    known: &Known,
    uid: Uid,
    attempted: &AttemptOutcome,
    started: Instant,
) -> Result<Verdict, Refusal> {
    let (request, caller) = (known.call.request, known.uid);
    let attempt = audit::AttemptContext { request, caller, uid, service: None, tty: None };
    let (verdict, trace) = (attempted.verdict, &attempted.trace);
    audit::record_attempt(service, &attempt, verdict, trace, started.elapsed()).await
}
