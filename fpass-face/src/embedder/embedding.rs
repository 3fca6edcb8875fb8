//! The embedding of one face by one network.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::FaceError;

/// Number of values in an [`Embedding`].
pub const EMBEDDING_LENGTH: usize = 128;

/// The embedding of one face by one network: 128 finite values. It is biometric data: kept on the
/// heap, where moving leaves no copy, overwritten when dropped, and not shown by `Debug`.
#[derive(Clone, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct Embedding {
    values: Box<[f32; EMBEDDING_LENGTH]>,
}

impl Embedding {
    /// Checks 128 values from a network or a template.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingLength`] unless there are 128 values,
    /// [`FaceError::EmbeddingNotFinite`] when one is NaN or infinite.
    pub fn from_values(values: &[f32]) -> Result<Self, FaceError> {
        let values: &[f32; EMBEDDING_LENGTH] =
            values.try_into().map_err(|_| FaceError::EmbeddingLength(values.len()))?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(FaceError::EmbeddingNotFinite);
        }
        Ok(Self { values: Box::new(*values) })
    }

    /// The mean of embeddings, value by value.
    ///
    /// # Errors
    /// [`FaceError::TemplateEmpty`] for no embeddings, [`FaceError::EmbeddingNotFinite`] when the
    /// values are too large for a mean.
    pub fn mean<'a>(samples: impl IntoIterator<Item = &'a Self>) -> Result<Self, FaceError> {
        let mut sums = Zeroizing::new([0.0_f32; EMBEDDING_LENGTH]);
        let mut count = 0.0;
        for sample in samples {
            count += 1.0;
            for (sum, value) in sums.iter_mut().zip(sample.values.iter()) {
                *sum += value;
            }
        }
        if count == 0.0 {
            return Err(FaceError::TemplateEmpty);
        }
        sums.iter_mut().for_each(|sum| *sum /= count);
        Self::from_values(&*sums)
    }

    /// The values, in the network's order.
    #[must_use]
    pub fn values(&self) -> &[f32; EMBEDDING_LENGTH] {
        &self.values
    }

    /// The embedding scaled to unit length.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingNotFinite`] when its length is 0, subnormal or not finite.
    pub fn normalised(&self) -> Result<Self, FaceError> {
        let length = self.dot(self).sqrt();
        if !length.is_normal() {
            return Err(FaceError::EmbeddingNotFinite);
        }
        Self::from_values(&*Zeroizing::new(self.values.map(|value| value / length)))
    }

    /// Every value times a factor.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingNotFinite`] when a product is too large.
    pub fn scaled(&self, factor: f32) -> Result<Self, FaceError> {
        Self::from_values(&*Zeroizing::new(self.values.map(|value| value * factor)))
    }

    /// The difference from another embedding, value by value.
    ///
    /// # Errors
    /// [`FaceError::EmbeddingNotFinite`] when the values are too large for it.
    pub fn less(&self, other: &Self) -> Result<Self, FaceError> {
        let mut values = Zeroizing::new(*self.values);
        for (value, other) in values.iter_mut().zip(other.values.iter()) {
            *value -= other;
        }
        Self::from_values(&*values)
    }

    /// Cosine similarity, −1 to 1. Both embeddings must have unit length.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.dot(other)
    }

    fn dot(&self, other: &Self) -> f32 {
        self.values.iter().zip(other.values.iter()).map(|(a, b)| a * b).sum()
    }

    /// Euclidean distance, at least 0; infinite when the values are too large for it.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        self.values
            .iter()
            .zip(other.values.iter())
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f32>()
            .sqrt()
    }
}

impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Embedding(128 values)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_lengths_and_values_that_are_not_finite_are_refused() {
        for length in [0, 1, 127, 129, 256] {
            assert_eq!(
                Embedding::from_values(&vec![0.0; length]).err(),
                Some(FaceError::EmbeddingLength(length))
            );
        }
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut values = [0.1; EMBEDDING_LENGTH];
            values[127] = bad;
            assert_eq!(Embedding::from_values(&values).err(), Some(FaceError::EmbeddingNotFinite));
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let embedding = Embedding::from_values(&[0.625; EMBEDDING_LENGTH]).unwrap();
        assert!(!format!("{embedding:?}").contains("0.6"));
    }

    #[test]
    fn zeroizing_overwrites_every_value() {
        let mut embedding = Embedding::from_values(&[0.625; EMBEDDING_LENGTH]).unwrap();
        embedding.zeroize();
        assert!(embedding.values().iter().all(|value| *value == 0.0));
    }

    #[test]
    fn an_embedding_without_a_direction_is_refused() {
        for value in [0.0, f32::MAX, 1e-30] {
            let embedding = Embedding::from_values(&[value; EMBEDDING_LENGTH]).unwrap();
            assert_eq!(embedding.normalised(), Err(FaceError::EmbeddingNotFinite), "{value}");
        }
        let normalised = Embedding::from_values(&[3.0; EMBEDDING_LENGTH]).unwrap().normalised();
        let normalised = normalised.unwrap();
        assert!((normalised.cosine(&normalised) - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn distance_is_a_metric(
            a in prop::collection::vec(-1.0_f32..1.0, EMBEDDING_LENGTH),
            b in prop::collection::vec(-1.0_f32..1.0, EMBEDDING_LENGTH),
            c in prop::collection::vec(-1.0_f32..1.0, EMBEDDING_LENGTH),
        ) {
            let [a, b, c] = [a, b, c].map(|values| Embedding::from_values(&values).unwrap());
            prop_assert_eq!(a.distance(&a), 0.0);
            prop_assert_eq!(a.distance(&b), b.distance(&a));
            prop_assert!(a.distance(&c) <= a.distance(&b) + b.distance(&c) + 1e-4);
        }
    }
}
