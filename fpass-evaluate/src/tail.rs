//! The largest of many scores, and the thresholds that follow from them.

use std::cmp::Ordering;

use super::rate::{Rate, count};

/// One comparison of two people's features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// Larger is more alike; never NaN or +∞, which reach no threshold and count as −∞.
    score: f32,
    /// The person whose picture is compared.
    pub(crate) probe: u32,
    /// The person it is compared with.
    pub(crate) reference: u32,
}

impl Comparison {
    /// Notes a score between two people, by their numbers.
    pub(crate) fn new(score: f32, probe: u32, reference: u32) -> Self {
        let score = if score.is_finite() { score } else { f32::NEG_INFINITY };
        Self { score, probe, reference }
    }

    /// The score.
    pub(crate) fn score(&self) -> f32 {
        self.score
    }
}

fn falling(a: &Comparison, b: &Comparison) -> Ordering {
    b.score.total_cmp(&a.score)
}

/// Collects comparisons and keeps those with the largest scores, in bounded memory.
#[derive(Debug)]
pub(crate) struct Tail {
    room: usize,
    /// The `room` largest so far, and at most as many others.
    kept: Vec<Comparison>,
    /// A score must exceed this to be among the largest.
    floor: f32,
    total: u64,
}

impl Tail {
    /// Keeps the scores that thresholds up to [`Rate::LARGEST`] of this many comparisons need.
    pub(crate) fn for_comparisons(comparisons: u64) -> Self {
        let needed = Rate::LARGEST.allowed(comparisons).saturating_add(1);
        Self::new(usize::try_from(needed).unwrap_or(usize::MAX))
    }

    fn new(room: usize) -> Self {
        Self { room: room.max(1), kept: Vec::new(), floor: f32::NEG_INFINITY, total: 0 }
    }

    /// Adds a comparison.
    pub(crate) fn push(&mut self, comparison: Comparison) {
        self.total += 1;
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
        if self.kept.len() >= self.room {
            let (_, last, _) = self.kept.select_nth_unstable_by(self.room - 1, falling);
            self.floor = last.score;
            self.kept.truncate(self.room);
        }
    }

    /// Adds the comparisons of another collection.
    pub(crate) fn merge(&mut self, other: Self) {
        self.total += other.total;
        for comparison in other.kept {
            self.keep(comparison);
        }
    }

    /// The largest scores in order.
    pub(crate) fn ranked(mut self) -> RankedTail {
        self.shrink();
        self.kept.sort_unstable_by(falling);
        RankedTail { total: self.total, largest: self.kept }
    }
}

/// The largest impostor scores in falling order, and the number of all comparisons.
#[derive(Debug)]
pub(crate) struct RankedTail {
    total: u64,
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
        let mut tail = Tail::for_comparisons(count(scores.len()));
        scores.iter().for_each(|&score| tail.push(Comparison::new(score, 0, 1)));
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
            let mut tail = Tail::for_comparisons(count(scores.len()));
            for part in scores.chunks(scores.len().div_ceil(parts)) {
                let mut other = Tail::for_comparisons(count(scores.len()));
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
