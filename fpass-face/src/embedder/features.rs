//! The embeddings of one face by all networks.

use super::embedding::Embedding;
use crate::error::FaceError;

/// The embeddings of one face, one for each network that was run. Embeddings of different networks
/// cannot be compared with one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// dlib's ResNet v1, compared by Euclidean distance.
    pub dlib: Option<Embedding>,
    /// SFace, of unit length, compared by cosine.
    pub sface: Option<Embedding>,
}

impl Features {
    /// The mean of features: for dlib the mean embedding, for SFace the mean scaled to unit length.
    /// A network that did not embed every sample is left out.
    ///
    /// # Errors
    /// [`FaceError::TemplateEmpty`] for no samples, or when no network embedded all of them,
    /// [`FaceError::EmbeddingNotFinite`] when the values are too large for a mean or cancel out.
    pub fn mean(samples: &[Self]) -> Result<Self, FaceError> {
        let of = |network: fn(&Self) -> Option<&Embedding>| {
            let embeddings: Option<Vec<&Embedding>> = samples.iter().map(network).collect();
            embeddings.filter(|all| !all.is_empty()).map(Embedding::mean).transpose()
        };
        let dlib = of(|sample| sample.dlib.as_ref())?;
        let sface =
            of(|sample| sample.sface.as_ref())?.map(|mean| mean.normalised()).transpose()?;
        if dlib.is_none() && sface.is_none() {
            return Err(FaceError::TemplateEmpty);
        }
        Ok(Self { dlib, sface })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedder::EMBEDDING_LENGTH;

    fn embedding(first: f32, second: f32) -> Embedding {
        let mut values = [0.0; EMBEDDING_LENGTH];
        (values[0], values[1]) = (first, second);
        Embedding::from_values(&values).unwrap()
    }

    #[test]
    fn no_common_network_has_no_mean() {
        assert_eq!(Features::mean(&[]), Err(FaceError::TemplateEmpty));
        assert_eq!(Features::mean(&[Features::default()]), Err(FaceError::TemplateEmpty));
        let dlib = Features { dlib: Some(embedding(1.0, 0.0)), sface: None };
        let sface = Features { dlib: None, sface: Some(embedding(1.0, 0.0)) };
        assert_eq!(Features::mean(&[dlib, sface]), Err(FaceError::TemplateEmpty));
    }

    #[test]
    fn opposite_directions_have_no_mean() {
        let of = |x| Features { dlib: None, sface: Some(embedding(x, 0.0)) };
        assert_eq!(Features::mean(&[of(1.0), of(-1.0)]), Err(FaceError::EmbeddingNotFinite));
    }

    #[test]
    fn dlib_is_averaged_and_sface_keeps_its_length() {
        let of = |a: Embedding| Features { dlib: Some(a.clone()), sface: Some(a) };
        let mean = Features::mean(&[of(embedding(1.0, 0.0)), of(embedding(0.0, 1.0))]).unwrap();
        assert_eq!(mean.dlib.unwrap(), embedding(0.5, 0.5));
        let sface = mean.sface.unwrap();
        assert!((sface.cosine(&sface) - 1.0).abs() < 1e-6);
    }
}
