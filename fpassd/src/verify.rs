//! One attempt: frames in, verdict out.

use std::time::Instant;

use fpass_camera::Camera;
use fpass_face::Gallery;
use fpass_proto::{FaceFeedback, Prompt, Refusal, Verdict};

use crate::{
    cue::Cue,
    decide::{Evidence, FrameResult, Policy},
    decision::Decision,
    examine::{Examination, examine, upright_features},
    face_recogniser::FaceRecogniser,
    feedback::ReportingRecogniser,
    frames::{AttemptLimits, next_frame, view},
    live::{LiveParams, verify_live},
    trace::Trace,
    turn::TurnReports,
    upright::{SEARCHED_AFTER, TurnSearch, find_turned},
};

/// What an attempt reports while it runs.
pub(crate) struct AttemptReports<'a> {
    /// Durations of its stages.
    pub(crate) trace: &'a mut Trace,
    /// Receives its prompts, and how far they are followed.
    pub(crate) cue: &'a mut dyn FnMut(Cue),
    /// Receives what the camera sees.
    pub(crate) feedback: &'a mut dyn FnMut(FaceFeedback),
}

/// Examines frames until they decide, or until the deadline.
pub(crate) fn verify(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    gallery: &Gallery,
    policy: &Policy,
    limits: &AttemptLimits<'_>,
    reports: &mut AttemptReports<'_>,
) -> Result<Decision, Refusal> {
    let AttemptReports { trace, cue, feedback } = reports;
    let recogniser = &mut ReportingRecogniser::new(recogniser, feedback, policy.liveness.is_some());
    if let Some(check) = policy.liveness {
        let params = LiveParams { gallery, policy, check, opens: true };
        let mut reports = TurnReports { trace, cue, hint: &mut |_| () };
        return verify_live(camera, recogniser, &params, limits, &mut reports);
    }
    cue(Cue::Prompt(Prompt::Look));
    let opened = Instant::now();
    let mut evidence = Evidence::default();
    recogniser.begin();
    loop {
        let Some(frame) = next_frame(camera, limits)? else {
            return evidence.conclude().map(|verdict| Decision {
                verdict,
                is_suspicious: false,
                probe: None,
            });
        };
        if evidence.frames() == 0 {
            trace.note_usable(opened, camera.first_frame_at());
        }
        let examination = Examination {
            gallery,
            comparator: policy.comparator,
            compared: limits.compared,
            is_known_upright: evidence.is_agreeing(),
        };
        let (mut result, compared) = examine(recogniser, &frame, &examination, trace)?;
        if result == FrameResult::Nobody
            && evidence.is_nobody_since(SEARCHED_AFTER)
            && let TurnSearch::Turned(turn) = find_turned(recogniser, &frame, limits)?
        {
            result = FrameResult::Turned(turn);
        }
        tracing::debug!(
            frame = frame.sequence(),
            seen = result.name(),
            detect = ?trace.detect,
            landmarks = ?trace.landmarks,
            embed = ?trace.embed,
            "frame"
        );
        let verdict = evidence.add(result, policy);
        trace.frames = evidence.frames();
        if let Some(verdict) = verdict {
            if limits.cancel.is_raised() {
                return Err(Refusal::Cancelled);
            }
            // The deciding frame is the last one of the run of agreeing frames.
            let wanted = policy.keep_probe && verdict == Verdict::Match;
            let compared = compared.filter(|_| wanted);
            let view = view(&frame)?;
            let probe = compared.and_then(|face| upright_features(recogniser, &view, face));
            return Ok(Decision { verdict, is_suspicious: false, probe });
        }
    }
}

#[cfg(test)]
mod tests;
