//! Thresholds for a range of false match rates, for the recogniser to choose from.

use fpass_face::embedder::Cohort;
use serde::Serialize;

use super::error::EvaluateError;
use super::rate::{Rate, real};
use super::tail::Ranked;

/// Fewest impostor scores above a threshold that is taken from the scores alone.
const SUPPORT: u64 = 10;
/// Points of the tail fit, spread evenly over the logarithm of the rate.
const FIT_POINTS: u8 = 21;

/// Thresholds of one comparator.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Calibration {
    /// Pairs of false match rate, falling, and threshold, taken from the scores.
    pub(crate) points: Vec<(f64, f64)>,
    /// The same beyond what the scores support, from the tail fit.
    pub(crate) extrapolated: Vec<(f64, f64)>,
}

/// One comparator's table in the file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// Word of the comparator.
    pub(crate) comparator: String,
    /// Word of the protocol.
    pub(crate) protocol: String,
    /// Impostor comparisons behind the points.
    pub(crate) comparisons: u64,
    /// The thresholds.
    #[serde(flatten)]
    pub(crate) thresholds: Calibration,
}

#[derive(Serialize)]
struct File<'a> {
    calibration: &'a [Entry],
}

/// Thresholds at 1e-2, 3.16e-3 and so on down to the last rate with ten scores above it, and from
/// there to 1e-8 by a straight line.
///
/// The line is the least squares fit of log10(FMR) against the threshold over the last decade that
/// is supported. The tails of these scores fall faster than any straight line, so that it errs
/// towards strict thresholds. It never gives one below the last that is supported.
pub(crate) fn calibrate(impostor: &Ranked) -> Calibration {
    let mut calibration = Calibration::default();
    for rate in Rate::half_decades() {
        let supported = impostor.threshold(rate).filter(|_| calibration.extrapolated.is_empty());
        let supported = supported.filter(|&t| impostor.false_matches(t) >= SUPPORT);
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
struct Line {
    offset: f64,
    slope: f64,
}

impl Line {
    /// Rounded up to seven digits, more than the scores have.
    fn threshold(&self, rate: f64) -> f64 {
        ((rate.log10() - self.offset) / self.slope * 1e7).ceil() / 1e7
    }
}

/// Fits the decade above the smallest supported rate; `None` when its scores are all equal or no
/// numbers.
fn tail_fit(impostor: &Ranked) -> Option<Line> {
    let ranks = (0..FIT_POINTS).map(|step| {
        let place = f64::from(step) / f64::from(FIT_POINTS - 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "10 to 100")]
        let rank = (real(SUPPORT) * 10.0_f64.powf(place)).round() as u64;
        rank
    });
    let places: Vec<(f64, f64)> = ranks
        .filter_map(|rank| {
            let threshold = impostor.above_rank(rank).filter(|&threshold| threshold > f32::MIN)?;
            let reached = impostor.false_matches(threshold);
            let rate = real(reached) / real(impostor.total());
            (reached > 0).then(|| (f64::from(threshold), rate.log10()))
        })
        .collect();
    let number = f64::from(u32::try_from(places.len()).ok()?);
    let mean = |of: fn(&(f64, f64)) -> f64| places.iter().map(of).sum::<f64>() / number;
    let (middle, height) = (mean(|place| place.0), mean(|place| place.1));
    let spread: f64 = places.iter().map(|(x, _)| (x - middle).powi(2)).sum();
    let along: f64 = places.iter().map(|(x, y)| (x - middle) * (y - height)).sum();
    let slope = along / spread;
    let usable = slope.is_finite() && slope < 0.0;
    usable.then_some(Line { offset: height - slope * middle, slope })
}

/// The shortest decimal that is this very `f32`.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// A cohort as the manifest holds it, eight values a line.
pub(crate) fn cohort_toml(cohort: &Cohort) -> String {
    let rows = cohort.sface_offset().chunks(8).map(|row| {
        let values: Vec<String> = row.iter().map(|value| format!("{value:.6}")).collect();
        format!("    {},\n", values.join(", "))
    });
    format!("[cohort]\nsface_offset = [\n{}]\n", rows.collect::<String>())
}

/// The file, in TOML. Comparators whose comparisons support no point are left out.
///
/// # Errors
/// [`EvaluateError::CalibrationUnsupported`] when none is left.
pub(crate) fn toml(mut entries: Vec<Entry>) -> Result<String, EvaluateError> {
    entries.retain(|entry| !entry.thresholds.points.is_empty());
    if entries.is_empty() {
        return Err(EvaluateError::CalibrationUnsupported);
    }
    toml::to_string(&File { calibration: &entries })
        .map_err(|_| EvaluateError::CalibrationUnsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of which a share of 10^(−8·score) lies above each score.
    fn exponential(number: u16) -> Vec<f32> {
        let share = |rank: u16| (f32::from(rank) + 0.5) / f32::from(number);
        (0..number).map(|rank| -share(rank).log10() / 8.0).collect()
    }

    #[test]
    fn too_few_or_equal_scores_give_no_table() {
        assert_eq!(calibrate(&Ranked::of(&[])), Calibration::default());
        assert_eq!(calibrate(&Ranked::of(&exponential(999))), Calibration::default());
        assert_eq!(calibrate(&Ranked::of(&[0.5; 5000])), Calibration::default());
        assert_eq!(calibrate(&Ranked::of(&[f32::NAN; 5000])), Calibration::default());
        let error = toml(vec![]).unwrap_err();
        assert!(matches!(error, EvaluateError::CalibrationUnsupported));
    }

    #[test]
    fn points_end_where_ten_scores_are_above() {
        let calibration = calibrate(&Ranked::of(&exponential(10_000)));
        let rates: Vec<f64> = calibration.points.iter().map(|(rate, _)| *rate).collect();
        assert_eq!(rates, [Rate::decade(2).value(), 1e-2 / 10.0_f64.sqrt(), 1e-3]);
        assert_eq!(calibration.extrapolated.len(), 10);
        assert_eq!(calibration.extrapolated.last().map(|(rate, _)| *rate), Some(1e-8));
    }

    #[test]
    fn thresholds_rise_and_an_exponential_tail_is_found_again() {
        let calibration = calibrate(&Ranked::of(&exponential(50_000)));
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
        let cohort = Cohort::of(&[features]).unwrap();
        let mut read: toml::Table = toml::from_str(&cohort_toml(&cohort)).unwrap();
        let read: Cohort = read.remove("cohort").unwrap().try_into().unwrap();
        assert_eq!(read, cohort);
    }

    #[test]
    fn the_file_has_arrays_of_pairs() {
        let entry = Entry {
            comparator: "fused".into(),
            protocol: "template-5".into(),
            comparisons: 10_000,
            thresholds: calibrate(&Ranked::of(&exponential(10_000))),
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
