//! Whether the picture is upright, and how it must be turned if it is not.

use fpass_camera::{Frame, Rotation};
use fpass_face::{Observation, Orientation, QuarterTurn};
use fpass_proto::{Guidance, Refusal};

use crate::{
    face_recogniser::FaceRecogniser,
    frames::{face_refusal, view},
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

/// Searches a frame in which no face was found for one that is turned. The recogniser loses its
/// track.
///
/// # Errors
/// [`Refusal::EngineFailed`] when a stage of the recogniser failed.
pub(crate) fn find_turned(
    recogniser: &mut dyn FaceRecogniser,
    frame: &Frame,
) -> Result<Option<QuarterTurn>, Refusal> {
    let mut found = None;
    for turn in [QuarterTurn::Half, QuarterTurn::Quarter, QuarterTurn::ThreeQuarters] {
        recogniser.begin();
        let turned = frame.turned(rotation(turn));
        let view = view(&turned)?;
        let observation = recogniser.observe(&view).map_err(|error| face_refusal(&error))?;
        let Observation::OneFace(face) = observation else {
            continue;
        };
        let orientation = recogniser.orientation(&view, &face);
        if orientation.map_err(|error| face_refusal(&error))? == Orientation::Upright {
            found = Some(turn);
            break;
        }
    }
    recogniser.begin();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{SIDE, Scene, ScriptedRecogniser};

    fn found(scene: Scene) -> Option<QuarterTurn> {
        let frame = scene.frame();
        assert_eq!(frame.width(), SIDE);
        find_turned(&mut ScriptedRecogniser, &frame).unwrap()
    }

    #[test]
    fn only_a_face_that_is_upright_in_a_turned_frame_is_found() {
        for scene in [Scene::Nobody, Scene::Darkness, Scene::TwoFaces, Scene::Doubtful] {
            assert_eq!(found(scene), None, "{scene:?}");
        }
        assert_eq!(found(Scene::OnItsSide), Some(QuarterTurn::Quarter));
    }
}
