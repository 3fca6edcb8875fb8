//! Settles a debit by the result of its attempt: a pure table.

use fpass_proto::{QualifyReport, Refusal, Verdict};

/// Settlement of a debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// The user was recognised: the counter is reset.
    Clear,
    /// No face was compared: the debit is refunded.
    Refund,
    /// A failure: the debit stays.
    Keep,
    /// A suspected attack: it counts as two failures.
    Double,
}

impl Settlement {
    /// The settlement of an attempt, by whether a face was `compared` with the gallery, and whether
    /// what was in front of the camera was `suspicious`.
    ///
    /// A compared face without a match is a failure, whatever the result of the attempt is.
    /// Otherwise an attacker could leave, hide or unplug the camera before each verdict and try
    /// without limit. Without a compared face nothing was tried: camera faults, darkness, an empty
    /// room, several faces, a full queue, a caller who left.
    pub(crate) fn of(outcome: Result<Verdict, Refusal>, compared: bool, suspicious: bool) -> Self {
        match outcome {
            Ok(Verdict::Match) => Self::Clear,
            Ok(Verdict::NoMatch) if suspicious => Self::Double,
            Ok(Verdict::NoMatch) => Self::Keep,
            Err(Refusal::AttackSuspected) => Self::Double,
            Err(_) if compared => Self::Keep,
            Err(_) => Self::Refund,
        }
    }
}

/// Fewest matching frames for a match, as in an attempt.
const MATCHING_MIN: u32 = 2;

/// The verdict of a qualification: a match if at least half of the compared frames match, and at
/// least two.
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
            let of = |verdict, suspicious| Settlement::of(Ok(verdict), compared, suspicious);
            assert_eq!(of(Verdict::Match, false), Settlement::Clear);
            assert_eq!(of(Verdict::NoMatch, false), Settlement::Keep);
            assert_eq!(of(Verdict::NoMatch, true), Settlement::Double);
        }
    }

    #[test]
    fn a_refusal_is_settled_by_whether_a_face_was_compared() {
        for refusal in Refusal::ALL {
            let (nobody, somebody) = match refusal {
                Refusal::AttackSuspected => (Settlement::Double, Settlement::Double),
                _ => (Settlement::Refund, Settlement::Keep),
            };
            assert_eq!(Settlement::of(Err(*refusal), false, false), nobody, "{refusal:?}");
            assert_eq!(Settlement::of(Err(*refusal), true, false), somebody, "{refusal:?}");
        }
    }

    #[test]
    fn a_qualification_matches_if_half_of_its_frames_do() {
        let report = |judged, matching| QualifyReport {
            judged,
            matching,
            strictly_matching: 0,
            flawed: 0,
            flaw: String::new(),
            strength: String::new(),
            separation: 0,
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
