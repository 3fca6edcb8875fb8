//! Faces in pictures: detection, landmarks, quality, embedding and comparison.
//!
//! The input is pixels, the output is numbers. The only files that this crate reads are the weights
//! in the directory that [`Manifest::verify`] is given. No type here knows a user.
//!
//! ```text
//! RgbView → YunetDetector → Landmarks5 → AlignedFace → Quality
//!                           Landmarks5  → DlibEmbedder  ┐
//!                           AlignedFace → SfaceEmbedder ┴→ Features
//! Features → Gallery → Score
//! ```
//!
//! [`liveness`] judges over several frames whether the face is a solid head.
//!
//! `Recogniser` runs the stages in this order. It needs the feature `networks`, which each binding
//! of dlib brings with it. Without that feature only the stages that run no network are built:
//! parsers of the manifest and of embeddings, alignment, quality and comparison.

#![deny(unsafe_code)]

pub mod align;
pub mod calibration;
mod comparator;
#[cfg(feature = "networks")]
pub mod detector;
#[cfg(feature = "networks")]
mod dlib;
pub mod embedder;
pub mod error;
pub mod geometry;
pub mod image;
pub mod landmarks;
pub mod liveness;
pub mod matcher;
pub mod model;
mod observation;
#[cfg(feature = "networks")]
mod onnx;
mod orientation;
pub mod quality;
#[cfg(feature = "networks")]
pub mod recogniser;
pub mod sampler;
mod settings;
mod stage_times;
mod strangers;
#[cfg(feature = "networks")]
mod synthetic_image;
#[cfg(feature = "networks")]
mod track;
pub mod transform;

pub use calibration::Calibration;
pub use comparator::Comparator;
pub use embedder::{Embedding, Features};
pub use error::FaceError;
pub use geometry::{FaceBox, Point};
pub use image::RgbView;
pub use landmarks::Landmarks5;
pub use matcher::{Gallery, Score, Template};
pub use model::{Manifest, ModelError, Role, VerifiedModels};
pub use observation::{Face, Observation, Sighting};
pub use orientation::{Orientation, QuarterTurn, TurnedConfidences};
pub use quality::{Quality, QualityIssue, QualityLimits};
#[cfg(feature = "networks")]
pub use recogniser::Recogniser;
pub use settings::{DETECTION_SIDE_MIN, RecogniserSettings};
pub use stage_times::StageTimes;
pub use strangers::Strangers;
