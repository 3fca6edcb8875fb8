//! The clock for locks: time since the machine started, which cannot be set.

use std::{fs, io, time::Duration};

use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Id of the running boot, see random(4). The unit hides this file from the daemon; then boots are
/// distinguished only by their times.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Id of one boot of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BootId(pub(super) u128);

impl BootId {
    /// Reads a UUID in its usual form.
    fn parse(text: &str) -> Option<Self> {
        let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
        let hexadecimal = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        hexadecimal.then(|| u128::from_str_radix(&digits, 16).ok()).flatten().map(Self)
    }
}

/// A point in time on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// The boot, if known.
    pub(super) boot: Option<BootId>,
    /// Time since the start of that boot, sleep included.
    pub(super) uptime: Duration,
}

impl Moment {
    /// Time that has passed since `then`: at most the true time.
    ///
    /// Within one boot it is the difference. After another boot it is the time since the start of
    /// the new boot; the time while the machine was off is not counted. If it is unknown whether
    /// the boot is the same, the shorter of the two counts.
    pub(super) fn since(&self, then: &Self) -> Duration {
        let difference = self.uptime.checked_sub(then.uptime);
        match (self.boot, then.boot) {
            // Within one boot, time cannot go back: then nothing counts as passed.
            (Some(now), Some(before)) if now == before => difference.unwrap_or_default(),
            (Some(_), Some(_)) => self.uptime,
            (None, _) | (_, None) => difference.unwrap_or(self.uptime),
        }
    }

    /// Whether `then` can be an earlier moment of the same boot.
    pub(super) fn may_follow(&self, then: &Self) -> bool {
        let boots = self.boot.zip(then.boot);
        boots.is_none_or(|(now, before)| now == before) && self.uptime >= then.uptime
    }
}

/// Tells the time.
pub(crate) trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> io::Result<Moment>;
}

/// The clock of the running system: `CLOCK_BOOTTIME`, which no privilege can set.
pub(crate) struct SystemClock {
    boot: Option<BootId>,
}

impl SystemClock {
    /// Reads the id of the boot, if the system shows it.
    pub(crate) fn new() -> Self {
        Self { boot: fs::read_to_string(BOOT_ID).ok().and_then(|text| BootId::parse(&text)) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> io::Result<Moment> {
        let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME)?;
        Ok(Moment { boot: self.boot, uptime: Duration::from(uptime) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(boot: Option<u128>, seconds: u64) -> Moment {
        Moment { boot: boot.map(BootId), uptime: Duration::from_secs(seconds) }
    }

    #[test]
    fn no_reading_counts_more_time_than_has_passed() {
        let rows = [
            // Same boot: forward, and impossibly backward.
            (at(Some(1), 100), at(Some(1), 130), 30),
            (at(Some(1), 100), at(Some(1), 40), 0),
            // Another boot: the time since its start.
            (at(Some(1), 100), at(Some(2), 130), 130),
            (at(Some(1), 100), at(Some(2), 40), 40),
            // Unknown boot: the shorter of both readings.
            (at(None, 100), at(Some(1), 130), 30),
            (at(Some(1), 100), at(None, 130), 30),
            (at(None, 100), at(None, 40), 40),
        ];
        for (then, now, seconds) in rows {
            assert_eq!(now.since(&then), Duration::from_secs(seconds), "{then:?} {now:?}");
        }
    }

    #[test]
    fn only_a_uuid_names_a_boot() {
        for text in ["", "x", "+1112222-3333-4444-5555-666677778888", &"1".repeat(33)] {
            assert_eq!(BootId::parse(text), None, "{text:?}");
        }
        let id = BootId::parse("00000000-0000-0000-0000-0000000000ff\n");
        assert_eq!(id, Some(BootId(255)));
    }

    #[test]
    fn the_system_clock_advances() {
        let clock = SystemClock::new();
        let (first, second) = (clock.now().unwrap(), clock.now().unwrap());
        assert!(second.uptime >= first.uptime && first.uptime > Duration::ZERO);
    }
}
