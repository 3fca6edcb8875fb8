//! The binding `fpass-dlib`. What dlib throws ends as "nothing found", which every stage refuses.

use std::path::Path;

use fpass_dlib::{EMBEDDING_LENGTH, Spot};
use zeroize::Zeroizing;

use super::Area;
use crate::image::RgbView;

/// A picture in dlib's memory, overwritten when it is dropped; `None` if dlib had no memory for it.
pub(crate) struct Picture(Option<fpass_dlib::Picture>);

impl Picture {
    /// Copies a picture.
    pub(crate) fn new(view: &RgbView<'_>) -> Self {
        Self(fpass_dlib::Picture::new(view.width(), view.height(), view.pixels()).ok())
    }
}

/// The detector of frontal faces; `None` if dlib could not build it.
pub(crate) struct Detector(Option<fpass_dlib::Detector>);

impl Detector {
    pub(crate) fn new() -> Self {
        Self(fpass_dlib::Detector::new().ok())
    }

    /// The boxes of the faces.
    pub(crate) fn faces(&self, picture: &Picture) -> Vec<Area> {
        let (Some(detector), Some(picture)) = (&self.0, &picture.0) else {
            return Vec::new();
        };
        let found = detector.faces(picture).unwrap_or_default();
        found
            .into_iter()
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
pub(crate) struct Shape(Vec<Spot>);

impl Shape {
    /// Column and row of each.
    pub(crate) fn points(&self) -> Vec<(i64, i64)> {
        self.0.iter().map(|spot| (spot.x, spot.y)).collect()
    }
}

/// The landmark predictor.
pub(crate) struct Predictor(fpass_dlib::Predictor);

impl Predictor {
    /// Reads the weights. `None` when dlib cannot.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        fpass_dlib::Predictor::open(openable(path)?).ok().map(Self)
    }

    /// The landmarks of the face in a box. `None` when dlib gives none.
    pub(crate) fn landmarks(&self, picture: &Picture, face: &Area) -> Option<Shape> {
        let Area { left, top, right, bottom } = *face;
        let face = fpass_dlib::Area { left, top, right, bottom };
        self.0.landmarks(picture.0.as_ref()?, &face).ok().map(Shape)
    }
}

/// The face network.
pub(crate) struct Network(fpass_dlib::Network);

impl Network {
    /// Reads the weights. `None` when dlib cannot.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        fpass_dlib::Network::open(openable(path)?).ok().map(Self)
    }

    /// The values for the face with these landmarks, which must come from this picture. `None` when dlib
    /// gives none.
    pub(crate) fn embed(
        &mut self,
        picture: &Picture,
        shape: &Shape,
    ) -> Option<Zeroizing<Vec<f32>>> {
        let mut values = Zeroizing::new([0.0; EMBEDDING_LENGTH]);
        self.0.embed(picture.0.as_ref()?, &shape.0, &mut values).ok()?;
        Some(Zeroizing::new(values.to_vec()))
    }
}

/// The path as dlib takes it, which would read only what stands ahead of a NUL.
fn openable(path: &Path) -> Option<&str> {
    path.to_str().filter(|name| !name.contains('\0'))
}
