//! An attempt with an infra-red camera: the face must be lit by its emitter.
//!
//! A face that is not lit is compared as often as that of a stranger. So nobody learns whether
//! recognition or liveness refused.

use std::time::Instant;

use fpass_camera::{Camera, Frame};
use fpass_face::{
    Gallery,
    liveness::{InfraredJudge, InfraredOutcome},
};
use fpass_proto::{Prompt, Refusal, Verdict};

use crate::{
    cue::Cue,
    decide::{Evidence, FrameResult, Policy, decide_infrared},
    decision::Decision,
    examine::{ComparedFace, Examination, compare, observe, upright_features, without_comparison},
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, next_frame, view},
    hints::result_guidance,
    trace::Trace,
    turn::TurnReports,
    upright::{SEARCHED_AFTER, TurnSearch, find_turned},
};

/// Whose face must be lit.
pub(crate) struct InfraredParams<'a> {
    /// Templates of the person.
    pub(crate) gallery: &'a Gallery,
    /// How the face is compared with them.
    pub(crate) policy: &'a Policy,
    /// Whether the attempt begins here.
    pub(crate) opens: bool,
}

/// Examines frames until face and light were judged, or until the deadline.
///
/// # Errors
/// Why nothing could be judged. [`Refusal::CameraUnsuitable`] for a colour camera, and for one
/// whose emitter does not go on and off.
pub(crate) fn verify_infrared(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    params: &InfraredParams<'_>,
    limits: &AttemptLimits<'_>,
    reports: &mut TurnReports<'_>,
) -> Result<Decision, Refusal> {
    if !camera.is_infrared() {
        let camera = camera.description();
        tracing::warn!(camera, "the liveness check needs an infra-red camera");
        return Err(Refusal::CameraUnsuitable);
    }
    if params.opens {
        (reports.cue)(Cue::Prompt(Prompt::Look));
    }
    let opened = Instant::now();
    let policy = params.policy;
    let mut watch =
        InfraredWatch { params, evidence: Evidence::default(), judge: InfraredJudge::default() };
    recogniser.begin();
    loop {
        let Some(frame) = next_frame(camera, limits)? else {
            return watch.conclude();
        };
        if watch.evidence.frames() == 0 {
            reports.trace.note_usable(opened, camera.first_frame_at());
        }
        let (result, compared) = watch.take(recogniser, &frame, limits, reports.trace)?;
        tracing::debug!(frame = frame.sequence(), seen = result.name(), "frame");
        let verdict = watch.evidence.add(result, policy);
        reports.trace.frames = watch.evidence.frames();
        (reports.hint)(result_guidance(result));
        if watch.judge.outcome() == InfraredOutcome::NoAlternation {
            let camera = camera.description();
            tracing::warn!(camera, "the emitter of the infra-red camera does not go on and off");
            return Err(Refusal::CameraUnsuitable);
        }
        let is_lit = watch.judge.outcome() == InfraredOutcome::Lit;
        let verdict = match verdict {
            Some(Verdict::Match) if is_lit => Verdict::Match,
            Some(_) if watch.evidence.is_judged_out(policy) => Verdict::NoMatch,
            Some(_) | None => continue,
        };
        if limits.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        let decided = decide_infrared(watch.judge.outcome(), verdict)?;
        let wanted = policy.keep_probe && decided.verdict == Verdict::Match;
        let view = view(&frame)?;
        let compared = compared.filter(|_| wanted);
        return Ok(Decision {
            verdict: decided.verdict,
            is_suspicious: decided.is_suspicious,
            probe: compared.and_then(|face| upright_features(recogniser, &view, face)),
        });
    }
}

/// The state of one attempt.
struct InfraredWatch<'a> {
    params: &'a InfraredParams<'a>,
    evidence: Evidence,
    judge: InfraredJudge,
}

impl InfraredWatch<'_> {
    /// What a frame shows. A face is compared only where its light can be judged.
    fn take(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        limits: &AttemptLimits<'_>,
        trace: &mut Trace,
    ) -> Result<(FrameResult, Option<ComparedFace>), Refusal> {
        let lit = view(frame)?;
        let observation = observe(recogniser, &lit, trace)?;
        let Some(unlit) = frame.unlit() else {
            let mut result = without_comparison(&observation, None);
            if result == FrameResult::Seen {
                self.judge.add_constant();
            } else if result == FrameResult::Nobody
                && self.evidence.is_nobody_since(SEARCHED_AFTER)
                && let TurnSearch::Turned(turn) = find_turned(recogniser, frame, limits)?
            {
                result = FrameResult::Turned(turn);
            }
            return Ok((result, None));
        };
        let examination = Examination {
            gallery: self.params.gallery,
            comparator: self.params.policy.comparator,
            compared: limits.compared,
            is_known_upright: self.evidence.is_agreeing(),
        };
        let (result, compared) = compare(recogniser, &lit, &observation, &examination, trace)?;
        match &compared {
            Some(compared) => self.judge.add(&lit, &view(unlit)?, &compared.face.bounds),
            None if result.may_hide_an_exchange() => self.judge.interrupt(),
            None => {}
        }
        Ok((result, compared))
    }

    /// The result at the deadline.
    fn conclude(&self) -> Result<Decision, Refusal> {
        // A run that did not decide is no match, and no face at all is a condition.
        let verdict = self.evidence.conclude()?;
        let decided = decide_infrared(self.judge.outcome(), verdict)?;
        let is_suspicious = decided.is_suspicious;
        Ok(Decision { verdict: Verdict::NoMatch, is_suspicious, probe: None })
    }
}

#[cfg(test)]
mod tests;
