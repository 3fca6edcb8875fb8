//! The thresholds of this machine's models, from false match rates.

use fpass_face::{Calibration, Comparator, Score, calibration::FALSE_MATCH_RATE_MIN};

use crate::{
    config::Config,
    decide::Policy,
    qualify::MatchThresholds,
    strength::{FAIR_RATE, STRONG_RATE, StrengthThresholds},
};

/// A match counts as certain at a false match rate this many times below the configured one.
const CERTAIN_FACTOR: f64 = 100.0;
/// False match rate of an attempt, divided by that of a single comparison. In an attempt any two
/// consecutive frames may agree; they differ little, so the rate is only slightly higher. Measured
/// by `fpass-face/examples/frames.rs` for two agreeing frames: 1.2 to 1.3, rounded up.
const ATTEMPT_FACTOR: f64 = 1.5;

/// Calibration tables, one for each comparator.
pub(crate) struct Calibrations(Vec<Calibration>);

impl Calibrations {
    /// The thresholds in these tables.
    pub(crate) fn new(tables: Vec<Calibration>) -> Self {
        Self(tables)
    }

    /// The score that a frame must reach so that `false_match_rate` of the attempts of other people
    /// match a gallery of `templates` templates. Without a table for the comparator no score
    /// reaches it.
    pub(crate) fn threshold(
        &self,
        comparator: Comparator,
        false_match_rate: f64,
        templates: usize,
    ) -> Score {
        let table = self.0.iter().find(|table| table.comparator == comparator);
        let rate = false_match_rate / ATTEMPT_FACTOR;
        table.map_or(Score::new(f32::NAN), |table| table.threshold(rate, templates))
    }

    /// The thresholds that the samples of a new template are compared with.
    pub(crate) fn strength_thresholds(&self, comparator: Comparator) -> StrengthThresholds {
        StrengthThresholds {
            comparator,
            fair: self.threshold(comparator, FAIR_RATE, 1),
            strong: self.threshold(comparator, STRONG_RATE, 1),
        }
    }

    /// The configured threshold and the one of a certain match, for a gallery of `templates`
    /// templates.
    pub(crate) fn match_thresholds(&self, config: &Config, templates: usize) -> MatchThresholds {
        let recognition = &config.recognition;
        let (comparator, rate) = (recognition.recogniser, recognition.false_match_rate);
        let strict = (rate / CERTAIN_FACTOR).max(FALSE_MATCH_RATE_MIN);
        MatchThresholds {
            comparator,
            configured: self.threshold(comparator, rate, templates),
            strict: self.threshold(comparator, strict, templates),
        }
    }

    /// How an attempt with a gallery of `templates` templates is decided.
    pub(crate) fn policy(&self, config: &Config, templates: usize) -> Policy {
        let recognition = &config.recognition;
        let (comparator, rate) = (recognition.recogniser, recognition.false_match_rate);
        Policy {
            comparator,
            threshold: self.threshold(comparator, rate, templates),
            agreeing_frames: config.verification.agreeing_frames,
            judged_frames: config.verification.judged_frames,
            keep_probe: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use fpass_face::{Manifest, calibration::TEMPLATES_MAX};

    use super::*;

    #[test]
    fn an_attempt_is_stricter_than_a_comparison_at_every_rate_and_number_of_templates() {
        let manifest = Manifest::embedded().unwrap();
        let calibrations = Calibrations::new(manifest.calibrations.clone());
        for comparator in Comparator::ALL {
            let table = manifest.calibration(comparator).unwrap();
            for rate in [FALSE_MATCH_RATE_MIN, 1e-5, 1e-4, 1e-3] {
                for templates in [1, 2, TEMPLATES_MAX] {
                    let attempt = calibrations.threshold(comparator, rate, templates);
                    let comparison = table.threshold(rate, templates);
                    assert!(attempt > comparison, "{comparator} {rate} {templates}");
                }
            }
        }
    }

    #[test]
    fn without_a_table_nothing_matches() {
        let threshold = Calibrations::new(Vec::new()).threshold(Comparator::Fused, 1e-3, 1);
        assert!(!Score::new(f32::MAX).reaches(threshold));
    }
}
