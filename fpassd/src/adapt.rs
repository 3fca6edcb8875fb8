//! Whether the features of a login are added to a template, and their weight in it: pure functions.

use std::time::SystemTime;

use fpass_face::{FaceError, Features, Score, Template};
use fpass_proto::{Label, ServiceName, Uid};
use thiserror::Error;

use crate::{
    qualify::MatchThresholds,
    store::{ADAPTED_MAX, AdaptedSample, StoredTemplate},
};

/// Shortest time between two adapted samples of one template, in seconds.
const INTERVAL: u64 = DAY;
/// The enrolled samples weigh at least this many times as much as all adapted ones together: the
/// adapted ones make up at most a third of the comparison template.
const ANCHOR_SHARE: usize = 2;
/// Seconds in a day.
const DAY: u64 = 24 * 60 * 60;

/// Why no sample was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Declined {
    #[error("adaptation is off")]
    Off,
    #[error("the attempt is not a login")]
    NotALogin,
    #[error("the clock is earlier than the newest sample")]
    ClockBehind,
    #[error("the match is not certain enough")]
    NotConfident,
    #[error("the face is too far from the enrolled samples")]
    Drifted,
    #[error("the template got a sample less than a day ago")]
    TooSoon,
}

/// The period in which adapted samples count, both ends included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    horizon: u64,
    now: u64,
}

impl Window {
    /// The `expiry_days` days before `now`. It is empty for a clock before 1970.
    pub(crate) fn new(now: SystemTime, expiry_days: u32) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { horizon: now.saturating_sub(u64::from(expiry_days) * DAY), now }
    }

    /// Seconds since the Unix epoch before which samples have expired.
    pub(crate) fn horizon(self) -> u64 {
        self.horizon
    }

    /// Whether a sample taken at this time counts. A sample from the future does not, because its
    /// age is unknown.
    fn holds(self, taken: u64) -> bool {
        (self.horizon..=self.now).contains(&taken)
    }
}

/// Checks that an attempt may add a sample if it matches: adaptation is on, and PAM asked for a
/// login.
pub(crate) fn admit(
    enabled: bool,
    caller: Uid,
    service: Option<&ServiceName>,
) -> Result<(), Declined> {
    if !enabled {
        Err(Declined::Off)
    } else if !caller.is_root() || service.is_none() {
        Err(Declined::NotALogin)
    } else {
        Ok(())
    }
}

/// The template to compare with: the mean of the enrolled samples and of the adapted samples in the
/// window. An adapted sample weighs as much as an enrolled one, but all adapted ones together at
/// most a third. Without a window, only the enrolled samples count.
pub(crate) fn comparison_template(
    stored: &StoredTemplate,
    window: Option<Window>,
) -> Result<Template, FaceError> {
    let anchor = Template::new(&stored.samples)?;
    let counts = |sample: &&AdaptedSample| window.is_some_and(|window| window.holds(sample.taken));
    let adapted: Vec<&AdaptedSample> = stored.adapted.iter().filter(counts).collect();
    if adapted.is_empty() {
        return Ok(anchor);
    }
    let weight = stored.samples.len().max(ANCHOR_SHARE * adapted.len());
    let mut all = vec![anchor.mean().clone(); weight];
    all.extend(adapted.into_iter().map(|sample| sample.features.clone()));
    Template::new(&all)
}

/// Adds the features of a matching login to the most similar template, and returns its label.
///
/// The enrolled samples are the anchor and never change: each new sample must match them alone,
/// however many samples were added before.
pub(crate) fn add_sample(
    templates: &mut [StoredTemplate],
    probe: Features,
    thresholds: &MatchThresholds,
    window: Window,
) -> Result<Label, Declined> {
    if templates.iter().any(|template| newest(template) > window.now) {
        return Err(Declined::ClockBehind);
    }
    let score = |template: Result<Template, FaceError>| {
        template
            .map_or(Score::NONE, |template| thresholds.comparator.score(&probe, template.mean()))
    };
    let scores: Vec<Score> = templates
        .iter()
        .map(|template| score(comparison_template(template, Some(window))))
        .collect();
    let nearest = templates
        .iter_mut()
        .zip(scores)
        .max_by(|(_, one), (_, other)| one.value().total_cmp(&other.value()));
    let Some((template, _)) = nearest.filter(|(_, score)| score.reaches(thresholds.strict)) else {
        return Err(Declined::NotConfident);
    };
    if !score(comparison_template(template, None)).reaches(thresholds.configured) {
        return Err(Declined::Drifted);
    }
    let age = |sample: &AdaptedSample| window.now.saturating_sub(sample.taken);
    if template.adapted.iter().any(|sample| age(sample) < INTERVAL) {
        return Err(Declined::TooSoon);
    }
    template.expire(window.horizon);
    // Newest first, so that truncation drops the oldest.
    template.adapted.sort_by_key(|sample| std::cmp::Reverse(sample.taken));
    template.adapted.truncate(ADAPTED_MAX.saturating_sub(1));
    template.adapted.insert(0, AdaptedSample { taken: window.now, features: probe });
    Ok(template.label.clone())
}

/// Time of the newest sample of a template, including its enrolment.
fn newest(template: &StoredTemplate) -> u64 {
    template.adapted.iter().map(|sample| sample.taken).fold(template.created, u64::max)
}

#[cfg(test)]
mod tests;
