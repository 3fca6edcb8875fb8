//! Numbers that are near one another for one person and far apart for two.

mod cohort;
mod dlib;
mod embedding;
mod features;
mod sface;

pub use cohort::Cohort;
pub use dlib::DlibEmbedder;
pub use embedding::{EMBEDDING_LENGTH, Embedding};
pub use features::Features;
pub use sface::SfaceEmbedder;
