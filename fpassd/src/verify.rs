//! One attempt: frames in, verdict out.

use std::time::Instant;

use fpass_camera::{Camera, Frame};
use fpass_face::{Features, Gallery, Orientation};
use fpass_proto::{Prompt, Refusal, Verdict};

use crate::{
    decide::{Evidence, FrameResult, Policy},
    examine::{ComparedFace, Examination, examine},
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, next_frame, view},
    trace::Trace,
    upright::{SEARCHED_AFTER, TurnSearch, find_turned},
};

/// The result of one attempt.
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    /// Whether the person is the user.
    pub(crate) verdict: Verdict,
    /// Features of the last agreeing frame of a match, if the policy asks for them and the frame
    /// shows the face upright.
    pub(crate) probe: Option<Features>,
}

/// What an attempt reports while it runs.
pub(crate) struct AttemptReports<'a> {
    /// Durations of its stages.
    pub(crate) trace: &'a mut Trace,
    /// Receives its prompts.
    pub(crate) prompt: &'a mut dyn FnMut(Prompt),
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
    let AttemptReports { trace, prompt } = reports;
    prompt(Prompt::Look);
    let opened = Instant::now();
    let mut evidence = Evidence::default();
    recogniser.begin();
    loop {
        let Some(frame) = next_frame(camera, limits)? else {
            return evidence.conclude().map(|verdict| Decision { verdict, probe: None });
        };
        if evidence.frames() == 0 {
            trace.usable_frame = opened.elapsed();
            let first = camera.first_frame_at();
            trace.first_frame =
                first.map_or(trace.usable_frame, |first| first.saturating_duration_since(opened));
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
            let probe = compared.and_then(|face| upright_features(recogniser, &frame, face));
            return Ok(Decision { verdict, probe });
        }
    }
}

/// The features of a compared face, if its own frame shows it upright. The verdict needs that of
/// the first face of the run only. A template that learned from another one would match its kind.
fn upright_features(
    recogniser: &mut dyn FaceRecogniser,
    frame: &Frame,
    compared: ComparedFace,
) -> Option<Features> {
    if compared.is_upright {
        return Some(compared.features);
    }
    match recogniser.orientation(&view(frame).ok()?, &compared.face) {
        Ok(Orientation::Upright) => Some(compared.features),
        Ok(Orientation::Turned(_) | Orientation::Doubtful) => None,
        Err(error) => {
            tracing::warn!(%error, "the orientation of a face is unknown; nothing is learned");
            None
        }
    }
}

#[cfg(test)]
mod tests;
