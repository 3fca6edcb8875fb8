//! Consecutive failures, and the locks that follow: a pure table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AttemptKind, clock::Moment};

/// From this number of consecutive failures on, each failure leads to a lock.
pub(super) const LOCK_FROM: u32 = 5;
/// Length of the first lock. Each further failure doubles it.
const LOCK_FIRST: Duration = Duration::from_secs(30);
/// Length of the longest lock.
pub(super) const LOCK_MAX: Duration = Duration::from_secs(15 * 60);
/// From this number of consecutive failures on, only an administrator can unlock.
pub(super) const DISABLED_FROM: u32 = 20;

/// A period without attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    since: Moment,
    length: Duration,
}

impl Lock {
    /// The lock after this number of consecutive failures.
    pub(super) fn after(failures: u32, now: Moment) -> Option<Self> {
        let doublings = failures.checked_sub(LOCK_FROM)?;
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Some(Self { since: now, length: LOCK_FIRST.saturating_mul(factor).min(LOCK_MAX) })
    }

    /// Time left: at least the true time left, at most the length of the lock.
    fn left(&self, now: Moment) -> Duration {
        self.length.saturating_sub(now.since(&self.since))
    }
}

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockState {
    /// An attempt may be made.
    Open,
    /// No attempt for this long.
    Locked(Duration),
    /// No attempt until an administrator unlocks.
    Disabled,
}

/// The failed attempts of one user and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FailureCounter {
    /// Consecutive failures. Attempts under way count as failed.
    pub(super) failures: u32,
    lock: Option<Lock>,
}

impl FailureCounter {
    /// A counter with this number of failures, the last of them now.
    pub(super) fn of(failures: u32, now: Moment) -> Self {
        Self { failures, lock: Lock::after(failures, now) }
    }

    /// Whether an attempt of this kind may be made.
    pub(super) fn lock_state(&self, kind: AttemptKind, now: Moment) -> LockState {
        if kind.can_be_disabled() && self.failures >= DISABLED_FROM {
            return LockState::Disabled;
        }
        let left = self.lock.map(|lock| lock.left(now)).unwrap_or_default();
        if left.is_zero() { LockState::Open } else { LockState::Locked(left) }
    }

    /// The counter with `more` failures added.
    pub(super) fn failed(&self, more: u32, now: Moment) -> Self {
        Self::of(self.failures.saturating_add(more), now)
    }

    /// The counter with one failure less, and without its lock if the rest does not lead to one.
    pub(super) fn refunded(&self) -> Self {
        let failures = self.failures.saturating_sub(1);
        Self { failures, lock: self.lock.filter(|_| failures >= LOCK_FROM) }
    }

    /// The same lock measured from now. `None` if its start can be an earlier moment of this boot.
    /// So no lock lasts longer than its length after it was first read.
    pub(super) fn rebased(&self, now: Moment) -> Option<Self> {
        let lock = self.lock.filter(|lock| !now.may_follow(&lock.since))?;
        let lock = Lock { since: now, length: lock.left(now) };
        Some(Self { failures: self.failures, lock: Some(lock) })
    }

    /// Whether this daemon can have written it.
    pub(super) fn is_plausible(&self) -> bool {
        self.lock.is_none_or(|lock| lock.length <= LOCK_MAX)
            && self.lock.is_some() == (self.failures >= LOCK_FROM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::throttle::clock::BootId;

    fn at(boot: u128, seconds: u64) -> Moment {
        Moment { boot: Some(BootId(boot)), uptime: Duration::from_secs(seconds) }
    }

    #[test]
    fn five_failures_lock_and_further_ones_double_the_lock() {
        let now = at(1, 1000);
        for (failures, seconds) in
            [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (19, 900)]
        {
            let locked = LockState::Locked(Duration::from_secs(seconds));
            assert_eq!(
                FailureCounter::of(failures, now).lock_state(AttemptKind::Login, now),
                locked,
                "{failures}"
            );
            let over = at(1, 1000 + seconds);
            assert_eq!(
                FailureCounter::of(failures, now).lock_state(AttemptKind::Login, over),
                LockState::Open,
                "{failures}"
            );
        }
        for failures in 0..5 {
            assert_eq!(
                FailureCounter::of(failures, now).lock_state(AttemptKind::Login, now),
                LockState::Open,
                "{failures}"
            );
        }
    }

    #[test]
    fn twenty_failures_disable_for_ever() {
        for failures in [20, 21, u32::MAX] {
            let counter = FailureCounter::of(failures, at(1, 0));
            assert_eq!(
                counter.lock_state(AttemptKind::Login, at(1, 1_000_000_000)),
                LockState::Disabled,
                "{failures}"
            );
            assert_eq!(
                counter.lock_state(AttemptKind::Login, at(2, 1_000_000_000)),
                LockState::Disabled,
                "{failures}"
            );
            assert_eq!(
                counter.failed(u32::MAX, at(1, 0)).lock_state(AttemptKind::Login, at(1, 0)),
                LockState::Disabled
            );
        }
    }

    #[test]
    fn a_lock_screen_is_locked_for_a_while_however_many_failures_there_were() {
        for kind in [AttemptKind::LockScreen, AttemptKind::LockScreenRecovery] {
            for failures in [19, 20, 21, u32::MAX] {
                let counter = FailureCounter::of(failures, at(1, 0));
                let locked = LockState::Locked(LOCK_MAX);
                assert_eq!(counter.lock_state(kind, at(1, 0)), locked, "{failures}");
                let over = at(1, LOCK_MAX.as_secs());
                assert_eq!(counter.lock_state(kind, over), LockState::Open, "{failures}");
                assert!(counter.is_plausible());
            }
        }
    }

    #[test]
    fn a_reboot_neither_shortens_nor_prolongs_a_lock_without_bound() {
        let counter = FailureCounter::of(10, at(1, 10_000));
        assert_eq!(
            counter.lock_state(AttemptKind::Login, at(2, 5)),
            LockState::Locked(Duration::from_secs(895))
        );
        let rebased = counter.rebased(at(2, 5)).unwrap();
        assert_eq!(
            rebased.lock_state(AttemptKind::Login, at(2, 899)),
            LockState::Locked(Duration::from_secs(1))
        );
        assert_eq!(rebased.lock_state(AttemptKind::Login, at(2, 900)), LockState::Open);
        assert_eq!(counter.rebased(at(1, 10_001)), None, "no rebase within the same boot");
        let impossible = counter.rebased(at(1, 9_000)).unwrap();
        assert_eq!(
            impossible.lock_state(AttemptKind::Login, at(1, 9_899)),
            LockState::Locked(Duration::from_secs(1))
        );
        assert_eq!(impossible.lock_state(AttemptKind::Login, at(1, 9_900)), LockState::Open);
    }

    #[test]
    fn a_refund_removes_its_lock() {
        let now = at(1, 0);
        assert_eq!(FailureCounter::of(5, now).refunded(), FailureCounter::of(4, now));
        assert_eq!(
            FailureCounter::of(7, now).refunded().lock_state(AttemptKind::Login, now),
            FailureCounter::of(7, now).lock_state(AttemptKind::Login, now)
        );
        assert_eq!(FailureCounter::default().refunded(), FailureCounter::default());
    }
}
