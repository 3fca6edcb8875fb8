//! Comparison of a face with the enrolled templates of a user.

use crate::comparator::Comparator;
use crate::embedder::Features;
use crate::error::FaceError;

/// Weight of dlib's distance relative to SFace's cosine in the fused score. Chosen by the figures
/// of `docs/adr/0014`.
const FUSED_WEIGHT: f32 = 0.2;

impl Comparator {
    /// The similarity of two sets of features; [`Score::NONE`] when one of them lacks an embedding
    /// that is compared.
    #[must_use]
    pub fn score(self, probe: &Features, reference: &Features) -> Score {
        let distance = || Some(probe.dlib.as_ref()?.distance(reference.dlib.as_ref()?));
        let cosine = || Some(probe.sface.as_ref()?.cosine(reference.sface.as_ref()?));
        let score = match self {
            Self::Fused => {
                cosine().zip(distance()).map(|(cosine, distance)| cosine - FUSED_WEIGHT * distance)
            }
            Self::Dlib => distance().map(|distance| -distance),
            Self::Sface => cosine(),
        };
        score.map_or(Score::NONE, Score)
    }
}

/// One enrolment in the form that is compared: the mean of the features of its frames.
#[derive(Clone, Debug)]
pub struct Template {
    mean: Features,
}

impl Template {
    /// A template from the samples of one enrolment.
    ///
    /// # Errors
    /// Those of [`Features::mean`].
    pub fn new(samples: &[Features]) -> Result<Self, FaceError> {
        Ok(Self { mean: Features::mean(samples)? })
    }

    /// The mean of the samples.
    #[must_use]
    pub fn mean(&self) -> &Features {
        &self.mean
    }
}

/// All templates of one user.
#[derive(Clone, Debug, Default)]
pub struct Gallery {
    templates: Vec<Template>,
}

impl Gallery {
    /// Collects templates, in any order.
    #[must_use]
    pub fn new(templates: Vec<Template>) -> Self {
        Self { templates }
    }

    /// Whether there is no template.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// Number of templates. Thresholds depend on it, because each is a further chance for an
    /// impostor.
    #[must_use]
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// The templates.
    #[must_use]
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The similarity of a probe to the most similar template; [`Score::NONE`] for an empty
    /// gallery.
    ///
    /// The probe is compared with the mean of a template, not with its nearest sample: the mean
    /// raises impostor scores a little and genuine scores more.
    ///
    /// Every template is compared, so the time does not tell which of them is similar.
    #[must_use]
    pub fn score(&self, probe: &Features, comparator: Comparator) -> Score {
        let scores = self.templates.iter().map(|template| comparator.score(probe, &template.mean));
        scores.fold(Score::NONE, Score::max)
    }
}

/// The similarity of two faces; larger is more similar. Scores of different comparators cannot be
/// compared with one another.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    /// The lowest score, which reaches no threshold.
    pub const NONE: Self = Self(f32::NEG_INFINITY);

    /// Wraps a number.
    #[must_use]
    pub const fn new(score: f32) -> Self {
        Self(score)
    }

    /// Whether the score is finite and at least `threshold`. NaN reaches no threshold, and no score
    /// reaches NaN.
    #[must_use]
    pub fn reaches(self, threshold: Self) -> bool {
        self.0.is_finite() && self.0 >= threshold.0
    }

    /// The larger of two scores; NaN counts as smallest.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f32 {
        self.0
    }
}

#[cfg(test)]
mod tests;
