//! Faces in pictures: detection, landmarks, quality, embedding and comparison.
//!
//! Pixels in, numbers out: the only input/output of this crate is reading the weight files from
//! the directory that [`Manifest::verify`] is given. No type here knows a user.
//!
//! ```text
//! RgbView → Detector → FaceBox → YunetDetector::look → Landmarks5 → Chip → Quality
//!                                           Landmarks5 → DlibEmbedder  ┐
//!                                                 Chip → SfaceEmbedder ┴→ Features
//! Features → Gallery → Score
//! ```
//!
//! [`Recogniser`] runs the stages in this order.

#![deny(unsafe_code)]

pub mod align;
pub mod calibration;
pub mod detector;
mod dlib;
mod drawing;
pub mod embedder;
pub mod error;
pub mod geometry;
pub mod image;
pub mod landmarks;
pub mod matcher;
pub mod model;
mod network;
pub mod quality;
pub mod recogniser;
pub mod sampler;
mod track;
pub mod transform;

pub use calibration::Calibration;
pub use detector::DetectorKind;
pub use embedder::{Embedding, Features};
pub use error::FaceError;
pub use geometry::{FaceBox, Point};
pub use image::RgbView;
pub use landmarks::Landmarks5;
pub use matcher::{Comparator, Gallery, Score, Template};
pub use model::{Manifest, ModelError, Role, VerifiedModels};
pub use quality::{Flaw, Quality, QualityLimits};
pub use recogniser::{Face, Observation, Recogniser, RecogniserSettings, StageTimes};
