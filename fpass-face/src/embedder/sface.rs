//! SFace.

use super::{EMBEDDING_LENGTH, Embedding};
use crate::align::{CHIP_SIDE, Chip};
use crate::error::FaceError;
use crate::model::Role;
use crate::network::Network;

/// Name of its output.
const OUTPUT: &str = "fc1";

/// SFace (Zhong et al., 2021): an aligned face of 112×112 to 128 values of unit length.
pub struct SfaceEmbedder {
    network: Network,
}

impl SfaceEmbedder {
    /// Builds the network from the bytes of its verified file, to compute on `threads` threads.
    ///
    /// # Errors
    /// [`FaceError::NetworkUnreadable`] when they are no such network.
    pub fn load(bytes: Vec<u8>, threads: usize) -> Result<Self, FaceError> {
        Ok(Self { network: Network::load(Role::EmbedderSface, bytes, &[OUTPUT], threads)? })
    }

    /// The embedding of an aligned face.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`], [`FaceError::EmbeddingLength`] and
    /// [`FaceError::EmbeddingNotFinite`] when the network does not compute an embedding.
    pub fn embed(&self, chip: &Chip) -> Result<Embedding, FaceError> {
        let side = CHIP_SIDE as usize;
        let mut embedding = Err(FaceError::EmbeddingLength(0));
        self.network.run(chip.planes(), side, side, |_, values| {
            embedding = if values.len() == EMBEDDING_LENGTH {
                Embedding::from_values(values).and_then(|raw| raw.normalised())
            } else {
                Err(FaceError::EmbeddingLength(values.len()))
            };
        })?;
        embedding
    }
}
