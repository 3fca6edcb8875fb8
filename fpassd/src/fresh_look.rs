//! Whether a turn of the head must be asked for again: a pure rule.

use std::time::Duration;

use fpass_proto::Uid;

use crate::{seat::SessionIdentity, uptime::Uptime};

/// Two readings of the clocks are this much apart at most. A longer difference was sleep.
const READING_MAX: Duration = Duration::from_millis(100);

/// What must be the same at a turn and at an attempt that relies on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LookBasis {
    /// The user who was recognised.
    pub(crate) uid: Uid,
    /// The unlocked session that the program asked from.
    pub(crate) session: SessionIdentity,
    /// Generation of the record with the compared templates.
    pub(crate) generation: u64,
}

/// A turn that was judged, by a user who was recognised in it.
#[derive(Clone, Debug)]
pub(crate) struct LiveLook {
    /// Where and by whom.
    pub(crate) basis: LookBasis,
    /// When the verdict was given.
    pub(crate) time: Uptime,
}

impl LiveLook {
    /// Whether an attempt at `now` needs recognition alone. A turn counts for the time `remember`,
    /// which further attempts do not prolong.
    pub(crate) fn covers(&self, attempt: &LookBasis, now: Uptime, remember: Duration) -> bool {
        let age = now.total.checked_sub(self.time.total);
        let slept = now.asleep.saturating_sub(self.time.asleep) > READING_MAX;
        self.basis == *attempt && !slept && age.is_some_and(|age| age < remember)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis() -> LookBasis {
        let session =
            SessionIdentity { path: "/org/freedesktop/login1/session/_32".to_owned(), began_us: 7 };
        LookBasis { uid: Uid(1000), session, generation: 3 }
    }

    fn at(seconds: u64, asleep: u64) -> Uptime {
        let [total, asleep] = [seconds, asleep].map(Duration::from_secs);
        Uptime { total, asleep }
    }

    fn changed(change: impl FnOnce(&mut LookBasis)) -> LookBasis {
        let mut basis = basis();
        change(&mut basis);
        basis
    }

    #[test]
    fn every_row() {
        let look = LiveLook { basis: basis(), time: at(1000, 50) };
        let quarter = Duration::from_secs(900);
        let rows = [
            ("the same, at once", basis(), at(1000, 50), quarter, true),
            ("the same, in time", basis(), at(1899, 50), quarter, true),
            ("too late", basis(), at(1900, 50), quarter, false),
            ("never remembered", basis(), at(1000, 50), Duration::ZERO, false),
            ("a time before the turn", basis(), at(999, 50), quarter, false),
            ("the machine slept", basis(), at(1010, 52), quarter, false),
            ("another user", changed(|b| b.uid = Uid(1001)), at(1001, 50), quarter, false),
            (
                "another session",
                changed(|b| b.session.path.push('3')),
                at(1001, 50),
                quarter,
                false,
            ),
            (
                "a later session with the same id",
                changed(|b| b.session.began_us += 1),
                at(1001, 50),
                quarter,
                false,
            ),
            ("other templates", changed(|b| b.generation += 1), at(1001, 50), quarter, false),
        ];
        for (what, attempt, now, remember, expected) in rows {
            assert_eq!(look.covers(&attempt, now, remember), expected, "{what}");
        }
    }

    #[test]
    fn clocks_that_were_read_one_after_the_other_are_no_sleep() {
        let look = LiveLook { basis: basis(), time: at(1000, 50) };
        let mut now = at(1001, 50);
        now.asleep += Duration::from_millis(20);
        assert!(look.covers(&basis(), now, Duration::from_secs(900)));
    }
}
