//! From how an attempt ended to what becomes of its debit: a pure table.

use fpass_proto::{QualifyReport, Refusal, Verdict};

/// What becomes of a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// The user was there: the row of failures is over.
    Clear,
    /// Nobody was tried: the debit is given back.
    Refund,
    /// A failure: the debit stays.
    Keep,
    /// A suspected attack: it counts as two failures.
    Double,
}

impl Settlement {
    /// The charge for an attempt in which a face was `compared` with the gallery or not.
    ///
    /// A face that was compared and did not get in is a failure whatever the attempt is said to have
    /// ended with: whoever could leave, hide or pull the camera's cable before the verdict would
    /// otherwise try as often as they like. Where no face was compared nothing was tried: camera
    /// faults, darkness, an empty room, several faces, a full queue, a caller who left.
    pub(crate) fn of(outcome: Result<Verdict, Refusal>, compared: bool) -> Self {
        match outcome {
            Ok(Verdict::Match) => Self::Clear,
            Ok(Verdict::NoMatch) => Self::Keep,
            Err(Refusal::AttackSuspected) => Self::Double,
            Err(_) if compared => Self::Keep,
            Err(_) => Self::Refund,
        }
    }
}

/// Matching frames without which nobody was recognised, as in an attempt.
const MATCHING_MIN: u32 = 2;

/// What a qualification says about who was there: the user, when at least half of the compared
/// frames match, and more than one.
pub(crate) fn qualification_verdict(report: &QualifyReport) -> Verdict {
    let enough = report.matching >= MATCHING_MIN;
    let most = enough && report.matching >= report.judged.div_ceil(2);
    if most { Verdict::Match } else { Verdict::NoMatch }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_match_clears() {
        for compared in [false, true] {
            assert_eq!(Settlement::of(Ok(Verdict::Match), compared), Settlement::Clear);
            assert_eq!(Settlement::of(Ok(Verdict::NoMatch), compared), Settlement::Keep);
        }
    }

    #[test]
    fn every_refusal_costs_what_was_seen_and_not_what_it_is_called() {
        for refusal in Refusal::ALL {
            let (nobody, somebody) = match refusal {
                Refusal::AttackSuspected => (Settlement::Double, Settlement::Double),
                _ => (Settlement::Refund, Settlement::Keep),
            };
            assert_eq!(Settlement::of(Err(*refusal), false), nobody, "{refusal:?}");
            assert_eq!(Settlement::of(Err(*refusal), true), somebody, "{refusal:?}");
        }
    }

    #[test]
    fn a_qualification_is_the_user_s_when_half_of_it_matches() {
        let report = |judged, matching| QualifyReport {
            judged,
            matching,
            strictly_matching: 0,
            flawed: 0,
            flaw: String::new(),
            strength: String::new(),
        };
        for (judged, matching, expected) in [
            (0, 0, Verdict::NoMatch),
            (1, 1, Verdict::NoMatch),
            (40, 0, Verdict::NoMatch),
            (40, 19, Verdict::NoMatch),
            (3, 1, Verdict::NoMatch),
            (3, 2, Verdict::Match),
            (40, 20, Verdict::Match),
        ] {
            assert_eq!(
                qualification_verdict(&report(judged, matching)),
                expected,
                "{judged} {matching}"
            );
        }
    }
}
