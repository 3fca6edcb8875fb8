//! How many prompts an attempt has, and what may be tried again.

use super::decide::{Interruption, PromptOutcome};

/// New neutral frames after an interruption, in one attempt.
const RESTARTS: u8 = 2;
/// How often a prompt that was not followed in time is asked again, in one attempt.
const RETRIES: u8 = 1;

/// The prompts of one attempt. Each begins with a neutral frame of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    followed_needed: u8,
    restarts: u8,
    retries: u8,
}

/// What follows a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextStep {
    /// Every prompt was followed.
    Accept,
    /// The next prompt of the sequence, from a new neutral frame.
    Next,
    /// The prompt that ended once more, from a new neutral frame: light, camera or a lost track
    /// ended it. Another one could suit a recording better.
    Again,
    /// A turn to a new direction instead of the prompt that ended, from a new neutral frame.
    OtherWay,
    /// The attempt failed.
    Fail(LivenessFailure),
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LivenessFailure {
    /// The head turned to the other side.
    WrongWay,
    /// The head moved though it had to be still.
    Moved,
    /// No turn of a solid head in time, twice.
    NoTurn,
    /// The head that turned is not that of the neutral frame, twice.
    AnotherPerson,
    /// The camera was too slow, twice.
    TooFewFrames,
    /// The picture was too poor to compare, twice.
    NotComparable,
    /// Interrupted three times, the last time so.
    Interrupted(Interruption),
    /// No neutral frame in the time of a prompt.
    NoNeutral,
}

impl LivenessFailure {
    /// Whether a picture or another person explains the failure rather than light, camera or a lost
    /// track.
    #[must_use]
    pub fn is_suspicious(self) -> bool {
        match self {
            Self::WrongWay | Self::Moved | Self::NoTurn | Self::AnotherPerson => true,
            Self::TooFewFrames | Self::NotComparable | Self::Interrupted(_) | Self::NoNeutral => {
                false
            }
        }
    }
}

impl Challenge {
    /// An attempt in which nothing may be tried again.
    pub(super) fn exhausted() -> Self {
        Self { followed_needed: 1, restarts: 0, retries: 0 }
    }

    /// An attempt in which `prompts` prompts must be followed; 0 counts as 1.
    #[must_use]
    pub fn new(prompts: u8) -> Self {
        Self { followed_needed: prompts.max(1), restarts: RESTARTS, retries: RETRIES }
    }

    /// What follows a prompt that ended so.
    pub fn proceed(&mut self, outcome: PromptOutcome) -> NextStep {
        match outcome {
            PromptOutcome::Followed => {
                self.followed_needed = self.followed_needed.saturating_sub(1);
                if self.followed_needed == 0 { NextStep::Accept } else { NextStep::Next }
            }
            PromptOutcome::WrongWay => NextStep::Fail(LivenessFailure::WrongWay),
            PromptOutcome::Moved => NextStep::Fail(LivenessFailure::Moved),
            PromptOutcome::NoTurn => self.retry(LivenessFailure::NoTurn),
            PromptOutcome::AnotherPerson => self.retry(LivenessFailure::AnotherPerson),
            PromptOutcome::TooFewFrames => self.retry(LivenessFailure::TooFewFrames),
            PromptOutcome::NotComparable => self.retry(LivenessFailure::NotComparable),
            PromptOutcome::Interrupted(interruption) => {
                let failure = LivenessFailure::Interrupted(interruption);
                spend(&mut self.restarts, failure, NextStep::Again)
            }
        }
    }

    fn retry(&mut self, failure: LivenessFailure) -> NextStep {
        // Suspicion alone leads to a new direction.
        let next = if failure.is_suspicious() { NextStep::OtherWay } else { NextStep::Again };
        spend(&mut self.retries, failure, next)
    }
}

/// The step `next` if something may still be tried again, else the failure.
fn spend(left: &mut u8, failure: LivenessFailure, next: NextStep) -> NextStep {
    match left.checked_sub(1) {
        Some(rest) => {
            *left = rest;
            next
        }
        None => NextStep::Fail(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERRUPTIONS: [Interruption; 5] = [
        Interruption::FaceLost,
        Interruption::SecondFace,
        Interruption::Jumped,
        Interruption::Resized,
        Interruption::OutOfOrder,
    ];

    #[test]
    fn every_outcome_has_its_step_at_first_and_when_nothing_is_left() {
        use NextStep::{Accept, Again, Fail, OtherWay};
        let rows = [
            (PromptOutcome::Followed, Accept, Accept),
            (
                PromptOutcome::WrongWay,
                Fail(LivenessFailure::WrongWay),
                Fail(LivenessFailure::WrongWay),
            ),
            (PromptOutcome::Moved, Fail(LivenessFailure::Moved), Fail(LivenessFailure::Moved)),
            (PromptOutcome::NoTurn, OtherWay, Fail(LivenessFailure::NoTurn)),
            (PromptOutcome::AnotherPerson, OtherWay, Fail(LivenessFailure::AnotherPerson)),
            (PromptOutcome::TooFewFrames, Again, Fail(LivenessFailure::TooFewFrames)),
            (PromptOutcome::NotComparable, Again, Fail(LivenessFailure::NotComparable)),
        ];
        let interrupted = INTERRUPTIONS.map(|interruption| {
            let failure = LivenessFailure::Interrupted(interruption);
            (PromptOutcome::Interrupted(interruption), Again, Fail(failure))
        });
        for (outcome, first, last) in rows.into_iter().chain(interrupted) {
            assert_eq!(Challenge::new(1).proceed(outcome), first, "{outcome:?}");
            let mut spent = Challenge { followed_needed: 1, restarts: 0, retries: 0 };
            assert_eq!(spent.proceed(outcome), last, "{outcome:?}");
        }
    }

    #[test]
    fn one_retry_and_two_restarts_are_all_of_an_attempt() {
        let mut challenge = Challenge::new(3);
        let lost = PromptOutcome::Interrupted(Interruption::FaceLost);
        assert_eq!(challenge.proceed(PromptOutcome::Followed), NextStep::Next);
        assert_eq!(challenge.proceed(lost), NextStep::Again);
        assert_eq!(challenge.proceed(PromptOutcome::NoTurn), NextStep::OtherWay);
        assert_eq!(challenge.proceed(PromptOutcome::Followed), NextStep::Next);
        assert_eq!(challenge.proceed(lost), NextStep::Again);
        assert!(matches!(challenge.clone().proceed(lost), NextStep::Fail(_)));
        assert!(matches!(challenge.clone().proceed(PromptOutcome::NoTurn), NextStep::Fail(_)));
        assert_eq!(challenge.proceed(PromptOutcome::Followed), NextStep::Accept);
    }

    #[test]
    fn an_attempt_without_prompts_needs_one() {
        assert_eq!(Challenge::new(0), Challenge::new(1));
    }

    #[test]
    fn light_camera_and_a_lost_track_are_not_suspicious() {
        for failure in [
            LivenessFailure::WrongWay,
            LivenessFailure::Moved,
            LivenessFailure::NoTurn,
            LivenessFailure::AnotherPerson,
        ] {
            assert!(failure.is_suspicious(), "{failure:?}");
        }
        for failure in [
            LivenessFailure::TooFewFrames,
            LivenessFailure::NotComparable,
            LivenessFailure::NoNeutral,
        ]
        .into_iter()
        .chain(INTERRUPTIONS.map(LivenessFailure::Interrupted))
        {
            assert!(!failure.is_suspicious(), "{failure:?}");
        }
    }
}
