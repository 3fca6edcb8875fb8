//! Whether a template is as far from strangers as templates are for which thresholds hold.
//!
//! The strangers are means over many people: no picture and no person can be found from them. The
//! cosine of a template with a mean is the mean of its cosines with all of these people, so one
//! comparison is worth thousands. One mean is of upright faces. The other one is of faces that the
//! detector found upside down or on their side: their embeddings are close to one another, and a
//! template among them matches strangers.

use serde::Deserialize;

use crate::comparator::Comparator;
use crate::embedder::{Embedding, Features};
use crate::error::FaceError;
use crate::matcher::{Score, Template};

/// Means of the features of many people, and the limit for templates.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawStrangers")]
pub struct Strangers {
    score_max: f32,
    means: Vec<Features>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStrangers {
    score_max: f32,
    mean: Vec<RawMean>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMean {
    #[serde(rename = "of")]
    _of: String,
    #[serde(rename = "pictures")]
    _pictures: u32,
    dlib: Vec<f32>,
    sface: Vec<f32>,
}

impl TryFrom<RawStrangers> for Strangers {
    type Error = FaceError;

    fn try_from(raw: RawStrangers) -> Result<Self, FaceError> {
        let features = |mean: &RawMean| {
            Ok(Features {
                dlib: Some(Embedding::from_values(&mean.dlib)?),
                sface: Some(Embedding::from_values(&mean.sface)?),
            })
        };
        let means = raw.mean.iter().map(features).collect::<Result<_, FaceError>>()?;
        Self::new(raw.score_max, means)
    }
}

impl Strangers {
    /// Means, and the largest score with them of a template that is admitted.
    ///
    /// # Errors
    /// [`FaceError::TemplateEmpty`] without a mean, [`FaceError::EmbeddingNotFinite`] when the
    /// limit is not finite.
    pub fn new(score_max: f32, means: Vec<Features>) -> Result<Self, FaceError> {
        if means.is_empty() {
            Err(FaceError::TemplateEmpty)
        } else if !score_max.is_finite() {
            Err(FaceError::EmbeddingNotFinite)
        } else {
            Ok(Self { score_max, means })
        }
    }

    /// The largest score of a template with a mean, by both networks.
    #[must_use]
    pub fn score(&self, template: &Template) -> Score {
        let scores = self.means.iter().map(|mean| Comparator::Fused.score(template.mean(), mean));
        scores.fold(Score::NONE, Score::max)
    }

    /// How far below `threshold` the template is in its score with strangers, as a share of the
    /// least distance that is admitted. 0 for a template whose score is not finite.
    #[must_use]
    pub fn separation(&self, template: &Template, threshold: Score) -> f32 {
        let score = self.score(template).value();
        let share = (threshold.value() - score) / (threshold.value() - self.score_max);
        if share.is_finite() { share.max(0.0) } else { 0.0 }
    }

    /// Whether the template is far enough from strangers.
    #[must_use]
    pub fn admit(&self, template: &Template) -> bool {
        let score = self.score(template).value();
        score.is_finite() && score <= self.score_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedder::EMBEDDING_LENGTH;

    /// Features whose cosine with the first axis has this value.
    fn features(cosine: f32) -> Features {
        let mut values = [0.0; EMBEDDING_LENGTH];
        (values[0], values[1]) = (cosine, (1.0 - cosine * cosine).sqrt());
        let embedding = Some(Embedding::from_values(&values).unwrap());
        Features { dlib: embedding.clone(), sface: embedding }
    }

    fn template(cosine: f32) -> Template {
        Template::new(&[features(cosine)]).unwrap()
    }

    fn strangers() -> Strangers {
        Strangers::new(0.1, vec![features(1.0), features(-1.0)]).unwrap()
    }

    #[test]
    fn no_mean_and_a_limit_that_is_no_number_are_refused() {
        assert_eq!(Strangers::new(0.1, Vec::new()), Err(FaceError::TemplateEmpty));
        for limit in [f32::NAN, f32::INFINITY] {
            let refused = Strangers::new(limit, vec![features(1.0)]);
            assert_eq!(refused, Err(FaceError::EmbeddingNotFinite));
        }
    }

    #[test]
    fn a_template_near_any_mean_is_refused() {
        for cosine in [1.0, -1.0, 0.9, -0.9, 0.6, -0.6] {
            assert!(!strangers().admit(&template(cosine)), "{cosine}");
        }
        assert!(strangers().admit(&template(0.0)));
        let half = Features { dlib: features(0.0).dlib, sface: None };
        assert!(!strangers().admit(&Template::new(&[half]).unwrap()), "one network is not enough");
    }

    #[test]
    fn the_separation_is_a_share_of_what_is_admitted() {
        let threshold = Score::new(0.4);
        let share = |cosine| strangers().separation(&template(cosine), threshold);
        for cosine in [0.0, 0.3, -0.3, 0.6, 1.0] {
            assert_eq!(share(cosine) >= 1.0, strangers().admit(&template(cosine)), "{cosine}");
        }
        assert!(share(0.0) > share(0.3) && share(0.3) > share(0.6));
        let none = strangers().separation(&template(0.0), Score::new(f32::NAN));
        assert_eq!((none, share(1.0)), (0.0, 0.0));
    }
}
