//! Confidence intervals for rates.

use statrs::function::beta::ln_beta;

use super::rate::real;

/// Probability on either side of the interval, which covers 95 %.
const OUTSIDE: f64 = 0.025;
/// Halvings to find a quantile: enough for the precision of an `f64`.
const HALVINGS: u32 = 100;
/// Most terms of the continued fraction, which needs about the square root of the trials.
const TERMS_MAX: u32 = 100_000;
/// The fraction ends when a term changes it by less than this share.
const PRECISION: f64 = 1e-14;

/// A confidence interval of a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// Lower bound, 0 to 1.
    pub(crate) low: f64,
    /// Upper bound, 0 to 1.
    pub(crate) high: f64,
}

impl Interval {
    /// The exact 95 % interval of Clopper and Pearson (1934) for `hits` of `trials`: quantiles of
    /// two beta distributions. It assumes independent trials. Without trials it is 0 to 1.
    pub(crate) fn exact(hits: u64, trials: u64) -> Self {
        let misses = trials.saturating_sub(hits);
        let low = if hits == 0 { 0.0 } else { quantile(hits, misses + 1, OUTSIDE, 0.0) };
        let high = if misses == 0 { 1.0 } else { quantile(hits + 1, misses, 1.0 - OUTSIDE, 1.0) };
        Self { low, high }
    }
}

/// Quantile of the beta distribution by bisection; `widest` when it cannot be computed.
///
/// The quantile function of `statrs` does not end for 20 million trials, and its distribution
/// function sums too few terms for them.
fn quantile(alpha: u64, beta: u64, probability: f64, widest: f64) -> f64 {
    let (alpha, beta) = (real(alpha), real(beta));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match distribution(alpha, beta, middle) {
            Some(below) if below < probability => low = middle,
            Some(_) => high = middle,
            None => return widest,
        }
    }
    f64::midpoint(low, high)
}

/// Distribution function of the beta distribution: the regularised incomplete beta function
/// (DLMF 8.17.22), computed from the end that is nearer. `None` when it does not converge.
fn distribution(alpha: f64, beta: f64, x: f64) -> Option<f64> {
    if x * (alpha + beta + 2.0) > alpha + 1.0 {
        return Some(1.0 - lower(beta, alpha, 1.0 - x)?);
    }
    lower(alpha, beta, x)
}

fn lower(alpha: f64, beta: f64, x: f64) -> Option<f64> {
    let front = alpha * x.ln() + beta * (-x).ln_1p() - ln_beta(alpha, beta);
    Some(front.exp() / alpha * fraction(alpha, beta, x)?)
}

/// 1/(1 + d₁/(1 + d₂/(1 + …))) with the terms of DLMF 8.17.22, by the method of Lentz.
fn fraction(alpha: f64, beta: f64, x: f64) -> Option<f64> {
    let apart =
        |value: f64| if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value };
    let (mut value, mut above, mut below) = (1.0, 1.0, 0.0);
    for term in 1..TERMS_MAX {
        let m = f64::from(term / 2);
        let (place, next) = (alpha + 2.0 * m, alpha + m);
        let factor = if term % 2 == 0 {
            m * (beta - m) * x / ((place - 1.0) * place)
        } else {
            -next * (next + beta) * x / (place * (place + 1.0))
        };
        below = 1.0 / apart(1.0 + factor * below);
        above = apart(1.0 + factor / above);
        let change = above * below;
        value *= change;
        if (change - 1.0).abs() < PRECISION {
            return Some(1.0 / value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-6 * expected.max(1e-9)
    }

    #[test]
    fn nothing_tried_says_nothing() {
        assert_eq!(Interval::exact(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn all_and_none_have_the_bounds_in_closed_form() {
        for trials in [1_u32, 10, 1000, 20_000_000] {
            let miss = 1.0 - 0.025_f64.powf(1.0 / f64::from(trials));
            let none = Interval::exact(0, trials.into());
            assert!(none.low == 0.0 && close(none.high, miss), "{none:?} {miss}");
            let all = Interval::exact(trials.into(), trials.into());
            assert!(all.high == 1.0 && close(1.0 - all.low, miss), "{all:?} {miss}");
        }
    }

    #[test]
    fn bounds_are_those_of_thirty_digits() {
        for (hits, trials, low, high) in [
            (1, 10, 0.002_528_578_552, 0.445_016_117_0),
            (5, 10, 0.187_086_028_4, 0.812_913_971_6),
            (10, 100, 0.049_004_689_22, 0.176_222_597_7),
            (97, 100, 0.914_823_947_0, 0.993_770_028_5),
            (8000, 8101, 0.984_871_096_1, 0.989_833_778_6),
            (20, 20_000_000, 6.108_260_829e-7, 1.544_418_475e-6),
        ] {
            let found = Interval::exact(hits, trials);
            assert!(close(found.low, low) && close(found.high, high), "{hits}/{trials} {found:?}");
        }
    }

    #[test]
    fn many_of_very_many_converge() {
        for hits in [200_000, 10_000_000, 19_999_000] {
            let found = Interval::exact(hits, 20_000_000);
            let rate = real(hits) / 2e7;
            let half = 1.959_964 * (rate * (1.0 - rate) / 2e7).sqrt();
            assert!((found.low - (rate - half)).abs() < 0.06 * half, "{found:?}");
            assert!((found.high - (rate + half)).abs() < 0.06 * half, "{found:?}");
        }
    }

    proptest! {
        #[test]
        fn an_interval_holds_the_rate_and_mirrors(trials in 1_u64..1_000_000, part in 0.0_f64..=1.0) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let hits = (real(trials) * part) as u64;
            let interval = Interval::exact(hits, trials);
            let rate = real(hits) / real(trials);
            prop_assert!(interval.low <= rate && rate <= interval.high);
            prop_assert!(interval.high - interval.low <= 2.0 / real(trials).sqrt());
            let mirrored = Interval::exact(trials - hits, trials);
            prop_assert!((mirrored.low - (1.0 - interval.high)).abs() < 1e-7);
        }
    }
}
