//! The mean of many embeddings, a share of which is subtracted from each embedding.

use serde::Deserialize;

use super::embedding::{EMBEDDING_LENGTH, Embedding};
use super::features::Features;
use crate::error::FaceError;

/// Share of the mean that is subtracted. Chosen by the figures of `docs/adr/0014`: with the whole
/// mean both networks fail on the same people, and fusing them gains less.
const SHARE: f32 = 0.25;

/// A share of the mean of SFace's embeddings over many people, which is subtracted from each
/// embedding.
///
/// The part that all faces have in common does not tell people apart, and it raises the scores
/// within groups whose embeddings are near the mean. dlib's Euclidean distance would not change by
/// an offset, so only SFace has one. The manifest calls it `cohort`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawMeanOffset", deny_unknown_fields)]
pub struct MeanOffset {
    sface_offset: Embedding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMeanOffset {
    sface_offset: Vec<f32>,
}

impl TryFrom<RawMeanOffset> for MeanOffset {
    type Error = FaceError;

    fn try_from(raw: RawMeanOffset) -> Result<Self, FaceError> {
        Ok(Self { sface_offset: Embedding::from_values(&raw.sface_offset)? })
    }
}

impl MeanOffset {
    /// The offset for some people's features, from which no offset has been subtracted.
    ///
    /// # Errors
    /// [`FaceError::TemplateEmpty`] when no features have an embedding by SFace,
    /// [`FaceError::EmbeddingNotFinite`] when the values are too large for a mean.
    pub fn of<'a>(features: impl IntoIterator<Item = &'a Features>) -> Result<Self, FaceError> {
        let embeddings = features.into_iter().filter_map(|features| features.sface.as_ref());
        let mean = Embedding::mean(embeddings)?;
        Ok(Self { sface_offset: mean.scaled(SHARE)? })
    }

    /// The values that are subtracted from each embedding.
    #[must_use]
    pub fn sface_offset(&self) -> &[f32; EMBEDDING_LENGTH] {
        self.sface_offset.values()
    }

    /// Subtracts the offset from SFace's embedding and scales the result to unit length.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingNotFinite`] when the result has no direction.
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
    fn no_embedding_makes_no_offset() {
        assert_eq!(MeanOffset::of(&[]), Err(FaceError::TemplateEmpty));
        assert_eq!(MeanOffset::of(&[Features::default()]), Err(FaceError::TemplateEmpty));
    }

    #[test]
    fn an_offset_of_another_length_or_with_nan_is_refused() {
        let of = |values: Vec<f32>| MeanOffset::try_from(RawMeanOffset { sface_offset: values });
        assert_eq!(of(vec![0.0; 127]), Err(FaceError::EmbeddingLength(127)));
        assert_eq!(of(vec![f32::NAN; 128]), Err(FaceError::EmbeddingNotFinite));
    }

    #[test]
    fn an_embedding_equal_to_the_offset_has_no_direction() {
        let mean_offset = MeanOffset::of(&[features(1.0, 0.0)]).unwrap();
        let refused = mean_offset.normalise(features(SHARE, 0.0));
        assert_eq!(refused, Err(FaceError::EmbeddingNotFinite));
    }

    #[test]
    fn the_offset_is_subtracted_from_sface_alone() {
        let mean_offset = MeanOffset::of(&[features(1.0, 1.0), features(1.0, -1.0)]).unwrap();
        let given = features(SHARE, 0.5);
        let normalised = mean_offset.normalise(given.clone()).unwrap();
        assert_eq!(normalised.sface, features(0.0, 1.0).sface);
        assert_eq!(normalised.dlib, given.dlib);
    }
}
