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
    authorizer::Standing,
    engine::{Attempted, Terms},
    grounds::Grounds,
    seat::{self, Stand},
    service::{Enrolled, Service},
    throttle::Purpose,
};

/// What a change rests on.
pub(super) struct Consent {
    /// Generation of the record that it was given for; `None` from an administrator, who may change
    /// any.
    pub(super) basis: Option<u64>,
    /// Ends the call when the person leaves the seat.
    _stand: Option<Stand>,
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
    standing: Standing,
    uid: Uid,
) -> Result<Consent, Refusal> {
    match standing {
        Standing::Administrator => return Ok(Consent { basis: None, _stand: None }),
        Standing::Owner => {}
    }
    let config = service.config();
    let Enrolled { gallery, pins, generation } = match service.gallery(uid, &config).await {
        Err(Refusal::NeverEnrolled | Refusal::Removed) => {
            let (_, generation) = service.gallery_so_far(uid).await?;
            return Ok(Consent { basis: Some(generation), _stand: None });
        }
        gallery => gallery?,
    };
    let stand = locality::admit(service, connection, known, uid, seat::Purpose::Own).await?;
    let started = Instant::now();
    let timeout = Duration::from_millis(config.verification.timeout_ms);
    let terms = Terms { pins, ..terms(known, &config, own_test(known), started, timeout) };
    let policy = service.policy(&config, gallery.len());
    let cancel = known.call.cancel.clone();
    let grounds = Grounds { uid, generation, config, cancel };
    let attempted =
        counting::verify(service, &grounds, Purpose::SelfTest, terms, gallery, policy).await?;
    match record(service, known, uid, &attempted, started).await? {
        Verdict::NoMatch => Err(Refusal::FaceNotConfirmed),
        Verdict::Match => Ok(Consent { basis: Some(generation), _stand: Some(stand) }),
    }
}

async fn record(
    service: &Service,
    known: &Known,
    uid: Uid,
    attempted: &Attempted,
    started: Instant,
) -> Result<Verdict, Refusal> {
    let (request, caller) = (known.call.request, known.uid);
    let attempt = audit::Attempt { request, caller, uid, service: None, tty: None };
    let (verdict, trace) = (attempted.verdict, &attempted.trace);
    audit::attempt(service, &attempt, verdict, trace, started.elapsed()).await
}
