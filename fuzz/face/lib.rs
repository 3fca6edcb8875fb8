//! The parts of `fpass-face` that read bytes, out of its own files, without the networks: those would
//! take minutes to build with instrumentation, and no byte from outside reaches them unchecked.

#![allow(dead_code)]

#[path = "../../fpass-face/src"]
mod sources {
    pub mod calibration;
    pub mod error;
    pub mod geometry;
    pub mod image;
    pub mod matcher;
    pub mod model;
}

#[path = "../../fpass-face/src/detector"]
mod detector {
    mod kind;
    pub use kind::DetectorKind;
}

#[path = "../../fpass-face/src/embedder"]
pub mod embedder {
    mod cohort;
    mod embedding;
    mod features;
    pub use cohort::Cohort;
    pub use embedding::{EMBEDDING_LENGTH, Embedding};
    pub use features::Features;
}

pub use detector::DetectorKind;
pub use embedder::{Embedding, Features};
pub use error::FaceError;
pub use matcher::Comparator;
pub use model::{Manifest, ModelError};
pub use sources::{calibration, error, geometry, image, matcher, model};
