//! From the results of the frames of one attempt to its verdict: a pure table.

use std::time::Duration;

use fpass_face::{
    Comparator, QualityIssue, QuarterTurn, Score,
    liveness::{InfraredOutcome, Interruption, LivenessFailure, NeutralIssue},
};
use fpass_proto::{Refusal, Verdict};

use crate::liveness_check::LivenessCheck;

/// Result of one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FrameResult {
    /// No face, in light good enough to see one.
    Nobody,
    /// No face, and the frame is too dark to see one.
    Dark,
    /// More than one face.
    Several,
    /// One face whose quality is too low to compare it.
    Flawed(QualityIssue),
    /// One face that is upside down or on its side. It is not compared.
    Turned(QuarterTurn),
    /// Perhaps a face: the detector is not sure enough to compare it.
    Doubtful,
    /// One face whose pose or place is not that of a neutral frame. It is not compared.
    NotNeutral(NeutralIssue),
    /// One face that need not be compared.
    Seen,
    /// One face, compared with the gallery.
    Compared(Score),
}

impl FrameResult {
    /// Whether the user might have been exchanged in this frame.
    pub(crate) fn may_hide_an_exchange(&self) -> bool {
        match self {
            Self::Nobody | Self::Dark | Self::Several | Self::Turned(_) | Self::Doubtful => true,
            Self::Flawed(_) | Self::NotNeutral(_) | Self::Seen | Self::Compared(_) => false,
        }
    }

    /// The word for the log. It never contains a score.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Dark => "dark",
            Self::Several => "several",
            Self::Flawed(QualityIssue::TooSmall) => "too-small",
            Self::Flawed(QualityIssue::TooLarge) => "too-large",
            Self::Flawed(QualityIssue::CutOff) => "cut-off",
            Self::Flawed(QualityIssue::TooDark) => "face-too-dark",
            Self::Flawed(QualityIssue::TooBright) => "face-too-bright",
            Self::Flawed(QualityIssue::OffPose { .. }) => "off-pose",
            Self::Flawed(QualityIssue::Blurred) => "blurred",
            Self::Turned(_) => "turned",
            Self::Doubtful => "doubtful",
            Self::NotNeutral(_) => "not-neutral",
            Self::Seen => "seen",
            Self::Compared(_) => "judged",
        }
    }
}

/// When an attempt ends, and what it returns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    /// Comparator that computes the scores.
    pub(crate) comparator: Comparator,
    /// Smallest score that counts as the same person.
    pub(crate) threshold: Score,
    /// Consecutive frames that must match.
    pub(crate) agreeing_frames: u32,
    /// Compared frames after which the verdict is `NoMatch`.
    pub(crate) judged_frames: u32,
    /// Whether a match returns the features of the deciding frame.
    pub(crate) keep_probe: bool,
    /// What shows that the person is no picture; `None` for nothing.
    pub(crate) liveness: Option<LivenessCheck>,
    /// Time in front of the camera after which an attempt with `liveness` ends if it saw nobody.
    pub(crate) nobody_max: Duration,
}

/// Counts of the frames so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    agreeing: u32,
    judged: u32,
    opposed: u32,
    several: u32,
    dark: u32,
    nobody: u32,
    far: u32,
    near: u32,
    bright: u32,
    unclear: u32,
    turned: u32,
    seen: u32,
}

impl Evidence {
    /// Adds one frame, and returns the verdict if there are enough.
    ///
    /// Every frame in which the user might have been exchanged ends a run of agreeing frames:
    /// another face, several faces, no face, one that is not upright, darkness. A blurred face and
    /// one that looks aside neither end nor extend it.
    pub(crate) fn add(&mut self, result: FrameResult, policy: &Policy) -> Option<Verdict> {
        match result {
            FrameResult::Compared(score) => {
                self.judged += 1;
                if score.reaches(policy.threshold) {
                    self.agreeing += 1;
                } else {
                    self.agreeing = 0;
                    self.opposed += 1;
                }
            }
            FrameResult::Flawed(flaw) => match flaw {
                QualityIssue::TooDark => self.dark += 1,
                QualityIssue::TooSmall => self.far += 1,
                QualityIssue::TooLarge | QualityIssue::CutOff => self.near += 1,
                QualityIssue::TooBright => self.bright += 1,
                QualityIssue::OffPose { .. } | QualityIssue::Blurred => self.unclear += 1,
            },
            FrameResult::NotNeutral(issue) => match issue {
                NeutralIssue::TooSmall => self.far += 1,
                NeutralIssue::NearBorder => self.near += 1,
                NeutralIssue::NotOneFace
                | NeutralIssue::Uncertain
                | NeutralIssue::Turned
                | NeutralIssue::Tilted
                | NeutralIssue::Nodded
                | NeutralIssue::Moving => self.unclear += 1,
            },
            FrameResult::Seen => self.seen += 1,
            FrameResult::Doubtful => self.interrupt(|evidence| &mut evidence.unclear),
            FrameResult::Turned(_) => self.interrupt(|evidence| &mut evidence.turned),
            FrameResult::Several => self.interrupt(|evidence| &mut evidence.several),
            FrameResult::Dark => self.interrupt(|evidence| &mut evidence.dark),
            FrameResult::Nobody => self.interrupt(|evidence| &mut evidence.nobody),
        }
        if self.agreeing >= policy.agreeing_frames {
            Some(Verdict::Match)
        } else if self.judged >= policy.judged_frames {
            Some(Verdict::NoMatch)
        } else {
            None
        }
    }

    /// Whether the last compared face matched, and nobody can have taken its place since.
    pub(crate) fn is_agreeing(&self) -> bool {
        self.agreeing > 0
    }

    /// Whether the last compared faces are the user's, as many in a row as a match needs. After as
    /// many faces of others as end an attempt without a turn, they no longer are.
    pub(crate) fn is_expected(&self, policy: &Policy) -> bool {
        self.agreeing >= policy.agreeing_frames && self.opposed < policy.judged_frames
    }

    /// Whether further frames need not be compared: the faces agree, or can no longer do so.
    pub(crate) fn is_settled(&self, policy: &Policy) -> bool {
        self.agreeing >= policy.agreeing_frames || self.opposed >= policy.judged_frames
    }

    /// Whether as many frames were compared as end an attempt.
    pub(crate) fn is_judged_out(&self, policy: &Policy) -> bool {
        self.judged >= policy.judged_frames
    }

    /// Whether no frame so far showed anybody.
    pub(crate) fn is_nobody(&self) -> bool {
        self.frames() == self.nobody + self.dark
    }

    /// Whether the frames so far are `count`, and none of them showed anybody.
    pub(crate) fn is_nobody_since(&self, count: u32) -> bool {
        self.nobody == count && self.frames() == count
    }

    /// The result at the deadline: `NoMatch` if any compared face did not match; else that of
    /// [`Self::condition`].
    pub(crate) fn conclude(&self) -> Result<Verdict, Refusal> {
        if self.opposed > 0 { Ok(Verdict::NoMatch) } else { Err(self.condition()) }
    }

    /// Why nothing was decided, for every face alike: `SeveralFaces` if there were several; else
    /// `NotUpright` if the faces were turned rather than poor; else the most frequent condition.
    /// Faces that were too poor to compare count together against darkness and absence, and then
    /// the most frequent flaw is named.
    fn condition(&self) -> Refusal {
        if self.several > 0 {
            return Refusal::SeveralFaces;
        }
        let faces = self.flawed() + self.judged + self.seen;
        if self.turned > 0 && self.turned >= faces {
            return Refusal::NotUpright;
        }
        let most = faces.max(self.dark).max(self.nobody);
        if most == 0 {
            Refusal::DeadlinePassed
        } else if most == faces {
            self.name_flaw()
        } else if most == self.dark {
            Refusal::TooDark
        } else {
            Refusal::NoFace
        }
    }

    /// Number of frames examined.
    pub(crate) fn frames(&self) -> u32 {
        let faces = self.judged + self.seen + self.turned + self.flawed();
        faces + self.several + self.dark + self.nobody
    }

    /// Number of faces that were too poor to compare, for another reason than darkness.
    fn flawed(&self) -> u32 {
        self.far + self.near + self.bright + self.unclear
    }

    /// The refusal for the most frequent flaw. A face that decided nothing is as unclear as a
    /// blurred one.
    fn name_flaw(&self) -> Refusal {
        let unclear = self.unclear + self.judged + self.seen;
        let most = unclear.max(self.far).max(self.near).max(self.bright);
        if most == unclear {
            Refusal::Unclear
        } else if most == self.far {
            Refusal::TooFar
        } else if most == self.near {
            Refusal::TooNear
        } else {
            Refusal::TooBright
        }
    }

    fn interrupt(&mut self, counter: impl FnOnce(&mut Self) -> &mut u32) {
        self.agreeing = 0;
        *counter(self) += 1;
    }
}

/// How the prompts of an attempt with a turn of the head ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TurnEnding {
    /// They were followed by a solid head.
    Accepted {
        /// Whether its face is the user's.
        is_expected: bool,
    },
    /// They were not.
    Failed(LivenessFailure),
}

/// The decision of an attempt with a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TurnDecision {
    /// The verdict. A picture is told no more than a stranger.
    pub(crate) verdict: Verdict,
    /// Whether a picture or another person was probably in front of the camera. Only the counter of
    /// failures knows it.
    pub(crate) is_suspicious: bool,
}

/// Decides an attempt with a turn.
///
/// # Errors
/// Why nothing could be judged, for every face alike.
pub(crate) fn decide_turn(
    ending: TurnEnding,
    evidence: &Evidence,
) -> Result<TurnDecision, Refusal> {
    let failure = match ending {
        TurnEnding::Accepted { is_expected: true } => {
            return Ok(TurnDecision { verdict: Verdict::Match, is_suspicious: false });
        }
        TurnEnding::Accepted { is_expected: false } => {
            return Ok(TurnDecision { verdict: Verdict::NoMatch, is_suspicious: false });
        }
        TurnEnding::Failed(failure) => failure,
    };
    match failure {
        LivenessFailure::WrongWay
        | LivenessFailure::Moved
        | LivenessFailure::NoTurn
        | LivenessFailure::AnotherPerson => {
            Ok(TurnDecision { verdict: Verdict::NoMatch, is_suspicious: true })
        }
        LivenessFailure::TooFewFrames => Err(Refusal::TooSlow),
        LivenessFailure::NotComparable => Err(Refusal::Unclear),
        LivenessFailure::Interrupted(interruption) => Err(match interruption {
            Interruption::FaceLost if evidence.dark > evidence.nobody => Refusal::TooDark,
            Interruption::FaceLost => Refusal::NoFace,
            Interruption::SecondFace => Refusal::SeveralFaces,
            Interruption::Jumped | Interruption::Resized | Interruption::OutOfOrder => {
                Refusal::Unclear
            }
        }),
        LivenessFailure::NoNeutral => Err(evidence.condition()),
    }
}

/// Decides an attempt with an infra-red camera, by the light on the face and whose face it is.
///
/// # Errors
/// Why nothing could be judged, for every face alike.
pub(crate) fn decide_infrared(
    light: InfraredOutcome,
    verdict: Verdict,
) -> Result<TurnDecision, Refusal> {
    match light {
        InfraredOutcome::Lit => Ok(TurnDecision { verdict, is_suspicious: false }),
        InfraredOutcome::Unlit => {
            Ok(TurnDecision { verdict: Verdict::NoMatch, is_suspicious: true })
        }
        InfraredOutcome::NoAlternation => Err(Refusal::CameraUnsuitable),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: Policy = Policy {
        comparator: Comparator::Fused,
        threshold: Score::new(0.4),
        agreeing_frames: 2,
        judged_frames: 4,
        keep_probe: false,
        liveness: None,
        nobody_max: Duration::from_secs(5),
    };

    fn judged(score: f32) -> FrameResult {
        FrameResult::Compared(Score::new(score))
    }

    fn play(results: &[FrameResult]) -> (Option<Verdict>, Evidence) {
        let mut evidence = Evidence::default();
        let verdict = results.iter().find_map(|result| evidence.add(*result, &POLICY));
        (verdict, evidence)
    }

    const USER: f32 = 0.7;
    const STRANGER: f32 = 0.3;

    #[test]
    fn one_agreeing_frame_is_not_enough() {
        assert_eq!(play(&[judged(USER)]).0, None);
        assert_eq!(play(&[judged(USER), judged(USER)]).0, Some(Verdict::Match));
    }

    #[test]
    fn a_run_ends_at_any_frame_that_may_hide_an_exchange() {
        for between in [
            judged(STRANGER),
            FrameResult::Several,
            FrameResult::Nobody,
            FrameResult::Dark,
            FrameResult::Doubtful,
            FrameResult::Turned(QuarterTurn::Half),
        ] {
            assert_eq!(play(&[judged(USER), between, judged(USER)]).0, None, "{between:?}");
        }
        let blurred = FrameResult::Flawed(QualityIssue::Blurred);
        assert_eq!(play(&[judged(USER), blurred, judged(USER)]).0, Some(Verdict::Match));
    }

    #[test]
    fn nan_scores_never_agree() {
        for score in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_ne!(play(&[judged(score); 4]).0, Some(Verdict::Match), "{score}");
        }
    }

    #[test]
    fn strangers_are_refused_after_the_judged_frames() {
        assert_eq!(play(&[judged(STRANGER); 3]).0, None);
        assert_eq!(play(&[judged(STRANGER); 4]).0, Some(Verdict::NoMatch));
        let (_, evidence) = play(&[judged(STRANGER), FrameResult::Nobody, FrameResult::Nobody]);
        assert_eq!(evidence.conclude(), Ok(Verdict::NoMatch));
    }

    #[test]
    fn each_condition_at_the_deadline_has_its_own_refusal() {
        use FrameResult::{Dark, Doubtful, Flawed, Nobody, Several};
        let off_pose = QualityIssue::OffPose { yaw: 40.0, pitch: 0.0, roll: 0.0 };
        let turned = FrameResult::Turned(QuarterTurn::Half);
        let rows: [(&[FrameResult], Refusal); 20] = [
            (&[], Refusal::DeadlinePassed),
            (&[Nobody], Refusal::NoFace),
            (&[Dark, Dark, Nobody], Refusal::TooDark),
            (&[Flawed(QualityIssue::TooDark)], Refusal::TooDark),
            (&[Several, Nobody, Nobody], Refusal::SeveralFaces),
            (&[judged(USER), Several, judged(USER), Several], Refusal::SeveralFaces),
            (&[Flawed(QualityIssue::Blurred), Nobody], Refusal::Unclear),
            (&[judged(USER)], Refusal::Unclear),
            (&[Flawed(QualityIssue::TooSmall), Nobody], Refusal::TooFar),
            (&[Flawed(QualityIssue::TooLarge)], Refusal::TooNear),
            (&[Flawed(QualityIssue::CutOff)], Refusal::TooNear),
            (&[Flawed(QualityIssue::TooBright)], Refusal::TooBright),
            (&[Flawed(off_pose)], Refusal::Unclear),
            // Faces of any flaw are more frequent than their absence.
            (&[Flawed(QualityIssue::TooSmall), Flawed(off_pose), Nobody, Nobody], Refusal::Unclear),
            (&[Flawed(QualityIssue::TooSmall), Nobody, Nobody], Refusal::NoFace),
            (&[Doubtful, Nobody], Refusal::Unclear),
            (&[turned], Refusal::NotUpright),
            (&[Nobody, Nobody, Dark, turned], Refusal::NotUpright),
            (&[turned, Doubtful, Doubtful], Refusal::Unclear),
            (&[turned, Several], Refusal::SeveralFaces),
        ];
        for (results, refusal) in rows {
            let (verdict, evidence) = play(results);
            assert_eq!(verdict, None, "{results:?}");
            assert_eq!(evidence.conclude(), Err(refusal), "{results:?}");
        }
    }

    #[test]
    fn a_face_that_is_not_neutral_is_a_condition_and_does_not_end_a_run() {
        use FrameResult::{NotNeutral, Seen};
        let rows: [(&[FrameResult], Refusal); 5] = [
            (&[NotNeutral(NeutralIssue::TooSmall)], Refusal::TooFar),
            (&[NotNeutral(NeutralIssue::NearBorder)], Refusal::TooNear),
            (&[NotNeutral(NeutralIssue::Turned)], Refusal::Unclear),
            (&[NotNeutral(NeutralIssue::Moving), FrameResult::Nobody], Refusal::Unclear),
            (&[Seen, Seen, FrameResult::Nobody], Refusal::Unclear),
        ];
        for (results, refusal) in rows {
            assert_eq!(play(results).1.conclude(), Err(refusal), "{results:?}");
        }
        for between in [Seen, NotNeutral(NeutralIssue::Turned)] {
            assert!(play(&[judged(USER), between]).1.is_agreeing());
        }
    }

    #[test]
    fn the_face_is_the_users_after_agreeing_frames_unless_too_many_were_not() {
        let is_expected = |results: &[FrameResult]| play(results).1.is_expected(&POLICY);
        assert!(!is_expected(&[]));
        assert!(!is_expected(&[judged(USER)]));
        assert!(is_expected(&[judged(USER), judged(USER)]));
        for interruption in [judged(STRANGER), FrameResult::Nobody, FrameResult::Several] {
            let mut evidence = play(&[judged(USER), judged(USER)]).1;
            evidence.add(interruption, &POLICY);
            assert!(!evidence.is_expected(&POLICY), "{interruption:?}");
        }
        let mut evidence = Evidence::default();
        for _ in 0..POLICY.judged_frames {
            assert!(!evidence.is_settled(&POLICY));
            evidence.add(judged(STRANGER), &POLICY);
        }
        assert!(evidence.is_settled(&POLICY));
        for _ in 0..POLICY.agreeing_frames {
            evidence.add(judged(USER), &POLICY);
        }
        assert!(!evidence.is_expected(&POLICY));
    }

    #[test]
    fn only_an_accepted_turn_of_the_user_is_a_match() {
        let failures = [
            (LivenessFailure::WrongWay, None),
            (LivenessFailure::Moved, None),
            (LivenessFailure::NoTurn, None),
            (LivenessFailure::AnotherPerson, None),
            (LivenessFailure::TooFewFrames, Some(Refusal::TooSlow)),
            (LivenessFailure::NotComparable, Some(Refusal::Unclear)),
            (LivenessFailure::Interrupted(Interruption::FaceLost), Some(Refusal::NoFace)),
            (LivenessFailure::Interrupted(Interruption::SecondFace), Some(Refusal::SeveralFaces)),
            (LivenessFailure::Interrupted(Interruption::Jumped), Some(Refusal::Unclear)),
            (LivenessFailure::Interrupted(Interruption::Resized), Some(Refusal::Unclear)),
            (LivenessFailure::Interrupted(Interruption::OutOfOrder), Some(Refusal::Unclear)),
            (LivenessFailure::NoNeutral, Some(Refusal::Unclear)),
        ];
        // The user and a stranger hear the same.
        for face in [USER, STRANGER] {
            let evidence = play(&[judged(face), judged(face)]).1;
            for (failure, refusal) in failures {
                let decided = decide_turn(TurnEnding::Failed(failure), &evidence);
                let attack = TurnDecision { verdict: Verdict::NoMatch, is_suspicious: true };
                assert_eq!(decided, refusal.map_or(Ok(attack), Err), "{failure:?}");
                assert_eq!(refusal.is_none(), failure.is_suspicious(), "{failure:?}");
            }
        }
        for (is_expected, verdict) in [(true, Verdict::Match), (false, Verdict::NoMatch)] {
            let decided = decide_turn(TurnEnding::Accepted { is_expected }, &Evidence::default());
            assert_eq!(decided, Ok(TurnDecision { verdict, is_suspicious: false }));
        }
    }

    #[test]
    fn only_a_lit_face_of_the_user_is_a_match() {
        for verdict in [Verdict::Match, Verdict::NoMatch] {
            let lit = decide_infrared(InfraredOutcome::Lit, verdict);
            assert_eq!(lit, Ok(TurnDecision { verdict, is_suspicious: false }));
            let unlit = decide_infrared(InfraredOutcome::Unlit, verdict);
            let picture = TurnDecision { verdict: Verdict::NoMatch, is_suspicious: true };
            assert_eq!(unlit, Ok(picture));
            let constant = decide_infrared(InfraredOutcome::NoAlternation, verdict);
            assert_eq!(constant, Err(Refusal::CameraUnsuitable));
        }
    }

    #[test]
    fn a_face_lost_in_the_dark_is_darkness() {
        let lost = TurnEnding::Failed(LivenessFailure::Interrupted(Interruption::FaceLost));
        let evidence = play(&[judged(USER), FrameResult::Dark]).1;
        assert_eq!(decide_turn(lost, &evidence), Err(Refusal::TooDark));
    }

    fn any_result() -> impl Strategy<Value = FrameResult> {
        prop_oneof![
            Just(FrameResult::Nobody),
            Just(FrameResult::Dark),
            Just(FrameResult::Several),
            Just(FrameResult::Flawed(QualityIssue::Blurred)),
            Just(FrameResult::Turned(QuarterTurn::Quarter)),
            Just(FrameResult::Doubtful),
            any::<f32>().prop_map(judged),
        ]
    }

    proptest! {
        #[test]
        fn a_match_needs_two_frames_within_the_limit(
            results in proptest::collection::vec(any_result(), 0..20)
        ) {
            let within = |s: &&FrameResult| matches!(s, FrameResult::Compared(score) if score.reaches(Score::new(0.4)));
            let count = results.iter().filter(within).count();
            if play(&results).0 == Some(Verdict::Match) {
                prop_assert!(count >= 2);
            }
            prop_assert_ne!(play(&results).1.conclude(), Ok(Verdict::Match));
        }
    }
}
