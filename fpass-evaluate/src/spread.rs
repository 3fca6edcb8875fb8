//! How errors are spread over people, which a rate over all people hides.

use std::collections::HashMap;

use serde::Serialize;

use super::protocol::{Plan, Scores};
use super::rate::{Rate, real, share};

/// Errors by person at one threshold.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    /// The false match rate over all people.
    pub(crate) rate: Rate,
    /// False match rates by person: the share of comparisons with somebody else that match.
    pub(crate) fmr: Option<Distribution>,
    /// False non-match rates by person: the share of genuine comparisons that do not match.
    pub(crate) fnmr: Option<Distribution>,
}

/// Values of one kind over people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Distribution {
    /// How many people have a value.
    pub(crate) people: usize,
    /// Half of them have at most this.
    pub(crate) median: f64,
    /// 90 of 100 have at most this.
    pub(crate) p90: f64,
    /// 99 of 100 have at most this.
    pub(crate) p99: f64,
    /// The largest.
    pub(crate) maximum: f64,
}

impl Distribution {
    /// Percentiles by the nearest rank; `None` without values.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let people = values.len();
        let rank = |percent: usize| {
            values.get((people * percent).div_ceil(100).saturating_sub(1)).copied()
        };
        Some(Self {
            people,
            median: rank(50)?,
            p90: rank(90)?,
            p99: rank(99)?,
            maximum: rank(100)?,
        })
    }
}

/// The spread at each of [`Rate::SPREAD`] that the comparisons support.
pub(crate) fn spread(plan: &Plan<'_>, scores: &Scores) -> Vec<Spread> {
    let mut spreads = Vec::new();
    for rate in Rate::SPREAD {
        if let Some(threshold) = scores.impostor.threshold(rate) {
            spreads.push(Spread {
                rate,
                fmr: Distribution::of(false_match_rates(plan, scores, threshold)),
                fnmr: Distribution::of(false_non_match_rates(scores, threshold)),
            });
        }
    }
    spreads
}

fn false_match_rates(plan: &Plan<'_>, scores: &Scores, threshold: f32) -> Vec<f64> {
    let mut matches: HashMap<u32, u64> = HashMap::new();
    for comparison in scores.impostor.reaching(threshold) {
        *matches.entry(comparison.reference).or_default() += 1;
        if plan.is_symmetric() {
            *matches.entry(comparison.probe).or_default() += 1;
        }
    }
    let rate = |(person, comparisons)| {
        share(matches.get(&person).copied().unwrap_or_default(), comparisons)
    };
    plan.impostors_of_each().into_iter().filter_map(rate).collect()
}

fn false_non_match_rates(scores: &Scores, threshold: f32) -> Vec<f64> {
    let mut people: HashMap<u32, (u64, u64)> = HashMap::new();
    for comparison in &scores.genuine {
        let (missed, all) = people.entry(comparison.reference).or_default();
        *missed += u64::from(comparison.score() < threshold);
        *all += 1;
    }
    people.values().map(|&(missed, all)| real(missed) / real(all)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_no_distribution() {
        assert_eq!(Distribution::of(Vec::new()), None);
    }

    #[test]
    fn ranks_are_values_that_occur() {
        let values: Vec<f64> = (1..=200_u8).rev().map(f64::from).collect();
        let expected =
            Distribution { people: 200, median: 100.0, p90: 180.0, p99: 198.0, maximum: 200.0 };
        assert_eq!(Distribution::of(values), Some(expected));
        let one = Distribution::of(vec![0.5]).unwrap();
        assert_eq!((one.median, one.p99, one.maximum), (0.5, 0.5, 0.5));
    }
}
