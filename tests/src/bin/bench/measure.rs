//! Measured numbers.

use std::fmt;

/// Times in milliseconds. `Display` gives the median and the middle half.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn add(&mut self, milliseconds: f64) {
        self.0.push(milliseconds);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(1, 2)
    }

    pub(crate) fn largest(&self) -> f64 {
        self.0.iter().copied().fold(f64::NAN, f64::max)
    }

    /// The quantile `part`/`whole`; NaN without values.
    fn at(&self, part: usize, whole: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * part / whole).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(times: I) -> Self {
        Self(times.into_iter().collect())
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.at(1, 4), self.at(3, 4));
        write!(f, "{:7.1} ms ({low:.0}–{high:.0})", self.median())
    }
}

/// The last number that follows `name=` in a log.
pub(crate) fn field(log: &str, name: &str) -> Option<f64> {
    let key = format!("{name}=");
    let after = log.rsplit_once(&key)?.1;
    after.split(|c: char| !(c.is_ascii_digit() || c == '.')).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_quarters_of_little_and_of_nothing() {
        assert!(Sample::default().median().is_nan());
        assert!(Sample::default().largest().is_nan());
        let sample: Sample = [5.0, 1.0, 3.0, 2.0, 4.0].into_iter().collect();
        assert_eq!((sample.median(), sample.largest(), sample.len()), (3.0, 5.0, 5));
        assert_eq!(sample.to_string(), "    3.0 ms (2–4)");
    }

    #[test]
    fn the_last_field_of_a_log_is_read() {
        assert_eq!(field("a total_ms=1.5 b\nc total_ms=22.25 d", "total_ms"), Some(22.25));
        assert_eq!(field("nothing", "total_ms"), None);
        assert_eq!(field("total_ms=", "total_ms"), None);
    }
}
