//! The rates at which thresholds are set.

use std::fmt;

/// A false match rate of 10 to the power of −`halves`/2: decades and the half decades between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rate {
    halves: u8,
}

impl Rate {
    /// The rates of the tables: 1e-2 to 1e-6, falling.
    pub(crate) const DECADES: [Self; 5] =
        [Self::decade(2), Self::decade(3), Self::decade(4), Self::decade(5), Self::decade(6)];
    /// The rates at which errors are given for each person and group.
    pub(crate) const SPREAD: [Self; 2] = [Self::decade(3), Self::decade(4)];
    /// The largest rate for which scores are kept.
    pub(crate) const LARGEST: Self = Self::decade(2);

    /// 10 to the power of −`exponent`.
    pub(crate) const fn decade(exponent: u8) -> Self {
        Self { halves: 2 * exponent }
    }

    /// 1e-2, 3.16e-3, … 1e-8, falling.
    pub(crate) fn half_decades() -> impl Iterator<Item = Self> {
        (4..=16).map(|halves| Self { halves })
    }

    /// The rate as a number.
    pub(crate) fn value(self) -> f64 {
        let decades = i32::from(self.halves / 2);
        let decade = 1.0 / 10.0_f64.powi(decades);
        if self.halves.is_multiple_of(2) { decade } else { decade / 10.0_f64.sqrt() }
    }

    /// How many of `comparisons` may be false matches: `floor(rate · comparisons)`, computed
    /// without rounding as the root of `comparisons² / 10^halves`.
    pub(crate) fn allowed(self, comparisons: u64) -> u64 {
        let square = u128::from(comparisons).pow(2);
        let root = (square / 10_u128.pow(self.halves.into())).isqrt();
        u64::try_from(root).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.halves.is_multiple_of(2) {
            f.pad(&format!("1e-{}", self.halves / 2))
        } else {
            f.pad(&format!("3.16e-{}", self.halves / 2 + 1))
        }
    }
}

/// A count as a floating-point number.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 comparisons, which take years")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// A length as a count.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// `part` divided by `of`; `None` when `of` is 0.
pub(crate) fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| real(part) / real(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_comparisons_than_the_rate_asks_for_allow_nothing() {
        assert_eq!(Rate::decade(3).allowed(999), 0);
        assert_eq!(Rate::decade(6).allowed(0), 0);
        assert_eq!(Rate::decade(6).allowed(999_999), 0);
    }

    #[test]
    fn whole_multiples_are_not_lost_to_rounding() {
        for exponent in 2..=6 {
            let decade = 10_u64.pow(exponent.into());
            for times in [1, 3, 7, 29, 1_000_003] {
                assert_eq!(Rate::decade(exponent).allowed(times * decade), times);
                assert_eq!(Rate::decade(exponent).allowed(times * decade - 1), times - 1);
            }
        }
    }

    #[test]
    fn half_decades_lie_between() {
        let rates: Vec<Rate> = Rate::half_decades().collect();
        assert_eq!(rates.len(), 13);
        assert!(rates.windows(2).all(|pair| pair[0].value() > pair[1].value()));
        assert_eq!(rates[1].to_string(), "3.16e-3");
        assert!((rates[1].value() - 3.162_277_66e-3).abs() < 1e-11);
        assert_eq!(rates[1].allowed(10_000), 31);
        assert_eq!(rates[1].allowed(u64::MAX / 2), 29_166_863_343_567_579);
    }
}
