//! The camera's picture and hints, without an enrolment: nobody is compared, nothing is kept.

use fpass_proto::{Guidance, Refusal};

use crate::{
    face_guide::{FaceGuide, Guided},
    face_recogniser::FaceRecogniser,
    frame_rotation::TurnedCamera,
    frames::{AttemptLimits, next_frame},
    upright,
};

/// Examines frames until the deadline and says what the person should do.
///
/// # Errors
/// [`Refusal::CameraSilent`] without a frame; [`Refusal::Cancelled`]; faults of the camera.
pub(crate) fn preview(
    camera: &mut TurnedCamera,
    recogniser: &mut dyn FaceRecogniser,
    limits: &AttemptLimits<'_>,
    hint: &mut dyn FnMut(Guidance),
) -> Result<(), Refusal> {
    let mut guide = FaceGuide::default();
    recogniser.begin();
    while let Some(frame) = next_frame(camera, limits)? {
        let guidance = match guide.examine(recogniser, &frame, limits)? {
            Guided::Good(_) => Guidance::Good,
            Guided::Hint(guidance) => guidance,
        };
        if let Some(turn) = guide.agreed_turn()
            && camera.turn(upright::rotation(turn))
        {
            guide = FaceGuide::default();
            recogniser.begin();
        }
        hint(guidance);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use fpass_camera::Camera;

    use super::*;
    use crate::{
        cancel::CancelFlag,
        comparison_flag::ComparisonFlag,
        frame_rotation::FrameRotation,
        scripted::{Scene, ScriptedCamera, ScriptedRecogniser, draw},
    };

    fn seen(script: &[Scene], cancel: &CancelFlag) -> (Result<(), Refusal>, Vec<Guidance>) {
        let shown = Box::new(ScriptedCamera::showing(script));
        let mut camera = FrameRotation::default().apply(shown);
        let started = Instant::now();
        let (compared, mut hints) = (ComparisonFlag::default(), Vec::new());
        let deadline = started + Duration::from_millis(60);
        let draw = draw();
        let limits = AttemptLimits { started, deadline, cancel, compared: &compared, draw: &draw };
        let mut hint = |guidance| hints.push(guidance);
        let outcome = preview(&mut camera, &mut ScriptedRecogniser, &limits, &mut hint);
        assert!(!compared.is_set(), "{script:?}: a face was compared");
        if !cancel.is_raised() {
            assert!(camera.frame(started).unwrap().is_none(), "{script:?}: frames were left over");
        }
        (outcome, hints)
    }

    #[test]
    fn each_frame_gets_its_hint_until_the_time_is_over() {
        let script =
            [Scene::Nobody, Scene::TwoFaces, Scene::User(0), Scene::Stranger, Scene::UpsideDown(0)];
        let (outcome, hints) = seen(&script, &CancelFlag::default());
        assert_eq!(outcome, Ok(()));
        let wanted = [
            Guidance::NoFace,
            Guidance::TwoFaces,
            Guidance::Good,
            Guidance::Good,
            Guidance::UpsideDown,
        ];
        assert_eq!(hints, wanted, "a stranger is as good as the user");
    }

    #[test]
    fn a_picture_that_is_upside_down_is_turned() {
        let script: Vec<Scene> = (0..4).map(Scene::UpsideDown).collect();
        let (outcome, hints) = seen(&script, &CancelFlag::default());
        assert_eq!(outcome, Ok(()));
        assert_eq!(hints[..3], [Guidance::UpsideDown; 3]);
        assert_eq!(hints[3], Guidance::Good);
    }

    #[test]
    fn a_caller_who_left_is_refused() {
        let cancel = CancelFlag::default();
        cancel.raise();
        assert_eq!(seen(&[Scene::User(0)], &cancel).0, Err(Refusal::Cancelled));
    }
}
