//! Thresholds for a false match rate.

use serde::Deserialize;

use crate::comparator::Comparator;
use crate::matcher::Score;

/// Smallest false match rate that can be configured.
pub const FALSE_MATCH_RATE_MIN: f64 = 1e-6;
/// Largest false match rate that can be configured.
pub const FALSE_MATCH_RATE_MAX: f64 = 1e-3;
/// Most templates in a gallery for which a threshold exists.
pub const TEMPLATES_MAX: usize = 8;
/// Smallest rate of one comparison with one template for which a table must have a threshold:
/// [`FALSE_MATCH_RATE_MIN`] divided by [`TEMPLATES_MAX`] templates, and less than half of that,
/// because a caller divides once more for the several comparisons of an attempt.
pub const COMPARISON_RATE_MIN: f64 = 5e-8;

/// Thresholds of one comparator, measured by `fpass-enroll evaluate --calibrate`: the share of
/// impostor comparisons, each of one picture with one template, that reach a score.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The comparator whose scores these are.
    pub comparator: Comparator,
    /// The protocol of the comparisons, as `evaluate` names it.
    pub protocol: String,
    /// Number of impostor comparisons.
    pub comparisons: u64,
    /// Pairs of a false match rate and the smallest score with that rate, by falling rate.
    pub points: Vec<(f64, f32)>,
    /// Further pairs at smaller rates, for which there are too few comparisons: an extrapolation of
    /// the last decade of `points`, linear in log10 of the rate against the score.
    #[serde(default)]
    pub extrapolated: Vec<(f64, f32)>,
}

impl Calibration {
    /// Whether all numbers are finite, rates fall and scores rise from pair to pair, and the rates
    /// cover [`COMPARISON_RATE_MIN`] to [`FALSE_MATCH_RATE_MAX`].
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let pairs: Vec<&(f64, f32)> = self.pairs().collect();
        let finite =
            pairs.iter().all(|(rate, score)| *rate > 0.0 && rate.is_finite() && score.is_finite());
        let ordered = pairs.windows(2).all(|two| match two {
            [(rate, score), (next_rate, next_score)] => next_rate < rate && next_score >= score,
            _ => false,
        });
        let first = pairs.first().is_some_and(|(rate, _)| *rate >= FALSE_MATCH_RATE_MAX);
        let last = pairs.last().is_some_and(|(rate, _)| *rate <= COMPARISON_RATE_MIN);
        finite && ordered && first && last
    }

    /// The score that a share `rate` of impostors reach in one comparison with a gallery of
    /// `templates` templates.
    ///
    /// Templates count as independent chances, so the rate of one comparison is `rate` divided by
    /// their number. Between two pairs log10 of the rate is interpolated linearly. Rates are
    /// clamped to [`COMPARISON_RATE_MIN`] to [`FALSE_MATCH_RATE_MAX`] and templates to 1 to
    /// [`TEMPLATES_MAX`]; NaN gives the strictest threshold.
    #[must_use]
    pub fn threshold(&self, rate: f64, templates: usize) -> Score {
        let templates = u32::try_from(templates.clamp(1, TEMPLATES_MAX)).unwrap_or(1);
        let shared = rate.min(FALSE_MATCH_RATE_MAX) / f64::from(templates);
        let strictest = rate.is_nan() || shared < COMPARISON_RATE_MIN;
        let rate = if strictest { COMPARISON_RATE_MIN } else { shared };
        let mut above = None;
        for (known, score) in self.pairs().copied() {
            if known <= rate {
                return Score::new(match above {
                    Some(before) => between(before, (known, score), rate),
                    None => score,
                });
            }
            above = Some((known, score));
        }
        // A table without a pair, which `is_sound` excludes, matches nothing.
        Score::new(f32::NAN)
    }

    fn pairs(&self) -> impl Iterator<Item = &(f64, f32)> {
        self.points.iter().chain(&self.extrapolated)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a score is an f32")]
fn between((high, low_score): (f64, f32), (low, high_score): (f64, f32), rate: f64) -> f32 {
    let part = (rate.log10() - high.log10()) / (low.log10() - high.log10());
    low_score + (high_score - low_score) * part as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calibration() -> Calibration {
        Calibration {
            comparator: Comparator::Fused,
            protocol: "template-5".to_owned(),
            comparisons: 1_000_000,
            points: vec![(1e-2, 0.1), (1e-3, 0.2), (1e-5, 0.4)],
            extrapolated: vec![(1e-6, 0.5), (1e-8, 0.7)],
        }
    }

    #[test]
    fn unsound_tables_are_refused() {
        assert!(calibration().is_sound());
        let spoils: [fn(&mut Calibration); 7] = [
            |c| c.points.clear(),
            |c| c.extrapolated.clear(),
            |c| c.points.swap(0, 1),
            |c| c.points[1].1 = 0.0,
            |c| c.points[1].1 = f32::NAN,
            |c| c.points[0].0 = f64::INFINITY,
            |c| drop(c.points.drain(..2)),
        ];
        for (number, spoil) in spoils.iter().enumerate() {
            let mut spoilt = calibration();
            spoil(&mut spoilt);
            assert!(!spoilt.is_sound(), "{number}");
        }
    }

    #[test]
    fn known_rates_have_their_score_and_others_are_interpolated() {
        let calibration = calibration();
        for (rate, score) in [(1e-3, 0.2), (1e-4, 0.3), (1e-5, 0.4), (1e-6, 0.5)] {
            let threshold = calibration.threshold(rate, 1).value();
            assert!((threshold - score).abs() < 1e-5, "{rate} {threshold}");
        }
    }

    #[test]
    fn rates_beyond_the_table_are_clamped_and_nan_is_the_strictest() {
        let calibration = calibration();
        let strictest = calibration.threshold(COMPARISON_RATE_MIN, 1);
        for rate in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY, COMPARISON_RATE_MIN / 2.0] {
            assert_eq!(calibration.threshold(rate, 1), strictest, "{rate}");
        }
        let loosest = calibration.threshold(FALSE_MATCH_RATE_MAX, 1);
        assert_eq!(calibration.threshold(f64::INFINITY, 1), loosest);
        assert!(strictest > calibration.threshold(FALSE_MATCH_RATE_MIN, TEMPLATES_MAX));
    }

    #[test]
    fn the_rate_is_divided_by_the_number_of_templates() {
        let calibration = calibration();
        let eight = calibration.threshold(8e-5, 8);
        assert!((eight.value() - calibration.threshold(1e-5, 1).value()).abs() < 1e-5);
        assert_eq!(calibration.threshold(1e-5, 0), calibration.threshold(1e-5, 1));
        assert_eq!(calibration.threshold(1e-5, 99), calibration.threshold(1e-5, 8));
    }

    #[test]
    fn without_a_table_nothing_matches() {
        let mut empty = calibration();
        empty.points.clear();
        empty.extrapolated.clear();
        assert!(!Score::new(f32::MAX).reaches(empty.threshold(1e-5, 1)));
    }

    proptest! {
        #[test]
        fn a_smaller_rate_and_more_templates_are_never_more_lenient(
            rate in 1e-7_f64..1e-2, less in 0.01_f64..1.0, templates in 1_usize..9,
        ) {
            let calibration = calibration();
            let threshold = calibration.threshold(rate, templates);
            prop_assert!(calibration.threshold(rate * less, templates) >= threshold);
            prop_assert!(calibration.threshold(rate, templates + 1) >= threshold);
        }
    }
}
