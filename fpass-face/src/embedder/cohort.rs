//! What all faces have in common.

use serde::Deserialize;

use super::{EMBEDDING_LENGTH, Embedding, Features};
use crate::error::FaceError;

/// How much of the mean is taken away. Chosen by the figures of `docs/adr/0014`: with the whole mean
/// the two networks err on the same people, and fusing them gains less.
const SHARE: f32 = 0.25;

/// A share of the mean of SFace's embeddings over many people, by which scores are normalised: what
/// every face shares says nothing about who somebody is, but makes groups whose faces lie near the
/// mean alike. It is taken away from each embedding. dlib's distance does not change by that.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw", deny_unknown_fields)]
pub struct Cohort {
    sface_offset: Embedding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    sface_offset: Vec<f32>,
}

impl TryFrom<Raw> for Cohort {
    type Error = FaceError;

    fn try_from(raw: Raw) -> Result<Self, FaceError> {
        Ok(Self { sface_offset: Embedding::from_values(&raw.sface_offset)? })
    }
}

impl Cohort {
    /// The cohort of some people's features, which must not be normalised by another one.
    ///
    /// # Errors
    /// [`FaceError::TemplateEmpty`] when none has an embedding by SFace,
    /// [`FaceError::EmbeddingNotFinite`] when the values are too large for a mean.
    pub fn of<'a>(features: impl IntoIterator<Item = &'a Features>) -> Result<Self, FaceError> {
        let embeddings = features.into_iter().filter_map(|features| features.sface.as_ref());
        let mean = Embedding::mean(embeddings)?;
        Ok(Self { sface_offset: mean.scaled(SHARE)? })
    }

    /// What is taken away from each embedding, value by value.
    #[must_use]
    pub fn sface_offset(&self) -> &[f32; EMBEDDING_LENGTH] {
        self.sface_offset.values()
    }

    /// Features without what everybody shares.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingNotFinite`] when nothing is left.
    pub fn normalise(&self, features: Features) -> Result<Features, FaceError> {
        let Features { dlib, sface } = features;
        let centred = |embedding: Embedding| embedding.less(&self.sface_offset)?.normalised();
        Ok(Features { dlib, sface: sface.map(centred).transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(first: f32, second: f32) -> Features {
        let mut values = [0.0; EMBEDDING_LENGTH];
        (values[0], values[1]) = (first, second);
        let embedding = Embedding::from_values(&values).unwrap();
        Features { dlib: Some(embedding.clone()), sface: Some(embedding) }
    }

    #[test]
    fn nobody_makes_no_cohort() {
        assert_eq!(Cohort::of(&[]), Err(FaceError::TemplateEmpty));
        assert_eq!(Cohort::of(&[Features::default()]), Err(FaceError::TemplateEmpty));
    }

    #[test]
    fn a_mean_of_another_length_or_without_numbers_is_refused() {
        let of = |values: Vec<f32>| Cohort::try_from(Raw { sface_offset: values });
        assert_eq!(of(vec![0.0; 127]), Err(FaceError::EmbeddingLength(127)));
        assert_eq!(of(vec![f32::NAN; 128]), Err(FaceError::EmbeddingNotFinite));
    }

    #[test]
    fn an_embedding_that_is_all_shared_has_no_direction() {
        let cohort = Cohort::of(&[features(1.0, 0.0)]).unwrap();
        let refused = cohort.normalise(features(SHARE, 0.0));
        assert_eq!(refused, Err(FaceError::EmbeddingNotFinite));
    }

    #[test]
    fn what_is_shared_goes_and_dlib_stays() {
        let cohort = Cohort::of(&[features(1.0, 1.0), features(1.0, -1.0)]).unwrap();
        let given = features(SHARE, 0.5);
        let normalised = cohort.normalise(given.clone()).unwrap();
        assert_eq!(normalised.sface, features(0.0, 1.0).sface);
        assert_eq!(normalised.dlib, given.dlib);
    }
}
