//! Image, landmark predictor and face network.

use cxx::UniquePtr;
use thiserror::Error;

use crate::bridge::ffi::{self, Point, Rectangle};

/// Number of values of an embedding.
pub const EMBEDDING_LENGTH: usize = 128;

/// Why dlib gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DlibError {
    /// There are not three bytes for each pixel, or there is no pixel.
    #[error("the picture does not have three bytes for each pixel; choose another camera mode")]
    Image,
    /// The file holds no landmark predictor, or the prediction failed.
    #[error("dlib's landmark predictor gave no result; run fpass-enroll models install")]
    Predictor,
    /// The file holds no face network, there are not five landmarks, or the computation failed.
    #[error("dlib's face network gave no result; run fpass-enroll models install")]
    Network,
}

/// A picture in dlib's memory, overwritten when dropped.
pub struct Image(UniquePtr<ffi::Image>);

impl Image {
    /// Copies a picture of `3 · width · height` bytes: red, green, blue of each pixel, row by row.
    ///
    /// # Errors
    /// [`DlibError::Image`]
    pub fn new(width: u32, height: u32, pixels: &[u8]) -> Result<Self, DlibError> {
        ffi::image(width, height, pixels).map(Self).map_err(|_| DlibError::Image)
    }
}

/// dlib's landmark predictor, an ensemble of regression trees.
pub struct ShapePredictor(UniquePtr<ffi::ShapePredictor>);

impl ShapePredictor {
    /// Reads the weights, which must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`DlibError::Predictor`]
    pub fn open(path: &str) -> Result<Self, DlibError> {
        ffi::predictor(path).map(Self).map_err(|_| DlibError::Predictor)
    }

    /// The landmarks of the face in a rectangle.
    ///
    /// # Errors
    /// [`DlibError::Predictor`]
    pub fn landmarks(&self, image: &Image, face: &Rectangle) -> Result<Vec<Point>, DlibError> {
        self.0.landmarks(&image.0, face).map_err(|_| DlibError::Predictor)
    }
}

/// dlib's face network, ResNet v1.
pub struct FaceNetwork(UniquePtr<ffi::FaceNetwork>);

impl FaceNetwork {
    /// Reads the weights, which must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`DlibError::Network`]
    pub fn open(path: &str) -> Result<Self, DlibError> {
        ffi::network(path).map(Self).map_err(|_| DlibError::Network)
    }

    /// Writes the embedding of the face with these five landmarks into `values`.
    ///
    /// # Errors
    /// [`DlibError::Network`]; the values are then undefined.
    pub fn embed(
        &mut self,
        image: &Image,
        landmarks: &[Point],
        values: &mut [f32; EMBEDDING_LENGTH],
    ) -> Result<(), DlibError> {
        self.0.pin_mut().embed(&image.0, landmarks, values).map_err(|_| DlibError::Network)
    }
}

/// Major and minor version of the dlib headers of this build.
#[must_use]
pub fn version() -> (u32, u32) {
    let version = ffi::version();
    (version / 100, version % 100)
}

#[cfg(test)]
mod tests;
