//! The time at which each frame of a recording is shown.

use std::time::{Duration, Instant};

/// Frames per second as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameRate {
    pub(super) numerator: u32,
    pub(super) denominator: u32,
}

impl FrameRate {
    /// Number of the frame that is shown after `elapsed`.
    fn number_at(self, elapsed: Duration) -> u64 {
        let frames = elapsed.as_nanos().saturating_mul(self.numerator.into())
            / u128::from(self.denominator).saturating_mul(1_000_000_000).max(1);
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Time from the start until frame `number` is shown.
    pub(super) fn time_of(self, number: u64) -> Duration {
        let nanoseconds = u128::from(number)
            .saturating_mul(self.denominator.into())
            .saturating_mul(1_000_000_000)
            .div_ceil(self.numerator.max(1).into());
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// The clock of a playback that began at `start`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) rate: FrameRate,
    pub(super) start: Instant,
}

impl Clock {
    /// Number of the frame that is shown at `now`.
    pub(super) fn number_at(&self, now: Instant) -> u64 {
        self.rate.number_at(now.saturating_duration_since(self.start))
    }

    /// Time from `now` until frame `number` is shown; zero when it has been shown.
    pub(super) fn wait(&self, number: u64, now: Instant) -> Duration {
        self.rate.time_of(number).saturating_sub(now.saturating_duration_since(self.start))
    }

    /// When frame `number` is shown; the start when that time overflows.
    pub(super) fn due(&self, number: u64) -> Instant {
        self.start.checked_add(self.rate.time_of(number)).unwrap_or(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_numbers_follow_the_clock() {
        let rate = FrameRate { numerator: 30_000, denominator: 1001 };
        assert_eq!(rate.number_at(Duration::ZERO), 0);
        assert_eq!(rate.number_at(Duration::from_secs(1001)), 30_000);
        for number in [0, 1, 2, 29, 30, 12_345, 1 << 33] {
            assert_eq!(rate.number_at(rate.time_of(number)), number);
        }
        assert_eq!(FrameRate { numerator: 120, denominator: 1 }.number_at(Duration::MAX), u64::MAX);
    }

    #[test]
    fn a_frame_is_waited_for_until_it_is_due() {
        let clock =
            Clock { rate: FrameRate { numerator: 10, denominator: 1 }, start: Instant::now() };
        let now = clock.start + Duration::from_millis(250);
        assert_eq!(clock.number_at(now), 2);
        assert_eq!(clock.wait(2, now), Duration::ZERO);
        assert_eq!(clock.wait(3, now), Duration::from_millis(50));
        assert_eq!(clock.due(3), clock.start + Duration::from_millis(300));
    }
}
