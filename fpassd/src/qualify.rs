//! How reliably the user is recognised at this camera: frames in, counts out.

use std::time::{Duration, Instant};

use fpass_camera::Camera;
use fpass_face::{Comparator, Gallery, Score};
use fpass_proto::{Guidance, Prompt, QualifyReport, Refusal, Strength, Verdict};

use crate::{
    cue::Cue,
    decide::{FrameResult, Policy},
    enroll::refusal_for,
    examine::{Examination, examine},
    face_recogniser::FaceRecogniser,
    frames::{AttemptLimits, next_frame},
    hints::flaw_guidance,
    live::{LiveParams, verify_live},
    trace::Trace,
    turn::TurnReports,
    upright::{self, SEARCHED_AFTER, TurnSearch, find_turned},
};

/// How long frames are examined.
const LOOK: Duration = Duration::from_secs(3);
/// Number of compared frames after which it stops.
const JUDGED_ENOUGH: u32 = 40;
/// Share of the compared frames, in per cent, that must match for more than a weak result.
const MATCHING_PERCENT: u32 = 90;
/// Fewest compared frames for more than a weak result.
const JUDGED_MIN: u32 = 5;

/// What a qualification measures.
#[derive(Clone, Debug)]
pub(crate) struct QualifyParams {
    /// Templates of the user.
    pub(crate) gallery: Gallery,
    /// Thresholds by which frames are counted.
    pub(crate) thresholds: MatchThresholds,
    /// How the turn at the end is judged.
    pub(crate) policy: Policy,
}

/// The result of a qualification.
#[derive(Debug, PartialEq)]
pub(crate) struct Qualification {
    /// The report. That of a picture is the one of a stranger.
    pub(crate) report: QualifyReport,
    /// Whether a picture or another person was probably in front of the camera.
    pub(crate) is_suspicious: bool,
}

/// Thresholds by which frames are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatchThresholds {
    /// Comparator that computes the scores.
    pub(crate) comparator: Comparator,
    /// Threshold at the configured rate.
    pub(crate) configured: Score,
    /// Threshold at the stricter rate.
    pub(crate) strict: Score,
}

/// Counts of the frames so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    judged: u32,
    matching: u32,
    strictly_matching: u32,
    /// Why frames were not compared, each with the number of frames.
    flaws: Vec<(Guidance, u32)>,
}

impl Tally {
    /// Adds one frame.
    fn add(&mut self, result: FrameResult, thresholds: &MatchThresholds) {
        let guidance = match result {
            FrameResult::Compared(score) => {
                self.judged += 1;
                self.matching += u32::from(score.reaches(thresholds.configured));
                self.strictly_matching += u32::from(score.reaches(thresholds.strict));
                return;
            }
            FrameResult::Nobody => Guidance::NoFace,
            FrameResult::Dark => Guidance::TooDark,
            FrameResult::Several => Guidance::TwoFaces,
            FrameResult::Flawed(flaw) => flaw_guidance(flaw),
            FrameResult::Turned(turn) => upright::guidance(turn),
            FrameResult::Doubtful | FrameResult::NotNeutral(_) | FrameResult::Seen => {
                Guidance::LookStraight
            }
        };
        match self.flaws.iter_mut().find(|(known, _)| *known == guidance) {
            Some((_, count)) => *count += 1,
            None => self.flaws.push((guidance, 1)),
        }
    }

    /// Whether the frames so far are `count`, and none of them showed anybody.
    fn is_nobody_since(&self, count: u32) -> bool {
        self.judged == 0 && self.flaws == [(Guidance::NoFace, count)]
    }

    /// The most frequent flaw.
    fn flaw(&self) -> Option<Guidance> {
        self.flaws.iter().max_by_key(|(_, count)| *count).map(|(guidance, _)| *guidance)
    }

    /// Whether nearly all compared frames are among `count`.
    fn nearly_all(&self, count: u32) -> bool {
        count * 100 >= self.judged * MATCHING_PERCENT
    }

    fn strength(&self) -> Strength {
        if self.judged < JUDGED_MIN || !self.nearly_all(self.matching) {
            Strength::Weak
        } else if self.nearly_all(self.strictly_matching) {
            Strength::Strong
        } else {
            Strength::Fair
        }
    }

    /// The report. Without a compared frame, the refusal for the most frequent flaw.
    pub(crate) fn conclude(&self) -> Result<QualifyReport, Refusal> {
        if self.judged == 0 {
            return Err(self.flaw().map_or(Refusal::DeadlinePassed, refusal_for));
        }
        Ok(QualifyReport {
            judged: self.judged,
            matching: self.matching,
            strictly_matching: self.strictly_matching,
            flawed: self.flaws.iter().map(|(_, count)| count).sum(),
            flaw: self.flaw().map(Guidance::as_str).unwrap_or_default().to_owned(),
            strength: self.strength().as_str().to_owned(),
            separation: 0,
        })
    }
}

/// The report with the separation of the templates from strangers, in per cent of what a new
/// template needs. Templates that would not be admitted today are weak.
pub(crate) fn with_separation(report: QualifyReport, separation: u32) -> QualifyReport {
    let strength =
        if separation < 100 { Strength::Weak.as_str().to_owned() } else { report.strength };
    QualifyReport { separation, strength, ..report }
}

/// The report for a stranger who was seen in as many frames.
fn of_stranger(report: QualifyReport) -> QualifyReport {
    let strength = Strength::Weak.as_str().to_owned();
    QualifyReport { matching: 0, strictly_matching: 0, strength, ..report }
}

/// Examines frames until there are enough, or until the deadline. Then the person must be no
/// picture, if the policy says so.
pub(crate) fn qualify(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    params: &QualifyParams,
    limits: &AttemptLimits<'_>,
    cue: &mut dyn FnMut(Cue),
) -> Result<Qualification, Refusal> {
    let QualifyParams { gallery, thresholds, policy } = params;
    cue(Cue::Prompt(Prompt::Look));
    let report = measure(camera, recogniser, gallery, thresholds, limits)?;
    let Some(check) = policy.liveness else {
        return Ok(Qualification { report, is_suspicious: false });
    };
    let params = LiveParams { gallery, policy, check, opens: false };
    let mut trace = Trace::default();
    let mut reports = TurnReports { trace: &mut trace, cue, hint: &mut |_| () };
    let live = verify_live(camera, recogniser, &params, limits, &mut reports)?;
    let report = match live.verdict {
        Verdict::Match => report,
        Verdict::NoMatch => of_stranger(report),
    };
    Ok(Qualification { report, is_suspicious: live.is_suspicious })
}

/// Examines frames until there are enough, or until the deadline.
fn measure(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    gallery: &Gallery,
    thresholds: &MatchThresholds,
    limits: &AttemptLimits<'_>,
) -> Result<QualifyReport, Refusal> {
    let deadline = limits.deadline.min(Instant::now() + LOOK);
    let limits = AttemptLimits { deadline, ..*limits };
    let mut tally = Tally::default();
    let mut trace = Trace::default();
    recogniser.begin();
    while tally.judged < JUDGED_ENOUGH {
        let Some(frame) = next_frame(camera, &limits)? else {
            break;
        };
        let examination = Examination {
            gallery,
            comparator: thresholds.comparator,
            compared: limits.compared,
            is_known_upright: false,
        };
        let (mut result, _) = examine(recogniser, &frame, &examination, &mut trace)?;
        if result == FrameResult::Nobody
            && tally.is_nobody_since(SEARCHED_AFTER)
            && let TurnSearch::Turned(turn) = find_turned(recogniser, &frame, &limits)?
        {
            tally = Tally::default();
            result = FrameResult::Turned(turn);
        }
        tally.add(result, thresholds);
    }
    if limits.cancel.is_raised() { Err(Refusal::Cancelled) } else { tally.conclude() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cancel::CancelFlag,
        comparison_flag::ComparisonFlag,
        scripted::{POLICY, Scene, ScriptedCamera, ScriptedRecogniser, draw, gallery},
    };

    const THRESHOLDS: MatchThresholds = MatchThresholds {
        comparator: Comparator::Fused,
        configured: Score::new(0.4),
        strict: Score::new(0.6),
    };

    fn tally(scores: &[f32]) -> Tally {
        let mut tally = Tally::default();
        for score in scores {
            tally.add(FrameResult::Compared(Score::new(*score)), &THRESHOLDS);
        }
        tally
    }

    fn measured(script: &[Scene], cancel: &CancelFlag) -> Result<QualifyReport, Refusal> {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let deadline = started + Duration::from_millis(60);
        let limits = AttemptLimits {
            started,
            deadline,
            cancel,
            compared: &ComparisonFlag::default(),
            draw: &draw(),
        };
        let params = QualifyParams { gallery: gallery(), thresholds: THRESHOLDS, policy: POLICY };
        let mut cues = Vec::new();
        let mut cue = |said| cues.push(said);
        let qualified = qualify(&mut camera, &mut ScriptedRecogniser, &params, &limits, &mut cue);
        assert_eq!(cues, [Cue::Prompt(Prompt::Look)]);
        qualified.map(|Qualification { report, is_suspicious }| {
            assert!(!is_suspicious);
            report
        })
    }

    #[test]
    fn each_condition_without_a_comparison_has_its_own_refusal() {
        let rows: [(&[Scene], Refusal); 5] = [
            (&[], Refusal::DeadlinePassed),
            (&[Scene::Nobody], Refusal::NoFace),
            (&[Scene::Darkness, Scene::Darkness, Scene::Nobody], Refusal::TooDark),
            (&[Scene::TwoFaces], Refusal::SeveralFaces),
            (&[Scene::Blurred], Refusal::Unclear),
        ];
        for (script, refusal) in rows {
            assert_eq!(measured(script, &CancelFlag::default()), Err(refusal), "{script:?}");
        }
        let cancel = CancelFlag::default();
        cancel.raise();
        assert_eq!(measured(&[Scene::User(0)], &cancel), Err(Refusal::Cancelled));
    }

    #[test]
    fn strangers_and_nan_scores_never_match() {
        let report = measured(&[Scene::Stranger; 6], &CancelFlag::default()).unwrap();
        assert_eq!((report.judged, report.matching, report.strictly_matching), (6, 0, 0));
        assert_eq!(report.strength, "weak");
        assert_eq!(tally(&[f32::NAN; 6]).strength(), Strength::Weak);
    }

    #[test]
    fn the_report_of_a_picture_is_that_of_a_stranger() {
        let script =
            [Scene::User(0), Scene::User(1), Scene::User(2), Scene::User(3), Scene::User(4)];
        let user = measured(&script, &CancelFlag::default()).unwrap();
        let stranger = measured(&[Scene::Stranger; 5], &CancelFlag::default()).unwrap();
        assert_eq!((user.matching, user.strength.as_str()), (5, "strong"));
        assert_eq!(of_stranger(user), stranger);
    }

    #[test]
    fn a_tenth_of_the_frames_may_fail() {
        let with = |failing: usize, other: f32| {
            let mut scores = vec![0.7; 20 - failing];
            scores.extend(vec![other; failing]);
            tally(&scores).strength()
        };
        assert_eq!(with(3, 0.3), Strength::Weak);
        assert_eq!(with(3, 0.5), Strength::Fair);
        assert_eq!(with(2, 0.3), Strength::Strong);
        assert_eq!(tally(&[0.7; 4]).strength(), Strength::Weak, "too few frames");
    }

    #[test]
    fn templates_too_close_to_strangers_are_weak() {
        let report = tally(&[0.7; 20]).conclude().unwrap();
        assert_eq!(with_separation(report.clone(), 99).strength, "weak");
        let far = with_separation(report, 100);
        assert_eq!((far.strength.as_str(), far.separation), ("strong", 100));
    }

    #[test]
    fn a_turned_picture_is_a_flaw_and_is_not_compared() {
        let rows: [(&[Scene], Guidance); 3] = [
            (&[Scene::UpsideDown(0)], Guidance::UpsideDown),
            (&[Scene::OnItsSide; 9], Guidance::Sideways),
            (&[Scene::Doubtful], Guidance::LookStraight),
        ];
        for (turned, guidance) in rows {
            let script = [turned, &[Scene::User(0)]].concat();
            let report = measured(&script, &CancelFlag::default()).unwrap();
            assert_eq!((report.judged, report.flaw.as_str()), (1, guidance.as_str()));
        }
    }

    #[test]
    fn the_most_frequent_flaw_is_named() {
        let script = [Scene::User(0), Scene::Nobody, Scene::Blurred, Scene::Blurred];
        let report = measured(&script, &CancelFlag::default()).unwrap();
        assert_eq!((report.judged, report.matching, report.flawed), (1, 1, 3));
        assert_eq!(report.flaw, Guidance::HoldStill.as_str());
    }
}
