//! The binding by the crate `dlib-face-recognition`.

#![allow(unsafe_code)]

use std::path::Path;

use dlib_face_recognition::{
    FaceEncoderNetwork, FaceEncoderTrait, FaceLandmarks, ImageMatrix, LandmarkPredictor,
    LandmarkPredictorTrait, Rectangle,
};
use zeroize::Zeroizing;

use super::pixel_rect::PixelRect;
use crate::image::RgbView;

/// Number of jittered copies that dlib averages over. 0: jittering uses one random generator for
/// all threads, without synchronisation.
const JITTERS: u32 = 0;

/// A picture in dlib's memory. dlib frees that memory without overwriting it.
pub(crate) struct DlibImage {
    matrix: ImageMatrix,
}

impl DlibImage {
    /// Copies a picture.
    pub(crate) fn new(view: &RgbView<'_>) -> Self {
        let (width, height) = (view.width() as usize, view.height() as usize);
        let pixels = view.pixels();
        assert_eq!(pixels.len(), 3 * width * height, "RgbView checks the length");
        // SAFETY: the constructor reads exactly 3 · width · height bytes from the pointer, which
        // the slice has by the line above, and keeps no pointer after it returns.
        let matrix = unsafe { ImageMatrix::new(width, height, pixels.as_ptr()) };
        Self { matrix }
    }
}

/// The points that the predictor found.
pub(crate) struct ShapePoints(FaceLandmarks);

impl ShapePoints {
    /// Column and row of each point.
    pub(crate) fn points(&self) -> Vec<(i64, i64)> {
        self.0.iter().map(|point| (point.x(), point.y())).collect()
    }
}

/// The landmark predictor.
pub(crate) struct ShapePredictor(LandmarkPredictor);

impl ShapePredictor {
    /// Reads the weights. `None` when dlib cannot read them.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        LandmarkPredictor::open(openable(path)?).ok().map(Self)
    }

    /// The landmarks of the face in a rectangle. `None` when dlib gives none.
    pub(crate) fn landmarks(&self, picture: &DlibImage, face: &PixelRect) -> Option<ShapePoints> {
        let rectangle =
            Rectangle { left: face.left, top: face.top, right: face.right, bottom: face.bottom };
        Some(ShapePoints(self.0.face_landmarks(&picture.matrix, &rectangle)))
    }
}

/// The face network.
pub(crate) struct FaceNetwork(FaceEncoderNetwork);

impl FaceNetwork {
    /// Reads the weights. `None` when dlib cannot read them.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        FaceEncoderNetwork::open(openable(path)?).ok().map(Self)
    }

    /// The 128 values for the face with these landmarks. They must be five, or dlib ends the
    /// process, and come from this picture. `None` when dlib gives no values.
    pub(crate) fn embed(
        &mut self,
        picture: &DlibImage,
        shape: &ShapePoints,
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

/// The path if the binding can open it: the binding panics on a path that is not UTF-8.
fn openable(path: &Path) -> Option<&Path> {
    path.to_str().filter(|name| !name.contains('\0')).map(Path::new)
}
