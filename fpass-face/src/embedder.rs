//! Face embeddings: close for the same person, distant for different people.

#[cfg(feature = "networks")]
mod dlib;
mod embedding;
mod features;
mod mean_offset;
#[cfg(feature = "networks")]
mod sface;

#[cfg(feature = "networks")]
pub use dlib::DlibEmbedder;
pub use embedding::{EMBEDDING_LENGTH, Embedding};
pub use features::Features;
pub use mean_offset::MeanOffset;
#[cfg(feature = "networks")]
pub use sface::SfaceEmbedder;
