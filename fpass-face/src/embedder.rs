//! Numbers that are near one another for one person and far apart for two.

mod dlib;
mod embedding;

pub use dlib::DlibEmbedder;
pub use embedding::{EMBEDDING_LENGTH, Embedding};
