//! How scores are distributed.

use super::rate::{count, real};

/// Lowest and highest score shown. The scores of every comparator are between them.
const RANGE: (f32, f32) = (-1.5, 1.0);
/// Bins over that range.
const BINS: usize = 250;

/// Counts of scores in bins of equal width. The outermost bins also count scores beyond the range.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    bins: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { bins: vec![0; BINS] }
    }
}

impl Histogram {
    /// Adds a score. NaN counts as the lowest score.
    pub(crate) fn add(&mut self, score: f32) {
        let place = (score - RANGE.0) / (RANGE.1 - RANGE.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the cast saturates, and takes NaN to 0; 250 is exact"
        )]
        let bin = (place * BINS as f32) as usize;
        if let Some(bin) = self.bins.get_mut(bin.min(BINS - 1)) {
            *bin += 1;
        }
    }

    /// Adds the counts of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (bin, more) in self.bins.iter_mut().zip(&other.bins) {
            *bin += more;
        }
    }

    /// All scores.
    pub(crate) fn total(&self) -> u64 {
        self.bins.iter().sum()
    }

    /// Lower edge of each bin and the share of scores in it; nothing without scores.
    pub(crate) fn shares(&self) -> Vec<(f64, f64)> {
        let total = self.total();
        if total == 0 {
            return Vec::new();
        }
        let share = |(bin, hits): (usize, &u64)| (edge(bin), real(*hits) / real(total));
        self.bins.iter().enumerate().map(share).collect()
    }

    /// Lower edge of each bin and how many scores are at or above it, from the lowest edge on.
    pub(crate) fn reaching(&self) -> Vec<(f64, u64)> {
        let mut left = self.total();
        let mut reaching = Vec::with_capacity(BINS);
        for (bin, hits) in self.bins.iter().enumerate() {
            reaching.push((edge(bin), left));
            left -= hits;
        }
        reaching
    }
}

/// Width of a bin.
pub(crate) fn width() -> f64 {
    f64::from(RANGE.1 - RANGE.0) / real(count(BINS))
}

fn edge(bin: usize) -> f64 {
    f64::from(RANGE.0) + width() * real(count(bin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_outside_and_no_numbers_are_counted_at_the_ends() {
        let mut histogram = Histogram::default();
        for score in [f32::NAN, f32::NEG_INFINITY, -9.0, 1.0, 9.0, f32::INFINITY] {
            histogram.add(score);
        }
        assert_eq!(histogram.total(), 6);
        assert_eq!((histogram.bins[0], histogram.bins[BINS - 1]), (3, 3));
    }

    #[test]
    fn reaching_falls_from_all_of_them() {
        let mut histogram = Histogram::default();
        let mut other = Histogram::default();
        histogram.add(-0.5);
        other.add(0.5);
        histogram.merge(&other);
        let reaching = histogram.reaching();
        assert_eq!(reaching.first().map(|(_, hits)| *hits), Some(2));
        assert_eq!(
            reaching.iter().filter(|(edge, _)| *edge > 0.0).map(|(_, hits)| *hits).max(),
            Some(1)
        );
        assert_eq!(reaching.last().map(|(_, hits)| *hits), Some(0));
    }

    #[test]
    fn nothing_has_no_shares() {
        assert!(Histogram::default().shares().is_empty());
    }
}
