//! The binding by `fpass-dlib`. An exception of dlib becomes `None`, which every stage refuses.

use std::path::Path;

use fpass_dlib::{EMBEDDING_LENGTH, Point};
use zeroize::Zeroizing;

use super::pixel_rect::PixelRect;
use crate::image::RgbView;

/// A picture in dlib's memory, overwritten when dropped; `None` if dlib had no memory for it.
pub(crate) struct DlibImage(Option<fpass_dlib::Image>);

impl DlibImage {
    /// Copies a picture.
    pub(crate) fn new(view: &RgbView<'_>) -> Self {
        Self(fpass_dlib::Image::new(view.width(), view.height(), view.pixels()).ok())
    }
}

/// The points that the predictor found.
pub(crate) struct ShapePoints(Vec<Point>);

impl ShapePoints {
    /// Column and row of each point.
    pub(crate) fn points(&self) -> Vec<(i64, i64)> {
        self.0.iter().map(|spot| (spot.x, spot.y)).collect()
    }
}

/// The landmark predictor.
pub(crate) struct ShapePredictor(fpass_dlib::ShapePredictor);

impl ShapePredictor {
    /// Reads the weights. `None` when dlib cannot read them.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        fpass_dlib::ShapePredictor::open(openable(path)?).ok().map(Self)
    }

    /// The landmarks of the face in a rectangle. `None` when dlib gives none.
    pub(crate) fn landmarks(&self, picture: &DlibImage, face: &PixelRect) -> Option<ShapePoints> {
        let PixelRect { left, top, right, bottom } = *face;
        let face = fpass_dlib::Rectangle { left, top, right, bottom };
        self.0.landmarks(picture.0.as_ref()?, &face).ok().map(ShapePoints)
    }
}

/// The face network.
pub(crate) struct FaceNetwork(fpass_dlib::FaceNetwork);

impl FaceNetwork {
    /// Reads the weights. `None` when dlib cannot read them.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        fpass_dlib::FaceNetwork::open(openable(path)?).ok().map(Self)
    }

    /// The 128 values for the face with these landmarks, which must come from this picture. `None`
    /// when dlib gives no values.
    pub(crate) fn embed(
        &mut self,
        picture: &DlibImage,
        shape: &ShapePoints,
    ) -> Option<Zeroizing<Vec<f32>>> {
        let mut values = Zeroizing::new([0.0; EMBEDDING_LENGTH]);
        self.0.embed(picture.0.as_ref()?, &shape.0, &mut values).ok()?;
        Some(Zeroizing::new(values.to_vec()))
    }
}

/// The path as dlib takes it. With a NUL inside, dlib would read only the part before it.
fn openable(path: &Path) -> Option<&str> {
    path.to_str().filter(|name| !name.contains('\0'))
}
