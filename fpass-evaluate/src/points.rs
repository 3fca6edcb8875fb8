//! Match rates at fixed false match rates.

use super::interval::Interval;
use super::protocol::Scores;
use super::rate::{Rate, count, share};
use super::tail::Comparison;

/// What a threshold does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// The false match rate that it is for.
    pub(crate) rate: Rate,
    /// Scores from here on match.
    pub(crate) threshold: f32,
    /// Impostor comparisons that match.
    pub(crate) false_matches: u64,
    /// Bounds of the false match rate that was reached.
    pub(crate) fmr: Interval,
    /// The false match rate if each pair of people weighs the same, however many pictures they
    /// have.
    pub(crate) pair_fmr: f64,
    /// Share of genuine comparisons that match; `None` without any.
    pub(crate) tar: Option<f64>,
    /// Its bounds.
    pub(crate) tar_bounds: Interval,
}

/// Points for the rates that the comparisons support, and the rates that they do not: fewer than
/// one false match would be allowed.
pub(crate) fn points(scores: &Scores) -> (Vec<Point>, Vec<Rate>) {
    let mut unsupported = Vec::new();
    let mut points = Vec::new();
    for rate in Rate::DECADES {
        match scores.impostor.threshold(rate) {
            Some(threshold) => points.push(point(scores, rate, threshold)),
            None => unsupported.push(rate),
        }
    }
    (points, unsupported)
}

fn point(scores: &Scores, rate: Rate, threshold: f32) -> Point {
    let false_matches = scores.impostor.false_matches(threshold);
    let (accepted, genuine) = (accepted(&scores.genuine, threshold), count(scores.genuine.len()));
    Point {
        rate,
        threshold,
        false_matches,
        fmr: Interval::exact(false_matches, scores.impostor.total()),
        pair_fmr: scores.impostor.pair_share(threshold),
        tar: share(accepted, genuine),
        tar_bounds: Interval::exact(accepted, genuine),
    }
}

/// How many of rising scores reach a threshold.
pub(crate) fn accepted(rising: &[Comparison], threshold: f32) -> u64 {
    let below = rising.partition_point(|comparison| comparison.score() < threshold);
    count(rising.len() - below)
}

/// Pairs of false match rate and false non-match rate from the loosest threshold to the strictest
/// that has a false match: from the histogram down to the largest rate for which scores are kept,
/// from those below. Empty without genuine or impostor scores.
pub(crate) fn curve(scores: &Scores) -> Vec<(f64, f64)> {
    let (impostors, genuine) = (scores.impostor.total(), count(scores.genuine.len()));
    let fnmr = |threshold: f32| share(genuine - accepted(&scores.genuine, threshold), genuine);
    let place = |false_matches, threshold| share(false_matches, impostors).zip(fnmr(threshold));
    let kept = Rate::LARGEST.allowed(impostors);
    let loose = scores.impostor_histogram.reaching();
    #[expect(clippy::cast_possible_truncation, reason = "edges of bins; a plot needs no more")]
    let loose = loose.iter().map(|&(edge, hits)| (hits, edge as f32));
    let loose = loose.filter(|(hits, _)| *hits > kept.max(1));
    let mut ranks: Vec<u64> =
        std::iter::successors(Some(kept), |&rank| Some(rank * 19 / 20).filter(|&next| next > 0))
            .collect();
    ranks.retain(|&rank| rank > 0);
    let strict = ranks.into_iter().filter_map(|rank| {
        let threshold = scores.impostor.above_rank(rank)?;
        Some((scores.impostor.false_matches(threshold), threshold))
    });
    loose.chain(strict).filter(|(hits, _)| *hits > 0).filter_map(|(h, t)| place(h, t)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::histogram::Histogram;
    use super::super::tail::RankedTail;
    use super::*;

    fn scores(genuine: &[f32], impostor: &[f32]) -> Scores {
        let mut rising: Vec<Comparison> =
            genuine.iter().map(|&score| Comparison::new(score, 0, 0)).collect();
        rising.sort_by(|a, b| a.score().total_cmp(&b.score()));
        let mut impostor_histogram = Histogram::default();
        impostor.iter().for_each(|&score| impostor_histogram.add(score));
        Scores {
            genuine: rising,
            impostor: RankedTail::of(impostor),
            genuine_histogram: Histogram::default(),
            impostor_histogram,
        }
    }

    #[test]
    fn without_comparisons_nothing_is_supported() {
        let (points, unsupported) = points(&scores(&[], &[]));
        assert!(points.is_empty());
        assert_eq!(unsupported, Rate::DECADES);
        assert!(curve(&scores(&[], &[])).is_empty());
    }

    #[test]
    fn without_genuine_comparisons_there_is_a_threshold_but_no_rate() {
        let (points, _) = points(&scores(&[], &[0.0; 1000]));
        assert_eq!(points.len(), 2);
        assert_eq!(points[0].tar, None);
        assert_eq!(points[0].tar_bounds, Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn genuine_scores_that_are_no_numbers_do_not_match() {
        let genuine = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.5];
        let (points, _) = points(&scores(&genuine, &[f32::NEG_INFINITY; 100]));
        assert_eq!(points[0].tar, Some(0.25));
    }

    #[test]
    fn a_score_at_the_threshold_matches_and_one_below_does_not() {
        let impostor: Vec<f32> = (0..1000_u16).map(|i| f32::from(i) / 1000.0).collect();
        let (points, unsupported) = points(&scores(&[0.5, 0.989, 0.99, 0.999], &impostor));
        assert_eq!(unsupported.len(), 3);
        assert_eq!((points[0].rate, points[0].false_matches), (Rate::decade(2), 10));
        assert_eq!(points[0].threshold, 0.989_f32.next_up());
        assert_eq!(points[0].tar, Some(0.5));
        assert_eq!((points[1].false_matches, points[1].tar), (1, Some(0.25)));
    }

    #[test]
    fn the_curve_trades_one_error_for_the_other() {
        let impostor: Vec<f32> = (0..5000_u16).map(|i| f32::from(i) / 10_000.0).collect();
        let genuine: Vec<f32> = (0..500_u16).map(|i| f32::from(i) / 1000.0 + 0.3).collect();
        let curve = curve(&scores(&genuine, &impostor));
        assert!(curve.len() > 50);
        assert!(curve.is_sorted_by(|a, b| a.0 >= b.0 && a.1 <= b.1), "{curve:?}");
        assert!(curve.first().is_some_and(|(fmr, _)| (*fmr - 1.0).abs() < 1e-9));
        assert!(curve.last().is_some_and(|(fmr, _)| (*fmr - 2e-4).abs() < 1e-9));
    }
}
