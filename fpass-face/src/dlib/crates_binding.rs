//! The binding `dlib-face-recognition`.

#![allow(unsafe_code)]

use std::path::Path;

use dlib_face_recognition::{
    FaceDetector, FaceDetectorTrait, FaceEncoderNetwork, FaceEncoderTrait, FaceLandmarks,
    ImageMatrix, LandmarkPredictor, LandmarkPredictorTrait, Rectangle,
};
use zeroize::Zeroizing;

use super::Area;
use crate::image::RgbView;

/// Number of random copies that dlib averages over: 0, because more share one unsynchronised
/// generator.
const JITTERS: u32 = 0;

/// A picture in dlib's own memory. dlib frees that memory without overwriting it.
pub(crate) struct Picture {
    matrix: ImageMatrix,
}

impl Picture {
    /// Copies a picture.
    pub(crate) fn new(view: &RgbView<'_>) -> Self {
        let (width, height) = (view.width() as usize, view.height() as usize);
        let pixels = view.pixels();
        assert_eq!(pixels.len(), 3 * width * height, "RgbView checks its length");
        // SAFETY: the constructor reads exactly 3 · width · height bytes from the pointer, the
        // slice has that many by the line above, and it keeps no pointer after it returns.
        let matrix = unsafe { ImageMatrix::new(width, height, pixels.as_ptr()) };
        Self { matrix }
    }
}

/// The detector of frontal faces.
pub(crate) struct Detector(FaceDetector);

impl Detector {
    pub(crate) fn new() -> Self {
        Self(FaceDetector::new())
    }

    /// The boxes of the faces.
    pub(crate) fn faces(&self, picture: &Picture) -> Vec<Area> {
        let found = self.0.face_locations(&picture.matrix);
        found
            .iter()
            .map(|face| Area {
                left: face.left,
                top: face.top,
                right: face.right,
                bottom: face.bottom,
            })
            .collect()
    }
}

/// Landmarks that the predictor found.
pub(crate) struct Shape(FaceLandmarks);

impl Shape {
    /// Column and row of each.
    pub(crate) fn points(&self) -> Vec<(i64, i64)> {
        self.0.iter().map(|point| (point.x(), point.y())).collect()
    }
}

/// The landmark predictor.
pub(crate) struct Predictor(LandmarkPredictor);

impl Predictor {
    /// Reads the weights. `None` when dlib cannot.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        LandmarkPredictor::open(openable(path)?).ok().map(Self)
    }

    /// The landmarks of the face in a box. `None` when dlib gives none.
    pub(crate) fn landmarks(&self, picture: &Picture, face: &Area) -> Option<Shape> {
        let rectangle =
            Rectangle { left: face.left, top: face.top, right: face.right, bottom: face.bottom };
        Some(Shape(self.0.face_landmarks(&picture.matrix, &rectangle)))
    }
}

/// The face network.
pub(crate) struct Network(FaceEncoderNetwork);

impl Network {
    /// Reads the weights. `None` when dlib cannot.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        FaceEncoderNetwork::open(openable(path)?).ok().map(Self)
    }

    /// The values for the face with these landmarks, which must come from this picture and be five: dlib
    /// ends the process on any other number. `None` when dlib gives none.
    pub(crate) fn embed(
        &mut self,
        picture: &Picture,
        shape: &Shape,
    ) -> Option<Zeroizing<Vec<f32>>> {
        let shapes = std::slice::from_ref(&shape.0);
        let found = self.0.get_face_encodings(&picture.matrix, shapes, JITTERS);
        let encoding = found.first()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network computes in f32; the binding widens"
        )]
        let values = encoding.as_ref().iter().map(|&value| value as f32).collect();
        Some(Zeroizing::new(values))
    }
}

/// The path as the binding takes it: it panics on one that is not UTF-8.
fn openable(path: &Path) -> Option<&Path> {
    path.to_str().filter(|name| !name.contains('\0')).map(Path::new)
}
