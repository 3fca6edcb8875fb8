//! Consent: a user who changes their own record must show the enrolled face.

use std::time::Instant;

use fpass_proto::{Refusal, Uid, Verdict};

use super::{attempt::verify_counted, past_attempts, request::Request};
use crate::{
    audit::{ATTEMPT, AttemptMeasurements, PamContext, RequestContext},
    authorizer::Role,
    decide::Policy,
    engine::{AttemptOutcome, AttemptParams, TaskContext},
    match_basis::MatchBasis,
    seat::{CameraUse, Seated},
    service::{Enrolled, EnrolledBefore},
    throttle::AttemptKind,
};

/// Permission to change a record.
pub(super) struct Consent {
    /// Generation of the record that may be changed; `None` for an administrator, who may change
    /// any.
    pub(super) generation: Option<u64>,
    /// Cancels the call when the person leaves the seat.
    _seated: Option<Seated>,
}

/// Checks the face of the enrolled person before the record of `uid` is changed.
///
/// An administrator needs no consent, nor does a user without an F-pass. When the face cannot be
/// judged or the record cannot be read, only an administrator can change it.
///
/// # Errors
/// [`Refusal::FaceNotConfirmed`] for another face; otherwise why nothing could be judged.
pub(super) async fn check_face(
    request: &Request,
    role: Role,
    uid: Uid,
) -> Result<Consent, Refusal> {
    match role {
        Role::Administrator => return Ok(Consent { generation: None, _seated: None }),
        Role::Owner => {}
    }
    let service = &request.service;
    let config = service.config();
    let Enrolled { gallery, allowed_cameras, rotation, generation } =
        match service.gallery(uid, &config).await {
            Err(Refusal::NeverEnrolled | Refusal::Removed) => {
                let EnrolledBefore { generation, .. } =
                    service.enrolled_before(uid, &config).await?;
                return Ok(Consent { generation: Some(generation), _seated: None });
            }
            gallery => gallery?,
        };
    let asked = Instant::now();
    let seated = request.require_local(uid, CameraUse::Own).await?;
    let look_up = asked.elapsed();
    // The turn is asked for in any case; a remembered one ends.
    let _ended = service.look_memory.begin(uid);
    let started = Instant::now();
    let liveness = config.liveness.mode(None).check();
    let timeout = config.judging_time(liveness);
    let (priority, lid_closed) = (request.own_test(), seated.lid_closed);
    let context = request.task_context(&config, priority, started, timeout, lid_closed);
    let kind = AttemptKind::SelfTest;
    let draw = service.drawn_prompts.of(uid, kind);
    let context = TaskContext { allowed_cameras, rotation, draw, ..context };
    let policy = Policy { liveness, ..service.calibrations.policy(&config, gallery.len()) };
    let basis = MatchBasis { uid, generation, config, cancel: request.cancel().clone() };
    let attempt = request.prompting(|cues| {
        let params = AttemptParams { gallery, policy, cues };
        verify_counted(service, &basis, kind, context, params)
    });
    let mut outcome = attempt.await?;
    outcome.trace.look_up = look_up;
    match record(request, uid, &outcome, started).await? {
        Verdict::NoMatch => Err(Refusal::FaceNotConfirmed),
        Verdict::Match => Ok(Consent { generation: Some(generation), _seated: Some(seated) }),
    }
}

/// Records the attempt and returns its verdict.
async fn record(
    request: &Request,
    uid: Uid,
    outcome: &AttemptOutcome,
    started: Instant,
) -> Result<Verdict, Refusal> {
    let service = &request.service;
    let context = RequestContext { kind: ATTEMPT, ..request.audit_context(uid) };
    let measurements = AttemptMeasurements {
        camera: service.config().source().description(),
        trace: &outcome.trace,
        total: started.elapsed(),
    };
    let verdict = outcome.verdict;
    if !service.audit_log.may_record(request.caller(), &verdict) {
        return verdict;
    }
    let pam = PamContext::default();
    let told = service.audit_log.record_attempt(context, &pam, verdict, measurements).await;
    past_attempts::remember(service, request.caller(), uid, None, told);
    told
}
