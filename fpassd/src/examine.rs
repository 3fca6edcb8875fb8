//! One frame, compared with a gallery.

use fpass_camera::Frame;
use fpass_face::{
    Comparator, Face, Features, Gallery, Observation, Orientation, QualityIssue, QualityLimits,
    RgbView, liveness::NeutralIssue,
};
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

/// How frames are compared.
pub(crate) struct Examination<'a> {
    /// The templates.
    pub(crate) gallery: &'a Gallery,
    /// The comparator.
    pub(crate) comparator: Comparator,
    /// Set when a face is compared.
    pub(crate) compared: &'a ComparisonFlag,
    /// Whether the face is the one of the last frame, which was upright. Otherwise it is compared
    /// only if it is upright itself.
    pub(crate) is_known_upright: bool,
}

/// A face that was compared.
pub(crate) struct ComparedFace {
    /// Its features.
    pub(crate) features: Features,
    /// Where it is in the frame.
    pub(crate) face: Face,
    /// Whether this frame itself was found to show it upright. Otherwise nothing is known.
    pub(crate) is_upright: bool,
}

/// Searches a frame for faces.
///
/// # Errors
/// [`Refusal::EngineFailed`] when the detector failed.
pub(crate) fn observe(
    recogniser: &mut dyn FaceRecogniser,
    view: &RgbView<'_>,
    trace: &mut Trace,
) -> Result<Observation, Refusal> {
    let observation = recogniser.observe(view).map_err(|error| face_refusal(&error))?;
    let times = recogniser.times();
    trace.detect = times.detect;
    if matches!(observation, Observation::OneFace(_)) {
        trace.landmarks = times.landmarks;
    }
    Ok(observation)
}

/// The face in what was observed, or what the frame shows instead.
fn only_face(observation: &Observation) -> Result<&Face, FrameResult> {
    match observation {
        Observation::NoFace { frame_brightness } if *frame_brightness < DARK_FRAME => {
            Err(FrameResult::Dark)
        }
        Observation::NoFace { .. } => Err(FrameResult::Nobody),
        Observation::SeveralFaces(_) => Err(FrameResult::Several),
        Observation::OneFace(face) => Ok(face),
    }
}

/// What the frame shows whose face is not compared, with the reason why it is not neutral.
pub(crate) fn without_comparison(
    observation: &Observation,
    issue: Option<NeutralIssue>,
) -> FrameResult {
    let face = match only_face(observation) {
        Ok(face) => face,
        Err(result) => return result,
    };
    match face.quality.assess(&QualityLimits::default()) {
        // The reason names the pose better.
        None | Some(QualityIssue::OffPose { .. }) => {
            issue.map_or(FrameResult::Seen, FrameResult::NotNeutral)
        }
        Some(flaw) => FrameResult::Flawed(flaw),
    }
}

/// What the frame shows, and the face if one was compared.
///
/// # Errors
/// [`Refusal::EngineFailed`] when a stage of the recogniser failed. A face without features is no
/// failure: it counts as blurred.
pub(crate) fn examine(
    recogniser: &mut dyn FaceRecogniser,
    frame: &Frame,
    examination: &Examination<'_>,
    trace: &mut Trace,
) -> Result<(FrameResult, Option<ComparedFace>), Refusal> {
    let view = view(frame)?;
    let observation = observe(recogniser, &view, trace)?;
    compare(recogniser, &view, &observation, examination, trace)
}

/// As [`examine`], of what was observed in the frame.
///
/// # Errors
/// As [`examine`].
pub(crate) fn compare(
    recogniser: &mut dyn FaceRecogniser,
    view: &RgbView<'_>,
    observation: &Observation,
    examination: &Examination<'_>,
    trace: &mut Trace,
) -> Result<(FrameResult, Option<ComparedFace>), Refusal> {
    let face = match only_face(observation) {
        Ok(face) => face,
        Err(result) => return Ok((result, None)),
    };
    let flaw = face.quality.assess(&QualityLimits::default());
    // The pose of a turned face is read from landmarks that it does not have.
    let is_questioned = match flaw {
        None => !examination.is_known_upright,
        Some(QualityIssue::OffPose { .. }) => true,
        Some(_) => false,
    };
    if is_questioned {
        let orientation = recogniser.orientation(view, face);
        match (orientation.map_err(|error| face_refusal(&error))?, flaw) {
            (Orientation::Turned(turn), _) => return Ok((FrameResult::Turned(turn), None)),
            (Orientation::Doubtful, None) => return Ok((FrameResult::Doubtful, None)),
            (Orientation::Doubtful, Some(_)) | (Orientation::Upright, _) => {}
        }
    }
    if let Some(flaw) = flaw {
        return Ok((FrameResult::Flawed(flaw), None));
    }
    let features = match recogniser.embed(view, face, examination.comparator) {
        Ok(features) => features,
        Err(error) => {
            tracing::debug!(%error, "a face could not be embedded");
            return Ok((FrameResult::Flawed(QualityIssue::Blurred), None));
        }
    };
    trace.embed = recogniser.times().embed;
    let score = examination.gallery.score(&features, examination.comparator);
    examination.compared.set();
    let compared = ComparedFace { features, face: face.clone(), is_upright: is_questioned };
    Ok((FrameResult::Compared(score), Some(compared)))
}

/// The features of a compared face, if its own frame shows it upright. The verdict needs that of
/// the first face of the run only. A template that learned from another one would match its kind.
pub(crate) fn upright_features(
    recogniser: &mut dyn FaceRecogniser,
    view: &RgbView<'_>,
    compared: ComparedFace,
) -> Option<Features> {
    if compared.is_upright {
        return Some(compared.features);
    }
    match recogniser.orientation(view, &compared.face) {
        Ok(Orientation::Upright) => Some(compared.features),
        Ok(Orientation::Turned(_) | Orientation::Doubtful) => None,
        Err(error) => {
            tracing::warn!(%error, "the orientation of a face is unknown; nothing is learned");
            None
        }
    }
}
