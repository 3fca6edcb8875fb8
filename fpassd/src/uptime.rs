//! The time since the machine started, and how much of it the machine slept.

use std::{io, time::Duration};

use nix::time::{ClockId, clock_gettime};

/// One reading of two clocks that nobody can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uptime {
    /// Time since the start, sleep included.
    pub(crate) total: Duration,
    /// Time of sleep.
    pub(crate) asleep: Duration,
}

impl Uptime {
    /// The present reading.
    ///
    /// # Errors
    /// The system has no such clock.
    pub(crate) fn now() -> io::Result<Self> {
        let awake = Duration::from(clock_gettime(ClockId::CLOCK_MONOTONIC)?);
        let total = Duration::from(clock_gettime(ClockId::CLOCK_BOOTTIME)?);
        Ok(Self { total, asleep: total.saturating_sub(awake) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_advances_and_contains_the_sleep() {
        let (first, second) = (Uptime::now().unwrap(), Uptime::now().unwrap());
        assert!(second.total >= first.total && first.total > Duration::ZERO);
        assert!(first.asleep < first.total);
    }
}
