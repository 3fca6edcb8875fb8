//! How alike a face is to those that a user enrolled.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::embedder::Features;
use crate::error::FaceError;

/// Weight of dlib's distance beside SFace's cosine in the fused score.
const FUSED_WEIGHT: f32 = 0.2;

/// What computes a score from two sets of features.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Comparator {
    /// Both networks: SFace's cosine less a share of dlib's distance.
    #[default]
    Fused,
    /// dlib's ResNet v1 alone: the distance, negated.
    Dlib,
    /// SFace alone: the cosine.
    Sface,
}

impl Comparator {
    /// Every comparator.
    pub const ALL: [Self; 3] = [Self::Fused, Self::Dlib, Self::Sface];

    /// The word in the configuration and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fused => "fused",
            Self::Dlib => "dlib",
            Self::Sface => "sface",
        }
    }

    /// Whether it compares dlib's embeddings.
    #[must_use]
    pub const fn needs_dlib(self) -> bool {
        matches!(self, Self::Fused | Self::Dlib)
    }

    /// Whether it compares SFace's embeddings.
    #[must_use]
    pub const fn needs_sface(self) -> bool {
        matches!(self, Self::Fused | Self::Sface)
    }

    /// How alike two sets of features are. Features that lack what is compared are like nothing.
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

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One enrolment, as it is compared: the mean of the features of its frames.
#[derive(Clone, Debug)]
pub struct Template {
    mean: Features,
}

impl Template {
    /// Makes a template from the samples of one enrolment.
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

/// Everything that one user enrolled.
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

    /// Whether nothing is enrolled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// Number of templates. Each is a further chance for a stranger, so thresholds depend on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// How alike a probe is to the template that is most like it; [`Score::NONE`] for an empty
    /// gallery.
    ///
    /// The mean of a template is compared rather than its nearest sample: a mean lies nearer to
    /// everybody than a sample does, but even nearer to its own person.
    ///
    /// Every template is compared whatever the earlier ones gave, so that the time tells nothing
    /// about which of them is near.
    #[must_use]
    pub fn score(&self, probe: &Features, comparator: Comparator) -> Score {
        let scores = self.templates.iter().map(|template| comparator.score(probe, &template.mean));
        scores.fold(Score::NONE, Score::max)
    }
}

/// How alike two faces are: larger is more alike. Scores of different comparators have nothing to
/// do with one another.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    /// Like nothing.
    pub const NONE: Self = Self(f32::NEG_INFINITY);

    /// Wraps a number.
    #[must_use]
    pub const fn new(score: f32) -> Self {
        Self(score)
    }

    /// Whether the score is a number and at least `threshold`. NaN reaches nothing, and nothing
    /// reaches NaN.
    #[must_use]
    pub fn reaches(self, threshold: Self) -> bool {
        self.0.is_finite() && self.0 >= threshold.0
    }

    /// The larger of two; NaN is smaller than everything.
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
