//! Errors of the stages.

use std::path::PathBuf;

use thiserror::Error;

use crate::geometry::{SIDE_MAX, SIDE_MIN};
use crate::model::role::Role;

/// Why a stage gave no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaceError {
    /// A side of the picture is out of range.
    #[error(
        "the picture is {width}×{height} pixels, but its sides must be {SIDE_MIN} to {SIDE_MAX}; \
         choose another camera mode"
    )]
    PictureSides {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The pixel buffer does not have three bytes for each pixel.
    #[error("the picture has {actual} bytes instead of {expected}; choose another camera mode")]
    PictureLength {
        /// Bytes that the sides ask for.
        expected: usize,
        /// Bytes in the buffer.
        actual: usize,
    },
    /// The detection side is not 80 to 4096 pixels.
    #[error("a detection side of {0} pixels is out of range; set it to 80 to {SIDE_MAX}")]
    DetectionSide(u32),
    /// dlib cannot read a weight file.
    #[error("the weight file {0} cannot be loaded; run fpass-enroll models install and try again")]
    WeightsUnreadable(PathBuf),
    /// A verified file holds no network that can be run.
    #[error("the network for {0} cannot be built; run fpass-enroll models install and try again")]
    NetworkUnreadable(Role),
    /// A network gave no result.
    #[error(
        "the network for {0} gave no result; restart fpassd, and if that does not help reinstall \
         the models"
    )]
    NetworkFailed(Role),
    /// The landmark model does not give five points.
    #[error(
        "the landmark model gives {0} points instead of 5; run fpass-enroll models install and \
         try again"
    )]
    LandmarkCount(usize),
    /// A landmark is outside the picture, or the landmarks coincide.
    #[error("the face is not completely in the picture; move to the centre and try again")]
    LandmarksUnusable,
    /// The aligned face has almost no contrast.
    #[error("the face shows no features; improve the light and try again")]
    Featureless,
    /// The network gave another number of values than 128.
    #[error(
        "the network gave {0} values instead of 128; run fpass-enroll models install and try again"
    )]
    EmbeddingLength(usize),
    /// An embedding has a value that is not finite.
    #[error("the embedding has a value that is not a number; take another picture")]
    EmbeddingNotFinite,
    /// A template was made from no samples.
    #[error("a template needs at least one sample; enrol again")]
    TemplateEmpty,
}
