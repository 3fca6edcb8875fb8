//! Why a picture, a face or an embedding could not be worked on.

use std::path::PathBuf;

use thiserror::Error;

use crate::image::{SIDE_MAX, SIDE_MIN};
use crate::model::Role;

/// Every way in which a stage declines.
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
    /// The detection side is out of range.
    #[error("a detection side of {0} pixels is out of range; set it to 80 to {SIDE_MAX}")]
    DetectionSide(u32),
    /// dlib cannot read a weight file.
    #[error("the weight file {0} cannot be loaded; run fpass-enroll models install and try again")]
    WeightsUnreadable(PathBuf),
    /// The bytes of a verified file are no network that can be run.
    #[error("the network for {0} cannot be built; run fpass-enroll models install and try again")]
    NetworkUnreadable(Role),
    /// A network gave no result.
    #[error(
        "the network for {0} gave no result; restart fpassd, and reinstall the models if it stays so"
    )]
    NetworkFailed(Role),
    /// The landmark model does not give five points.
    #[error(
        "the landmark model gives {0} points instead of 5; run fpass-enroll models install and \
         try again"
    )]
    LandmarkCount(usize),
    /// A landmark lies outside the picture, or the landmarks lie on one another.
    #[error("the face is not wholly in the picture; move to its centre and try again")]
    LandmarksUnusable,
    /// The aligned face is almost one flat colour.
    #[error("the face shows no features; improve the light and try again")]
    Featureless,
    /// The network gave no embedding of the expected length.
    #[error(
        "the network gave {0} values instead of 128; run fpass-enroll models install and try again"
    )]
    EmbeddingLength(usize),
    /// An embedding holds a value that is not finite.
    #[error("the embedding holds a value that is not a number; take another picture")]
    EmbeddingNotFinite,
    /// A template was made from no samples.
    #[error("a template needs at least one sample; enrol again")]
    TemplateEmpty,
}
