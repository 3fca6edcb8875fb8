//! SFace's face network.

use super::embedding::{EMBEDDING_LENGTH, Embedding};
use crate::align::{ALIGNED_SIDE, AlignedFace};
use crate::error::FaceError;
use crate::model::role::Role;
use crate::onnx::OnnxNetwork;

/// Name of the output.
const OUTPUT: &str = "fc1";

/// SFace (Zhong et al., 2021): maps an aligned face of 112×112 pixels to 128 values of unit length.
pub struct SfaceEmbedder {
    network: OnnxNetwork,
}

impl SfaceEmbedder {
    /// Builds the network, which computes on `threads` threads, from the bytes of its verified
    /// file.
    ///
    /// # Errors
    /// [`FaceError::NetworkUnreadable`] when they are no such network.
    pub fn load(bytes: Vec<u8>, threads: usize) -> Result<Self, FaceError> {
        Ok(Self { network: OnnxNetwork::load(Role::EmbedderSface, bytes, &[OUTPUT], threads)? })
    }

    /// The embedding of an aligned face.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`], [`FaceError::EmbeddingLength`] and
    /// [`FaceError::EmbeddingNotFinite`] when the network does not compute an embedding.
    pub fn embed(&self, face: &AlignedFace) -> Result<Embedding, FaceError> {
        let side = ALIGNED_SIDE as usize;
        let mut embedding = Err(FaceError::EmbeddingLength(0));
        self.network.run(face.planes(), side, side, |_, values| {
            embedding = if values.len() == EMBEDDING_LENGTH {
                Embedding::from_values(values).and_then(|raw| raw.normalised())
            } else {
                Err(FaceError::EmbeddingLength(values.len()))
            };
        })?;
        embedding
    }
}
