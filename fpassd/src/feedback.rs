//! What an attempt tells its caller about the face in front of the camera.
//!
//! It is computed from what `observe` found in one frame, before anything is compared or judged. So
//! it can tell neither whose face it is nor whether the check of liveness goes well. See
//! docs/adr/0068-feedback-while-an-attempt-runs.md.

use std::time::Instant;

use fpass_face::{
    Comparator, Face, FaceError, Features, Observation, Orientation, QualityIssue, QualityLimits,
    RgbView, StageTimes,
};
use fpass_proto::{
    FaceFeedback,
    limits::{FEEDBACK_INTERVAL, FEEDBACK_MAX},
};

use crate::face_recogniser::FaceRecogniser;

/// A recogniser that also says what each frame shows.
pub(crate) struct ReportingRecogniser<'a> {
    inner: &'a mut dyn FaceRecogniser,
    report: &'a mut dyn FnMut(FaceFeedback),
    /// Whether the person is asked to turn the head: then a turned one is no fault.
    asks_for_turn: bool,
    was_seen: bool,
}

impl<'a> ReportingRecogniser<'a> {
    /// A recogniser whose frames are reported.
    pub(crate) fn new(
        inner: &'a mut dyn FaceRecogniser,
        report: &'a mut dyn FnMut(FaceFeedback),
        asks_for_turn: bool,
    ) -> Self {
        Self { inner, report, asks_for_turn, was_seen: false }
    }

    /// What a frame shows.
    fn seen(&mut self, observation: &Observation) -> FaceFeedback {
        let face = match observation {
            Observation::NoFace { .. } if self.was_seen => return FaceFeedback::Lost,
            Observation::NoFace { .. } => return FaceFeedback::Scanning,
            Observation::SeveralFaces(_) => return FaceFeedback::SeveralFaces,
            Observation::OneFace(face) => face,
        };
        self.was_seen = true;
        match face.quality.assess(&QualityLimits::default()) {
            None => FaceFeedback::Scanning,
            Some(QualityIssue::TooSmall) => FaceFeedback::MoveCloser,
            Some(QualityIssue::TooLarge) => FaceFeedback::MoveFurther,
            Some(QualityIssue::CutOff) => FaceFeedback::Recenter,
            Some(QualityIssue::TooDark) => FaceFeedback::TooDark,
            Some(QualityIssue::TooBright) => FaceFeedback::TooBright,
            Some(QualityIssue::OffPose { .. }) if self.asks_for_turn => FaceFeedback::Scanning,
            Some(QualityIssue::OffPose { .. }) => FaceFeedback::LookStraight,
            Some(QualityIssue::Blurred) => FaceFeedback::HoldStill,
        }
    }
}

impl FaceRecogniser for ReportingRecogniser<'_> {
    fn begin(&mut self) {
        self.inner.begin();
    }

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        let observation = self.inner.observe(view)?;
        let seen = self.seen(&observation);
        (self.report)(seen);
        Ok(observation)
    }

    fn orientation(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Orientation, FaceError> {
        self.inner.orientation(view, face)
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        self.inner.embed(view, face, wanted)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        self.inner.forget()
    }

    fn times(&self) -> StageTimes {
        self.inner.times()
    }
}

/// How often a caller is told: only what changed, with a pause between, and a bounded number of
/// times.
#[derive(Debug, Default)]
pub(crate) struct FeedbackLimit {
    last: Option<(FaceFeedback, Instant)>,
    sent: usize,
}

impl FeedbackLimit {
    /// Whether this is said at `now`.
    pub(crate) fn admit(&mut self, seen: FaceFeedback, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|(word, said)| {
            word != seen && now.saturating_duration_since(said) >= FEEDBACK_INTERVAL
        });
        if !is_due || self.sent >= FEEDBACK_MAX {
            return false;
        }
        self.last = Some((seen, now));
        self.sent += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scripted::{Scene, ScriptedRecogniser};

    /// What frames with these scenes are reported as.
    fn told(script: &[Scene], asks_for_turn: bool) -> Vec<FaceFeedback> {
        let mut told = Vec::new();
        let mut report = |seen| told.push(seen);
        let mut inner = ScriptedRecogniser;
        let mut recogniser = ReportingRecogniser::new(&mut inner, &mut report, asks_for_turn);
        for scene in script {
            let frame = scene.frame();
            let view = RgbView::new(frame.width(), frame.height(), frame.pixels()).unwrap();
            recogniser.observe(&view).unwrap();
        }
        told
    }

    #[test]
    fn the_user_and_a_stranger_are_told_the_same() {
        let with = |person| [Scene::Nobody, person, Scene::TwoFaces, person, Scene::Nobody];
        for asks_for_turn in [true, false] {
            let user = told(&with(Scene::User(0)), asks_for_turn);
            assert_eq!(user, told(&with(Scene::Stranger), asks_for_turn));
            let wanted = [
                FaceFeedback::Scanning,
                FaceFeedback::Scanning,
                FaceFeedback::SeveralFaces,
                FaceFeedback::Scanning,
                FaceFeedback::Lost,
            ];
            assert_eq!(user, wanted);
        }
    }

    #[test]
    fn only_changes_are_told_with_a_pause_and_not_without_end() {
        let start = Instant::now();
        let mut limit = FeedbackLimit::default();
        assert!(limit.admit(FaceFeedback::Scanning, start));
        let soon = start + FEEDBACK_INTERVAL - Duration::from_millis(1);
        assert!(!limit.admit(FaceFeedback::Lost, soon));
        assert!(!limit.admit(FaceFeedback::Scanning, start + FEEDBACK_INTERVAL));
        assert!(limit.admit(FaceFeedback::Lost, start + FEEDBACK_INTERVAL));
        let words = [FaceFeedback::Scanning, FaceFeedback::Lost];
        let later = (2..10_000).map(|step| start + FEEDBACK_INTERVAL * step);
        let told =
            later.zip(words.into_iter().cycle()).filter(|(now, word)| limit.admit(*word, *now));
        assert_eq!(told.count(), FEEDBACK_MAX - 2);
    }
}
