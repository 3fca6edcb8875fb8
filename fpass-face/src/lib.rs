//! Faces in pictures: detection, landmarks, quality, embedding and comparison.
//!
//! Pixels in, numbers out: the only input/output of this crate is reading the weight files from
//! the directory that [`Manifest::verify`] is given. No type here knows a user.
//!
//! ```text
//! RgbView → HogDetector → FaceBox → LandmarkPredictor → Landmarks5 → Quality
//!                                                     → DlibEmbedder → Embedding
//! Embedding → Gallery → Score
//! ```
//!
//! [`Recogniser`] runs the stages in this order.

#![deny(unsafe_code)]

pub mod align;
pub mod detector;
mod dlib_matrix;
pub mod embedder;
pub mod error;
pub mod geometry;
pub mod image;
pub mod landmarks;
pub mod matcher;
pub mod model;
pub mod quality;
pub mod recogniser;

pub use detector::HogDetector;
pub use embedder::{DlibEmbedder, Embedding};
pub use error::FaceError;
pub use geometry::{FaceBox, Point};
pub use image::RgbView;
pub use landmarks::{LandmarkPredictor, Landmarks5};
pub use matcher::{Gallery, MAX_DISTANCE_DEFAULT, Score, Template};
pub use model::{Manifest, ModelError, Role, VerifiedModels};
pub use quality::{Flaw, Quality, QualityLimits};
pub use recogniser::{Face, Observation, Recogniser, RecogniserSettings, StageTimes};
