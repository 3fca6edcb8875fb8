//! Thresholds for a range of false match rates.

use fpass_face::embedder::MeanOffset;
use serde::Serialize;

use super::error::Error;
use super::rate::{Rate, count, real};
use super::tail::RankedTail;

/// Fewest pairs of people above a threshold that is taken from the scores alone.
const SUPPORT: u64 = 10;
/// Points of the tail fit, spread evenly over the logarithm of the rate.
const FIT_POINTS: u8 = 21;

/// Thresholds of one comparator.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Thresholds {
    /// Pairs of false match rate (falling) and threshold, taken from the scores.
    pub(crate) points: Vec<(f64, f64)>,
    /// Further pairs, for rates that the scores do not support, from the tail fit.
    pub(crate) extrapolated: Vec<(f64, f64)>,
}

/// One comparator's table in the file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CalibrationTable {
    /// Word of the comparator.
    pub(crate) comparator: String,
    /// Word of the protocol.
    pub(crate) protocol: String,
    /// Impostor comparisons behind the points.
    pub(crate) comparisons: u64,
    /// The thresholds.
    #[serde(flatten)]
    pub(crate) thresholds: Thresholds,
}

#[derive(Serialize)]
struct CalibrationFile<'a> {
    calibration: &'a [CalibrationTable],
}

/// Thresholds at 1e-2, 3.16e-3 and so on, down to the last rate with ten pairs of people above it.
/// From there to 1e-8 a straight line extrapolates them. Each pair of people weighs the same.
///
/// The line is the least squares fit of log10(FMR) against the threshold over the last supported
/// decade. The tails of these scores fall faster than a straight line, so the line errs towards
/// strict thresholds. It gives no threshold below the last supported one.
pub(crate) fn calibrate(impostor: &RankedTail) -> Thresholds {
    let mut calibration = Thresholds::default();
    for rate in Rate::half_decades() {
        let found = impostor.threshold_by_pairs(rate);
        let supported = found.filter(|_| calibration.extrapolated.is_empty());
        let pairs = |threshold| count(impostor.pairs_reaching(threshold).len());
        let supported = supported.filter(|&threshold| pairs(threshold) >= SUPPORT);
        if let Some(threshold) = supported {
            calibration.points.push((rate.value(), decimal(threshold)));
            continue;
        }
        let Some((_, last)) = calibration.points.last() else {
            return calibration;
        };
        let Some(line) = tail_fit(impostor) else {
            return calibration;
        };
        let floor = calibration.extrapolated.last().map_or(*last, |(_, threshold)| *threshold);
        calibration.extrapolated.push((rate.value(), line.threshold(rate.value()).max(floor)));
    }
    calibration
}

/// log10(FMR) = `offset` + `slope` · threshold, `slope` < 0.
struct TailLine {
    offset: f64,
    slope: f64,
}

impl TailLine {
    /// The threshold at a rate, rounded up to seven digits. The scores have fewer.
    fn threshold(&self, rate: f64) -> f64 {
        ((rate.log10() - self.offset) / self.slope * 1e7).ceil() / 1e7
    }
}

/// Fits the decade above the smallest supported rate; `None` when its scores are all equal or not
/// finite.
fn tail_fit(impostor: &RankedTail) -> Option<TailLine> {
    let ranks = (0..FIT_POINTS).map(|step| {
        let place = f64::from(step) / f64::from(FIT_POINTS - 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "10 to 100")]
        let rank = (real(SUPPORT) * 10.0_f64.powf(place)).round() as u64;
        rank
    });
    let places: Vec<(f64, f64)> = ranks
        .filter_map(|rank| {
            let threshold = impostor.above_rank(rank).filter(|&threshold| threshold > f32::MIN)?;
            let rate = impostor.pair_share(threshold);
            (rate > 0.0).then(|| (f64::from(threshold), rate.log10()))
        })
        .collect();
    let number = f64::from(u32::try_from(places.len()).ok()?);
    let mean = |of: fn(&(f64, f64)) -> f64| places.iter().map(of).sum::<f64>() / number;
    let (middle, height) = (mean(|place| place.0), mean(|place| place.1));
    let spread: f64 = places.iter().map(|(x, _)| (x - middle).powi(2)).sum();
    let along: f64 = places.iter().map(|(x, y)| (x - middle) * (y - height)).sum();
    let slope = along / spread;
    let usable = slope.is_finite() && slope < 0.0;
    usable.then_some(TailLine { offset: height - slope * middle, slope })
}

/// The shortest decimal that reads back as this `f32`.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// A cohort in the form of the manifest, eight values a line.
pub(crate) fn cohort_toml(cohort: &MeanOffset) -> String {
    let rows = cohort.sface_offset().chunks(8).map(|row| {
        let values: Vec<String> = row.iter().map(|value| format!("{value:.6}")).collect();
        format!("    {},\n", values.join(", "))
    });
    format!("[cohort]\nsface_offset = [\n{}]\n", rows.collect::<String>())
}

/// The calibration file, in TOML. Comparators without a supported point are left out.
///
/// # Errors
/// [`Error::CalibrationUnsupported`] when no comparator is left.
pub(crate) fn toml(mut entries: Vec<CalibrationTable>) -> Result<String, Error> {
    entries.retain(|entry| !entry.thresholds.points.is_empty());
    if entries.is_empty() {
        return Err(Error::CalibrationUnsupported);
    }
    toml::to_string(&CalibrationFile { calibration: &entries })
        .map_err(|_| Error::CalibrationUnsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores with a share of 10^(−8·score) above each score.
    fn exponential(number: u16) -> Vec<f32> {
        let share = |rank: u16| (f32::from(rank) + 0.5) / f32::from(number);
        (0..number).map(|rank| -share(rank).log10() / 8.0).collect()
    }

    #[test]
    fn too_few_or_equal_scores_give_no_table() {
        assert_eq!(calibrate(&RankedTail::of(&[])), Thresholds::default());
        assert_eq!(calibrate(&RankedTail::of(&exponential(999))), Thresholds::default());
        assert_eq!(calibrate(&RankedTail::of(&[0.5; 5000])), Thresholds::default());
        assert_eq!(calibrate(&RankedTail::of(&[f32::NAN; 5000])), Thresholds::default());
        let error = toml(vec![]).unwrap_err();
        assert!(matches!(error, Error::CalibrationUnsupported));
    }

    #[test]
    fn points_end_where_ten_scores_are_above() {
        let calibration = calibrate(&RankedTail::of(&exponential(10_000)));
        let rates: Vec<f64> = calibration.points.iter().map(|(rate, _)| *rate).collect();
        assert_eq!(rates, [Rate::decade(2).value(), 1e-2 / 10.0_f64.sqrt(), 1e-3]);
        assert_eq!(calibration.extrapolated.len(), 10);
        assert_eq!(calibration.extrapolated.last().map(|(rate, _)| *rate), Some(1e-8));
    }

    #[test]
    fn thresholds_rise_and_an_exponential_tail_is_found_again() {
        let calibration = calibrate(&RankedTail::of(&exponential(50_000)));
        let all = [calibration.points, calibration.extrapolated].concat();
        assert!(all.is_sorted_by(|a, b| a.0 > b.0 && a.1 <= b.1), "{all:?}");
        for (rate, threshold) in all {
            let expected = -rate.log10() / 8.0;
            assert!((threshold - expected).abs() < 0.02, "{rate} {threshold} {expected}");
        }
    }

    #[test]
    fn the_cohort_file_is_read_as_it_was_written() {
        let mut values = [0.25; fpass_face::embedder::EMBEDDING_LENGTH];
        values[3] = -0.125;
        let sface = fpass_face::Embedding::from_values(&values).unwrap();
        let features = fpass_face::Features { dlib: None, sface: Some(sface) };
        let cohort = MeanOffset::of(&[features]).unwrap();
        let mut read: toml::Table = toml::from_str(&cohort_toml(&cohort)).unwrap();
        let read: MeanOffset = read.remove("cohort").unwrap().try_into().unwrap();
        assert_eq!(read, cohort);
    }

    #[test]
    fn the_file_has_arrays_of_pairs() {
        let entry = CalibrationTable {
            comparator: "fused".into(),
            protocol: "template-5".into(),
            comparisons: 10_000,
            thresholds: calibrate(&RankedTail::of(&exponential(10_000))),
        };
        let text = toml(vec![entry]).unwrap();
        let parsed: toml::Table = toml::from_str(&text).unwrap();
        let table = &parsed["calibration"][0];
        assert_eq!(table["comparator"].as_str(), Some("fused"));
        assert_eq!(table["protocol"].as_str(), Some("template-5"));
        assert_eq!(table["comparisons"].as_integer(), Some(10_000));
        assert_eq!(table["points"][0][0].as_float(), Some(0.01));
        assert!(table["points"][2][1].as_float() > table["points"][0][1].as_float());
        assert_eq!(table["extrapolated"].as_array().map(Vec::len), Some(10));
    }
}
