//! How often something may happen: a pure rule.

use std::time::{Duration, Instant};

/// A number at once, and a number in each second thereafter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Most events at once.
    pub(crate) burst: u32,
    /// Events in each further second.
    pub(crate) per_second: u32,
}

/// What is left of a rate. A new one is full.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowance {
    /// When the allowance is full again; `None` if it is full.
    full_at: Option<Instant>,
}

impl Allowance {
    /// Takes one event. `false`, and nothing taken, if none is left.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let one = Duration::from_secs(1) / rate.per_second.max(1);
        let full_at = self.full_at.filter(|full_at| *full_at > now).unwrap_or(now) + one;
        let within = full_at.saturating_duration_since(now) <= one * rate.burst;
        if within {
            self.full_at = Some(full_at);
        }
        within
    }

    /// Whether nothing is missing.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.full_at.is_none_or(|full_at| full_at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 5, per_second: 2 };

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let (mut allowance, start) = (Allowance::default(), Instant::now());
        let taken =
            |allowance: &mut Allowance, now| (0..100).filter(|_| allowance.take(RATE, now)).count();
        assert!(allowance.is_full(start));
        assert_eq!(taken(&mut allowance, start), 5);
        assert!(!allowance.is_full(start));
        assert_eq!(taken(&mut allowance, start + Duration::from_secs(1)), 2);
        assert_eq!(taken(&mut allowance, start + Duration::from_millis(1400)), 0);
        assert_eq!(taken(&mut allowance, start + Duration::from_millis(1500)), 1);
        let later = start + Duration::from_secs(60);
        assert!(allowance.is_full(later));
        assert_eq!(taken(&mut allowance, later), 5);
    }
}
