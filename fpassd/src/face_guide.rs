//! The way to one good, upright face: what a frame shows, and what the person should do next.
//! Nobody is compared here.

use fpass_camera::Frame;
use fpass_face::{Face, Observation, Orientation, QualityIssue, QualityLimits, QuarterTurn};
use fpass_proto::{Guidance, Refusal};

use crate::{
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, face_refusal, view},
    hints::flaw_guidance,
    upright::{self, SEARCHED_AFTER, TurnSearch, find_turned},
};

/// Frames in a row that must show a face turned in the same way before the frames are turned.
const TURNED_FRAMES: u32 = 3;

/// What a frame shows.
pub(crate) enum Guided {
    /// One good, upright face.
    Good(Face),
    /// Something else, and what the person should do.
    Hint(Guidance),
}

/// The frames so far.
#[derive(Default)]
pub(crate) struct FaceGuide {
    /// Frames in a row without a face.
    missed: u32,
    /// How the face was turned in the last frames that showed one, and their number.
    turned: Option<(QuarterTurn, u32)>,
}

impl FaceGuide {
    /// Examines the next frame.
    ///
    /// # Errors
    /// [`Refusal::EngineFailed`] when a stage of the recogniser failed.
    pub(crate) fn examine(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        limits: &AttemptLimits<'_>,
    ) -> Result<Guided, Refusal> {
        let view = &view(frame)?;
        let face = match recogniser.observe(view).map_err(|error| face_refusal(&error))? {
            Observation::NoFace { .. } => {
                return self.search_turned(recogniser, frame, limits).map(Guided::Hint);
            }
            Observation::SeveralFaces(_) => return Ok(Guided::Hint(Guidance::TwoFaces)),
            Observation::OneFace(face) => face,
        };
        self.missed = 0;
        let flaw = face.quality.assess(&QualityLimits::enrolment());
        // The pose of a turned face is read from landmarks that it does not have.
        if let None | Some(QualityIssue::OffPose { .. }) = flaw {
            let orientation = recogniser.orientation(view, &face);
            match (orientation.map_err(|error| face_refusal(&error))?, flaw) {
                (Orientation::Turned(turn), _) => return Ok(Guided::Hint(self.note_turned(turn))),
                (Orientation::Doubtful, None) => return Ok(Guided::Hint(Guidance::LookStraight)),
                (Orientation::Doubtful, Some(_)) => {}
                (Orientation::Upright, _) => self.turned = None,
            }
        }
        Ok(flaw.map_or(Guided::Good(face), |flaw| Guided::Hint(flaw_guidance(flaw))))
    }

    /// Searches every eighth frame in a row without a face for one that is turned. Faces on their
    /// side are not found otherwise.
    fn search_turned(
        &mut self,
        recogniser: &mut dyn FaceRecogniser,
        frame: &Frame,
        limits: &AttemptLimits<'_>,
    ) -> Result<Guidance, Refusal> {
        self.missed += 1;
        if self.missed.is_multiple_of(SEARCHED_AFTER) {
            match find_turned(recogniser, frame, limits)? {
                TurnSearch::Turned(turn) => return Ok(self.note_turned(turn)),
                TurnSearch::NotTurned => self.turned = None,
                TurnSearch::Interrupted => {}
            }
        }
        Ok(self.turned.map_or(Guidance::NoFace, |(turn, _)| upright::guidance(turn)))
    }

    /// Counts a frame with a turned face.
    fn note_turned(&mut self, turn: QuarterTurn) -> Guidance {
        let before = self.turned.filter(|(last, _)| *last == turn).map_or(0, |(_, count)| count);
        self.turned = Some((turn, before + 1));
        upright::guidance(turn)
    }

    /// How the face is turned, once enough frames agree.
    pub(crate) fn agreed_turn(&self) -> Option<QuarterTurn> {
        self.turned.filter(|(_, count)| *count >= TURNED_FRAMES).map(|(turn, _)| turn)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        cancel::CancelFlag,
        comparison_flag::ComparisonFlag,
        scripted::{Scene, ScriptedRecogniser, draw},
    };

    /// What is said about an empty frame in which a turned face is searched, after frames in which
    /// the picture was upside down.
    fn said_after_upside_down(time: Duration) -> Guidance {
        let mut guide = FaceGuide { missed: SEARCHED_AFTER - 1, ..Default::default() };
        guide.note_turned(QuarterTurn::Half);
        let started = Instant::now();
        let (cancel, compared) = (CancelFlag::default(), ComparisonFlag::default());
        let deadline = started + time;
        let draw = draw();
        let limits =
            AttemptLimits { started, deadline, cancel: &cancel, compared: &compared, draw: &draw };
        let frame = Scene::Nobody.frame();
        guide.search_turned(&mut ScriptedRecogniser, &frame, &limits).unwrap()
    }

    #[test]
    fn a_search_that_the_deadline_ends_does_not_forget_that_the_picture_is_turned() {
        assert_eq!(said_after_upside_down(Duration::ZERO), Guidance::UpsideDown);
        assert_eq!(said_after_upside_down(Duration::from_secs(60)), Guidance::NoFace);
    }
}
