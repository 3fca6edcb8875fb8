//! How long the numbers that choose the prompts of a user stay the same: a pure rule.

use std::time::Duration;

use crate::throttle::Settlement;

/// Attempts that were counted as failed and had no verdict, after which the numbers are drawn
/// again.
const UNJUDGED_MAX: u8 = 3;
/// Shortest time from the first of them to the next draw.
const UNJUDGED_TIME: Duration = Duration::from_secs(30);

/// The random numbers of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PromptNumbers {
    /// Chooses the prompts that are asked first.
    pub(crate) first: u32,
    /// Chooses the prompt after one that was not followed.
    pub(crate) retry: u32,
}

impl PromptNumbers {
    /// Numbers whose first prompt is not that of `others`: one turn goes to the other side, and of
    /// the sequences, odd and even numbers choose different ones.
    #[must_use]
    pub(crate) fn unlike(self, others: Self) -> Self {
        Self { first: (self.first & !1) | (!others.first & 1), ..self }
    }
}

/// How an attempt ended, for the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptEnd {
    /// With a match, or with another verdict, which is counted as a failure.
    Judged,
    /// Without a verdict. It is counted as a failure, because a face was compared.
    Unjudged,
    /// Without a verdict, and not counted.
    Uncounted,
}

impl AttemptEnd {
    /// The end of an attempt that was counted so.
    pub(crate) fn of(has_verdict: bool, settlement: Settlement) -> Self {
        match settlement {
            _ if has_verdict => Self::Judged,
            Settlement::Clear | Settlement::Double => Self::Judged,
            Settlement::Keep => Self::Unjudged,
            Settlement::Refund => Self::Uncounted,
        }
    }
}

/// Numbers that were drawn, and the attempts with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptNumbers {
    /// The numbers.
    pub(crate) numbers: PromptNumbers,
    /// Attempts that ended as [`AttemptEnd::Unjudged`].
    unjudged: u8,
    /// When the first of them ended.
    since: Duration,
}

impl KeptNumbers {
    /// Numbers with which no attempt was made yet.
    pub(crate) fn new(numbers: PromptNumbers) -> Self {
        Self { numbers, unjudged: 0, since: Duration::ZERO }
    }

    /// The numbers after an attempt that ended at `now`; `None` if others are to be drawn.
    ///
    /// `now` is the time since the machine started, as in [`Self::are_stuck`].
    pub(crate) fn after(self, end: AttemptEnd, now: Duration) -> Option<Self> {
        match end {
            AttemptEnd::Judged => None,
            AttemptEnd::Unjudged => {
                let since = if self.unjudged == 0 { now } else { self.since };
                Some(Self { unjudged: self.unjudged.saturating_add(1), since, ..self })
            }
            AttemptEnd::Uncounted => Some(self),
        }
    }

    /// Whether different ones are to be drawn for the next attempt, because nobody could be judged
    /// by these: the light may hide the face on this side.
    pub(crate) fn are_stuck(&self, now: Duration) -> bool {
        let age = now.checked_sub(self.since);
        self.unjudged >= UNJUDGED_MAX && age.is_some_and(|age| age >= UNJUDGED_TIME)
    }
}

#[cfg(test)]
mod tests {
    use fpass_face::liveness::Prompt;
    use proptest::prelude::*;

    use super::*;

    const NUMBERS: PromptNumbers = PromptNumbers { first: 1, retry: 2 };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What is kept after such attempts; `None` after a verdict.
    fn after(attempts: &[(AttemptEnd, u64)]) -> Option<KeptNumbers> {
        let end =
            |kept: KeptNumbers, &(end, time): &(AttemptEnd, u64)| kept.after(end, seconds(time));
        attempts.iter().try_fold(KeptNumbers::new(NUMBERS), end)
    }

    #[test]
    fn every_row() {
        use AttemptEnd::{Judged, Uncounted, Unjudged};
        assert_eq!(after(&[(Judged, 5)]), None);
        let three = [(Unjudged, 10), (Unjudged, 12), (Unjudged, 14)];
        let rows = [
            (&[][..], 1000, false),
            (&[(Uncounted, 0); 9], 1000, false),
            (&three[..2], 1000, false),
            (&three, 39, false),
            (&three, 40, true),
            (&three, 9, false),
            (&[(Unjudged, 10), (Uncounted, 20), (Uncounted, 30), (Unjudged, 40)], 99, false),
            (&[(Unjudged, 10), (Uncounted, 20), (Unjudged, 30), (Unjudged, 99)], 99, true),
        ];
        for (attempts, now, stuck) in rows {
            let kept = after(attempts).unwrap();
            assert_eq!(kept.numbers, NUMBERS);
            assert_eq!(kept.are_stuck(seconds(now)), stuck, "{attempts:?} at {now}");
        }
    }

    #[test]
    fn only_a_verdict_or_a_suspected_attack_ends_the_numbers_at_once() {
        for (settlement, end) in [
            (Settlement::Clear, AttemptEnd::Judged),
            (Settlement::Double, AttemptEnd::Judged),
            (Settlement::Keep, AttemptEnd::Unjudged),
            (Settlement::Refund, AttemptEnd::Uncounted),
        ] {
            assert_eq!(AttemptEnd::of(true, settlement), AttemptEnd::Judged);
            assert_eq!(AttemptEnd::of(false, settlement), end);
        }
    }

    #[test]
    fn more_attempts_than_can_be_counted_overflow_nothing() {
        let kept = after(&[(AttemptEnd::Unjudged, 1); 1000]).unwrap();
        assert!(kept.are_stuck(seconds(31)) && !kept.are_stuck(seconds(30)));
    }

    fn ends() -> impl Strategy<Value = AttemptEnd> {
        prop_oneof![
            Just(AttemptEnd::Judged),
            Just(AttemptEnd::Unjudged),
            Just(AttemptEnd::Unjudged),
            Just(AttemptEnd::Uncounted),
        ]
    }

    proptest! {
        /// A person whose face is lost on one side is asked for the other one.
        #[test]
        fn different_numbers_ask_for_something_else(first: u32, other: u32) {
            let [old, new] = [first, other].map(|first| PromptNumbers { first, retry: 7 });
            let new = new.unlike(old);
            prop_assert_ne!(Prompt::turn(new.first), Prompt::turn(old.first));
            prop_assert_ne!(Prompt::three(new.first), Prompt::three(old.first));
            prop_assert_eq!((new.first >> 1, new.retry), (other >> 1, 7));
        }

        /// Whatever a caller does: numbers are drawn again only after a verdict, or after three
        /// counted failures with the same ones in thirty seconds. So each draw after the first one
        /// costs a failure, or follows a match.
        #[test]
        fn each_draw_costs_a_failure_or_follows_a_match(
            attempts in prop::collection::vec((ends(), 0_u64..25, 0_u64..60), 0..60),
        ) {
            let (mut kept, mut draws, mut now) = (None::<KeptNumbers>, 0, 0);
            let (mut verdicts, mut failures) = (0, Vec::new());
            for (end, lasted, pause) in attempts {
                let stuck = kept.is_some_and(|kept| kept.are_stuck(seconds(now)));
                prop_assert_eq!(stuck, failures.len() >= 3 && now >= failures[0] + 30);
                let used = kept.filter(|_| !stuck).unwrap_or_else(|| {
                    draws += 1;
                    failures.clear();
                    KeptNumbers::new(PromptNumbers { first: draws, retry: 0 })
                });
                now += lasted;
                kept = used.after(end, seconds(now));
                match end {
                    AttemptEnd::Judged => {
                        verdicts += 1;
                        failures.clear();
                        prop_assert_eq!(kept, None);
                    }
                    AttemptEnd::Unjudged => failures.push(now),
                    AttemptEnd::Uncounted => prop_assert_eq!(kept, Some(used)),
                }
                prop_assert!(kept.is_none_or(|kept| kept.numbers.first == draws));
                now += pause;
            }
            prop_assert!(draws <= 1 + verdicts + 60 / 3);
        }

        /// A person whose face is always lost is asked for something else in the end.
        #[test]
        fn nobody_is_stuck(pauses in prop::collection::vec(0_u64..600, 2), uncounted in 0_usize..5) {
            let [second, third] = [pauses[0], pauses[0] + pauses[1]];
            let mut attempts = vec![(AttemptEnd::Unjudged, 0), (AttemptEnd::Unjudged, second)];
            attempts.extend(vec![(AttemptEnd::Uncounted, second); uncounted]);
            attempts.push((AttemptEnd::Unjudged, third));
            let kept = after(&attempts).unwrap();
            prop_assert!(kept.are_stuck(seconds(third.max(30))));
        }
    }
}
