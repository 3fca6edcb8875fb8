//! Whether the picture is upright, and how it must be turned if it is not.

use fpass_camera::{Frame, Rotation};
use fpass_face::{Observation, Orientation, QuarterTurn};
use fpass_proto::{Guidance, Refusal};

use crate::{
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, face_refusal, view},
};

/// Frames in a row without a face after which the frame is also searched turned.
pub(crate) const SEARCHED_AFTER: u32 = 8;

/// The rotation that makes a picture upright.
pub(crate) fn rotation(turn: QuarterTurn) -> Rotation {
    match turn {
        QuarterTurn::Quarter => Rotation::Quarter,
        QuarterTurn::Half => Rotation::Half,
        QuarterTurn::ThreeQuarters => Rotation::ThreeQuarters,
    }
}

/// What to tell the person about a picture that is turned.
pub(crate) fn guidance(turn: QuarterTurn) -> Guidance {
    match turn {
        QuarterTurn::Half => Guidance::UpsideDown,
        QuarterTurn::Quarter | QuarterTurn::ThreeQuarters => Guidance::Sideways,
    }
}

/// The result of a search for a turned face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnSearch {
    /// A face is upright once the frame is turned by this.
    Turned(QuarterTurn),
    /// No turned frame shows an upright face.
    NotTurned,
    /// The attempt had to end before each orientation was searched: nothing is known.
    Interrupted,
}

/// Searches a frame in which no face was found for one that is turned, until the attempt must end.
/// The recogniser loses its track.
///
/// # Errors
/// [`Refusal::EngineFailed`] when a stage of the recogniser failed.
pub(crate) fn find_turned(
    recogniser: &mut dyn FaceRecogniser,
    frame: &Frame,
    limits: &AttemptLimits<'_>,
) -> Result<TurnSearch, Refusal> {
    let mut found = TurnSearch::NotTurned;
    for turn in [QuarterTurn::Half, QuarterTurn::Quarter, QuarterTurn::ThreeQuarters] {
        if limits.have_passed() {
            found = TurnSearch::Interrupted;
            break;
        }
        recogniser.begin();
        let turned = frame.turned(rotation(turn));
        let view = view(&turned)?;
        let observation = recogniser.observe(&view).map_err(|error| face_refusal(&error))?;
        let Observation::OneFace(face) = observation else {
            continue;
        };
        let orientation = recogniser.orientation(&view, &face);
        if orientation.map_err(|error| face_refusal(&error))? == Orientation::Upright {
            found = TurnSearch::Turned(turn);
            break;
        }
    }
    recogniser.begin();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        cancel::CancelFlag,
        comparison_flag::ComparisonFlag,
        scripted::{SIDE, Scene, ScriptedRecogniser, draw},
    };

    fn search(scene: Scene, time: Duration, is_cancelled: bool) -> TurnSearch {
        let frame = scene.frame();
        assert_eq!(frame.width(), SIDE);
        let started = Instant::now();
        let (cancel, compared) = (CancelFlag::default(), ComparisonFlag::default());
        if is_cancelled {
            cancel.raise();
        }
        let deadline = started + time;
        let limits = AttemptLimits {
            started,
            deadline,
            cancel: &cancel,
            compared: &compared,
            draw: &draw(),
        };
        find_turned(&mut ScriptedRecogniser, &frame, &limits).unwrap()
    }

    fn found(scene: Scene) -> TurnSearch {
        search(scene, Duration::from_secs(60), false)
    }

    #[test]
    fn a_search_that_must_end_says_nothing_about_the_frame() {
        for scene in [Scene::Nobody, Scene::OnItsSide] {
            let late = search(scene, Duration::ZERO, false);
            assert_eq!(late, TurnSearch::Interrupted, "{scene:?}");
            let cancelled = search(scene, Duration::from_secs(60), true);
            assert_eq!(cancelled, TurnSearch::Interrupted, "{scene:?}");
        }
    }

    #[test]
    fn only_a_face_that_is_upright_in_a_turned_frame_is_found() {
        for scene in [Scene::Nobody, Scene::Darkness, Scene::TwoFaces, Scene::Doubtful] {
            assert_eq!(found(scene), TurnSearch::NotTurned, "{scene:?}");
        }
        assert_eq!(found(Scene::OnItsSide), TurnSearch::Turned(QuarterTurn::Quarter));
    }
}
