//! The thresholds of this machine's models, from false match rates.

use std::time::Duration;

use fpass_face::{
    Calibration, Comparator, Features, Gallery, Score, Strangers, Template,
    calibration::FALSE_MATCH_RATE_MIN,
};
use fpass_proto::Refusal;

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

/// False match rate whose threshold is the measure of how far templates are from strangers.
const SEPARATION_RATE: f64 = 1e-5;

/// Calibration tables, one for each comparator, and the strangers that templates are judged by.
pub(crate) struct Calibrations {
    tables: Vec<Calibration>,
    strangers: Strangers,
}

impl Calibrations {
    /// The thresholds in these tables.
    pub(crate) fn new(tables: Vec<Calibration>, strangers: Strangers) -> Self {
        Self { tables, strangers }
    }

    /// Checks that a template of these samples tells its owner from strangers.
    ///
    /// # Errors
    /// [`Refusal::Indistinct`].
    pub(crate) fn admit(&self, samples: &[Features]) -> Result<(), Refusal> {
        let template = Template::new(samples).map_err(|_| Refusal::Indistinct)?;
        if self.strangers.admit(&template) { Ok(()) } else { Err(Refusal::Indistinct) }
    }

    /// How far the templates are from strangers, in per cent of what is admitted; the least counts.
    pub(crate) fn separation_percent(&self, gallery: &Gallery) -> u32 {
        let threshold = self.threshold(Comparator::Fused, SEPARATION_RATE, 1);
        let shares = gallery.templates().iter();
        let shares = shares.map(|template| self.strangers.separation(template, threshold));
        let least = shares.fold(f32::INFINITY, f32::min);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let percent = (100.0 * least).floor() as u32;
        percent
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
        let table = self.tables.iter().find(|table| table.comparator == comparator);
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

    /// How an attempt with a gallery of `templates` templates is decided, without liveness.
    pub(crate) fn policy(&self, config: &Config, templates: usize) -> Policy {
        let recognition = &config.recognition;
        let (comparator, rate) = (recognition.recogniser, recognition.false_match_rate);
        Policy {
            comparator,
            threshold: self.threshold(comparator, rate, templates),
            agreeing_frames: config.verification.agreeing_frames,
            judged_frames: config.verification.judged_frames,
            keep_probe: false,
            liveness: None,
            nobody_max: Duration::from_millis(config.verification.timeout_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use fpass_face::{Manifest, calibration::TEMPLATES_MAX};

    use super::*;
    use crate::scripted::{features, gallery, strangers, user};

    #[test]
    fn only_a_template_far_from_strangers_is_admitted_and_its_separation_says_so() {
        let manifest = Manifest::embedded().unwrap();
        let calibrations = Calibrations::new(manifest.calibrations, strangers());
        for samples in [Vec::new(), vec![features(&[0.0, 1.0]); 5]] {
            assert_eq!(calibrations.admit(&samples), Err(Refusal::Indistinct));
        }
        assert_eq!(calibrations.admit(&(0..5).map(user).collect::<Vec<_>>()), Ok(()));
        assert!(calibrations.separation_percent(&gallery()) >= 100);
        let near = Template::new(&[features(&[0.3, 1.0])]).unwrap();
        let both = Gallery::new([gallery().templates(), &[near]].concat());
        assert!(calibrations.separation_percent(&both) < 100, "the least counts");
    }

    #[test]
    fn an_attempt_is_stricter_than_a_comparison_at_every_rate_and_number_of_templates() {
        let manifest = Manifest::embedded().unwrap();
        let calibrations =
            Calibrations::new(manifest.calibrations.clone(), manifest.strangers.clone());
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
        let threshold =
            Calibrations::new(Vec::new(), strangers()).threshold(Comparator::Fused, 1e-3, 1);
        assert!(!Score::new(f32::MAX).reaches(threshold));
    }
}
