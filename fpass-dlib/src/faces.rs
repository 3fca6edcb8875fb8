//! Pictures, detector, predictor and network.

use cxx::UniquePtr;
use thiserror::Error;

use crate::bridge::ffi::{self, Area, Spot};

/// Number of values of an embedding.
pub const EMBEDDING_LENGTH: usize = 128;

/// Why dlib gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DlibError {
    /// The number of bytes is not three for each pixel, or there is no pixel.
    #[error("the picture does not have three bytes for each pixel; choose another camera mode")]
    Picture,
    /// The detector could not be built, or did not get through the picture.
    #[error("dlib's detector gave no result; restart fpassd")]
    Detector,
    /// The file is no landmark predictor, or the prediction failed.
    #[error("dlib's landmark predictor gave no result; run fpass-enroll models install")]
    Predictor,
    /// The file is no face network, the landmarks are not five, or the computation failed.
    #[error("dlib's face network gave no result; run fpass-enroll models install")]
    Network,
}

/// A picture in dlib's memory, which is overwritten when it is dropped.
pub struct Picture(UniquePtr<ffi::Picture>);

impl Picture {
    /// Copies a picture of three bytes for each pixel, row by row.
    ///
    /// # Errors
    /// [`DlibError::Picture`]
    pub fn new(width: u32, height: u32, pixels: &[u8]) -> Result<Self, DlibError> {
        ffi::picture(width, height, pixels).map(Self).map_err(|_| DlibError::Picture)
    }
}

/// dlib's detector of frontal faces.
pub struct Detector(UniquePtr<ffi::Detector>);

impl Detector {
    /// Builds it from the weights in the library.
    ///
    /// # Errors
    /// [`DlibError::Detector`]
    pub fn new() -> Result<Self, DlibError> {
        ffi::detector().map(Self).map_err(|_| DlibError::Detector)
    }

    /// The boxes of the faces.
    ///
    /// # Errors
    /// [`DlibError::Detector`]
    pub fn faces(&self, picture: &Picture) -> Result<Vec<Area>, DlibError> {
        self.0.faces(&picture.0).map_err(|_| DlibError::Detector)
    }
}

/// A landmark predictor.
pub struct Predictor(UniquePtr<ffi::Predictor>);

impl Predictor {
    /// Reads its weights, which must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`DlibError::Predictor`]
    pub fn open(path: &str) -> Result<Self, DlibError> {
        ffi::predictor(path).map(Self).map_err(|_| DlibError::Predictor)
    }

    /// The landmarks of the face in a box.
    ///
    /// # Errors
    /// [`DlibError::Predictor`]
    pub fn landmarks(&self, picture: &Picture, face: &Area) -> Result<Vec<Spot>, DlibError> {
        self.0.landmarks(&picture.0, face).map_err(|_| DlibError::Predictor)
    }
}

/// The face network.
pub struct Network(UniquePtr<ffi::Network>);

impl Network {
    /// Reads its weights, which must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`DlibError::Network`]
    pub fn open(path: &str) -> Result<Self, DlibError> {
        ffi::network(path).map(Self).map_err(|_| DlibError::Network)
    }

    /// Puts the embedding of the face with these five landmarks into `values`.
    ///
    /// # Errors
    /// [`DlibError::Network`]; the values mean nothing then.
    pub fn embed(
        &mut self,
        picture: &Picture,
        landmarks: &[Spot],
        values: &mut [f32; EMBEDDING_LENGTH],
    ) -> Result<(), DlibError> {
        self.0.pin_mut().embed(&picture.0, landmarks, values).map_err(|_| DlibError::Network)
    }
}

/// Major and minor version of the dlib that this was compiled against.
#[must_use]
pub fn version() -> (u32, u32) {
    let version = ffi::version();
    (version / 100, version % 100)
}

#[cfg(test)]
mod tests;
