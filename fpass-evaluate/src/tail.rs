//! The largest of many scores, and the thresholds that follow from them.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::rate::{Rate, count, real};

/// One comparison of two people's features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// Larger is more alike; never NaN or +∞, which reach no threshold and count as −∞.
    score: f32,
    /// The person whose picture is compared.
    pub(crate) probe: u32,
    /// The person it is compared with.
    pub(crate) reference: u32,
    /// 1 divided by the number of comparisons of these two people, so that each pair of people
    /// weighs 1.
    weight: f32,
}

impl Comparison {
    /// Notes a score between two people, by their numbers.
    pub(crate) fn new(score: f32, probe: u32, reference: u32) -> Self {
        let score = if score.is_finite() { score } else { f32::NEG_INFINITY };
        Self { score, probe, reference, weight: 1.0 }
    }

    /// The same comparison, one of several of its two people.
    pub(crate) fn weighing(self, weight: f32) -> Self {
        Self { weight, ..self }
    }

    /// The score.
    pub(crate) fn score(&self) -> f32 {
        self.score
    }
}

fn falling(a: &Comparison, b: &Comparison) -> Ordering {
    b.score.total_cmp(&a.score)
}

/// Collects comparisons and keeps those with the largest scores.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Fewest that are kept.
    least: usize,
    /// Pairs of people whose weight is kept.
    pairs_kept: f64,
    /// How many are kept; twice as many are sorted out.
    room: usize,
    kept: Vec<Comparison>,
    /// A score must exceed this to be among the largest.
    floor: f32,
    total: u64,
    pairs: f64,
}

impl Tail {
    /// Keeps the scores that thresholds up to [`Rate::LARGEST`] need, of this many comparisons of
    /// this many pairs of people. Comparisons of people with many pictures weigh little, so more of
    /// them may be kept.
    pub(crate) fn new(comparisons: u64, pairs: u64) -> Self {
        let needed = Rate::LARGEST.allowed(comparisons).saturating_add(1);
        let least = usize::try_from(needed).unwrap_or(usize::MAX).max(1);
        let pairs_kept = Rate::LARGEST.value() * real(pairs);
        let floor = f32::NEG_INFINITY;
        Self { least, pairs_kept, room: least, kept: Vec::new(), floor, total: 0, pairs: 0.0 }
    }

    /// Adds a comparison.
    pub(crate) fn push(&mut self, comparison: Comparison) {
        self.total += 1;
        self.pairs += f64::from(comparison.weight);
        self.keep(comparison);
    }

    fn keep(&mut self, comparison: Comparison) {
        if self.kept.len() >= self.room && comparison.score <= self.floor {
            return;
        }
        self.kept.push(comparison);
        if self.kept.len() >= self.room.saturating_mul(2) {
            self.shrink();
        }
    }

    /// Drops all but the largest. Of equal scores any may stay, because thresholds are above them.
    fn shrink(&mut self) {
        self.kept.sort_unstable_by(falling);
        let mut weight = 0.0;
        let enough = self.kept.iter().position(|comparison| {
            weight += f64::from(comparison.weight);
            weight > self.pairs_kept
        });
        let wanted = enough.map_or(self.kept.len(), |last| last + 1).max(self.least);
        if let Some(last) = self.kept.get(wanted - 1).filter(|_| wanted < self.kept.len()) {
            self.floor = last.score;
            self.kept.truncate(wanted);
        }
        self.room = wanted;
    }

    /// Adds the comparisons of another collection.
    pub(crate) fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.pairs += other.pairs;
        for comparison in other.kept {
            self.keep(comparison);
        }
    }

    /// The largest scores in order.
    pub(crate) fn ranked(mut self) -> RankedTail {
        self.shrink();
        RankedTail { total: self.total, pairs: self.pairs, largest: self.kept }
    }
}

/// Two people who match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AlikePair {
    /// The person whose pictures are compared.
    pub(crate) probe: u32,
    /// The person with whom they are compared.
    pub(crate) reference: u32,
    /// Their comparisons that match.
    pub(crate) matched: u64,
    /// All of their comparisons.
    pub(crate) compared: f64,
}

impl AlikePair {
    /// The share of their comparisons that match.
    pub(crate) fn share(&self) -> f64 {
        real(self.matched) / self.compared
    }
}

/// The largest impostor scores in falling order, and the number of all comparisons.
#[derive(Debug)]
pub(crate) struct RankedTail {
    total: u64,
    /// The number of pairs of people.
    pairs: f64,
    largest: Vec<Comparison>,
}

impl RankedTail {
    /// The number of all comparisons, kept or not.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The smallest score that at most `floor(rate · total)` comparisons reach: the next `f32`
    /// above the largest score that must not reach it. `None` when there are too few comparisons to
    /// support the rate, or when the rate is above [`Rate::LARGEST`].
    pub(crate) fn threshold(&self, rate: Rate) -> Option<f32> {
        match rate.allowed(self.total) {
            0 => None,
            allowed => self.above_rank(allowed),
        }
    }

    /// The smallest score that at most `allowed` comparisons reach.
    pub(crate) fn above_rank(&self, allowed: u64) -> Option<f32> {
        let excluded = self.largest.get(usize::try_from(allowed).ok()?)?;
        Some(excluded.score.next_up())
    }

    /// The smallest score that at most a share `rate` of the pairs of people reach, where the
    /// comparisons of a pair share its weight. So somebody with many pictures decides no rate.
    /// `None` when the kept scores do not tell.
    pub(crate) fn threshold_by_pairs(&self, rate: Rate) -> Option<f32> {
        let allowed = rate.value() * self.pairs;
        let mut reached = 0.0;
        let excluded = self.largest.iter().find(|comparison| {
            reached += f64::from(comparison.weight);
            reached > allowed
        })?;
        Some(excluded.score.next_up())
    }

    /// The share of the pairs of people that reach a threshold, weighed as above.
    pub(crate) fn pair_share(&self, threshold: f32) -> f64 {
        let reached = self.reaching(threshold).iter().map(|one| f64::from(one.weight)).sum::<f64>();
        if self.pairs > 0.0 { reached / self.pairs } else { 0.0 }
    }

    /// The pairs of people who reach a threshold, by falling share of their comparisons.
    pub(crate) fn pairs_reaching(&self, threshold: f32) -> Vec<AlikePair> {
        let mut pairs: HashMap<(u32, u32), AlikePair> = HashMap::new();
        for &Comparison { probe, reference, weight, .. } in self.reaching(threshold) {
            let compared = 1.0 / f64::from(weight);
            let new = AlikePair { probe, reference, matched: 0, compared };
            pairs.entry((probe, reference)).or_insert(new).matched += 1;
        }
        let mut pairs: Vec<AlikePair> = pairs.into_values().collect();
        pairs.sort_by(|a, b| {
            let by_share = b.share().total_cmp(&a.share()).then(b.matched.cmp(&a.matched));
            by_share.then((a.probe, a.reference).cmp(&(b.probe, b.reference)))
        });
        pairs
    }

    /// The comparisons that reach a threshold given by [`RankedTail::threshold`].
    pub(crate) fn reaching(&self, threshold: f32) -> &[Comparison] {
        let end = self.largest.partition_point(|comparison| comparison.score >= threshold);
        self.largest.get(..end).unwrap_or_default()
    }

    /// How many reach a threshold given by [`RankedTail::threshold`].
    pub(crate) fn false_matches(&self, threshold: f32) -> u64 {
        count(self.reaching(threshold).len())
    }

    #[cfg(test)]
    pub(crate) fn of(scores: &[f32]) -> Self {
        let mut tail = Tail::new(count(scores.len()), count(scores.len()));
        let pairs = (1..).zip(scores);
        pairs.for_each(|(number, &score)| tail.push(Comparison::new(score, 0, number)));
        tail.ranked()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn too_few_comparisons_support_no_threshold() {
        for scores in [&[][..], &[0.5], &[0.5; 99]] {
            assert_eq!(RankedTail::of(scores).threshold(Rate::decade(2)), None);
        }
        assert_eq!(RankedTail::of(&[0.5; 100]).threshold(Rate::decade(3)), None);
    }

    #[test]
    fn equal_scores_are_all_excluded_when_they_are_too_many() {
        let ranked = RankedTail::of(&[0.5; 100]);
        let threshold = ranked.threshold(Rate::decade(2)).unwrap();
        assert_eq!(threshold, 0.5_f32.next_up());
        assert_eq!(ranked.false_matches(threshold), 0);
    }

    #[test]
    fn what_is_no_number_reaches_nothing_but_counts() {
        let mut scores = vec![f32::NAN; 300];
        scores.extend([f32::INFINITY; 100]);
        scores.push(0.25);
        let ranked = RankedTail::of(&scores);
        assert_eq!(ranked.total(), 401);
        let threshold = ranked.threshold(Rate::decade(2)).unwrap();
        assert!(threshold.is_finite());
        assert_eq!(ranked.false_matches(threshold), 1);
    }

    #[test]
    fn somebody_with_many_pictures_decides_no_rate() {
        // Two wrongly labelled people with 500 pictures, among 1000 other pairs.
        let mut tail = Tail::new(1500, 1001);
        for number in 0..500_u16 {
            tail.push(Comparison::new(0.9 + f32::from(number) / 1e4, 1, 2).weighing(1.0 / 500.0));
        }
        for number in 0..1000_u16 {
            tail.push(Comparison::new(f32::from(number) / 2000.0, 3, 4 + u32::from(number)));
        }
        let ranked = tail.ranked();
        let by_pairs = ranked.threshold_by_pairs(Rate::decade(2)).unwrap();
        assert!(ranked.threshold(Rate::decade(2)).unwrap() > 0.9 && by_pairs < 0.5);
        assert!((ranked.pair_share(by_pairs) - 10.0 / 1001.0).abs() < 1e-4);
        let alike = ranked.pairs_reaching(0.9);
        assert_eq!((alike.len(), alike[0].probe, alike[0].reference), (1, 1, 2));
    }

    #[test]
    fn pairs_that_match_most_come_first() {
        let mut tail = Tail::new(10_000, 100);
        for (score, reference, weight) in
            [(0.5, 2, 0.25), (0.6, 2, 0.25), (0.9, 3, 1.0), (0.7, 4, 0.5), (0.7, 4, 0.5)]
        {
            tail.push(Comparison::new(score, 1, reference).weighing(weight));
        }
        let alike = tail.ranked().pairs_reaching(0.5);
        let found: Vec<_> = alike.iter().map(|pair| (pair.reference, pair.matched)).collect();
        assert_eq!(found, [(4, 2), (3, 1), (2, 2)]);
    }

    #[test]
    fn a_threshold_beyond_the_kept_scores_is_not_made_up() {
        assert_eq!(RankedTail::of(&[0.5; 1000]).above_rank(500), None);
    }

    proptest! {
        #[test]
        fn thresholds_are_those_of_brute_force(
            coarse in proptest::collection::vec(-40_i8..40, 100..3000),
            parts in 1_usize..5,
        ) {
            let scores: Vec<f32> = coarse.iter().map(|&step| f32::from(step) / 8.0).collect();
            let mut tail = Tail::new(count(scores.len()), count(scores.len()));
            for part in scores.chunks(scores.len().div_ceil(parts)) {
                let mut other = Tail::new(count(scores.len()), count(scores.len()));
                part.iter().for_each(|&score| other.push(Comparison::new(score, 0, 1)));
                tail.merge(other);
            }
            let ranked = tail.ranked();
            for rate in Rate::half_decades() {
                let reaching = |t: f32| count(scores.iter().filter(|&&score| score >= t).count());
                let allowed = rate.allowed(count(scores.len()));
                let mut candidates: Vec<f32> = scores.iter().map(|score| score.next_up()).collect();
                candidates.push(f32::MIN);
                candidates.sort_by(f32::total_cmp);
                let expected = candidates.into_iter().find(|&t| reaching(t) <= allowed);
                let threshold = ranked.threshold(rate);
                prop_assert_eq!(threshold, expected.filter(|_| allowed > 0));
                if let Some(threshold) = threshold {
                    prop_assert_eq!(ranked.false_matches(threshold), reaching(threshold));
                    prop_assert!(reaching(threshold.next_down()) > allowed);
                }
            }
        }
    }
}
