//! One frame, compared with a gallery.

use fpass_camera::Frame;
use fpass_face::{Comparator, Features, Gallery, Observation, QualityIssue, QualityLimits};
use fpass_proto::Refusal;

use crate::{
    comparison_flag::ComparisonFlag,
    decide::FrameResult,
    face_recogniser::FaceRecogniser,
    frames::{face_refusal, view},
    trace::Trace,
};

/// Mean luma of a frame without a face, 0 to 255, below which it counts as dark.
const DARK_FRAME: f32 = 32.0;

/// What the frame shows, and the features of the face if one was compared. Sets `compared` then.
///
/// # Errors
/// [`Refusal::EngineFailed`] when a stage of the recogniser failed. A face without features is no
/// failure: it counts as blurred.
pub(crate) fn examine(
    recogniser: &mut dyn FaceRecogniser,
    frame: &Frame,
    gallery: &Gallery,
    comparator: Comparator,
    compared: &ComparisonFlag,
    trace: &mut Trace,
) -> Result<(FrameResult, Option<Features>), Refusal> {
    let view = view(frame)?;
    let observation = recogniser.observe(&view).map_err(|error| face_refusal(&error))?;
    let times = recogniser.times();
    trace.detect = times.detect;
    let face = match observation {
        Observation::NoFace { frame_brightness } if frame_brightness < DARK_FRAME => {
            return Ok((FrameResult::Dark, None));
        }
        Observation::NoFace { .. } => return Ok((FrameResult::Nobody, None)),
        Observation::SeveralFaces(_) => return Ok((FrameResult::Several, None)),
        Observation::OneFace(face) => face,
    };
    trace.landmarks = times.landmarks;
    if let Some(flaw) = face.quality.assess(&QualityLimits::default()) {
        return Ok((FrameResult::Flawed(flaw), None));
    }
    let features = match recogniser.embed(&view, &face, comparator) {
        Ok(features) => features,
        Err(error) => {
            tracing::debug!(%error, "a face could not be embedded");
            return Ok((FrameResult::Flawed(QualityIssue::Blurred), None));
        }
    };
    trace.embed = recogniser.times().embed;
    let score = gallery.score(&features, comparator);
    compared.set();
    Ok((FrameResult::Compared(score), Some(features)))
}
