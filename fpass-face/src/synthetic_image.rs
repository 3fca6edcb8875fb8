//! A synthetic picture for runs of which only the duration or the side effect matters.

use crate::error::FaceError;
use crate::geometry::Point;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;

/// Side in pixels.
const SIDE: u8 = 200;
/// Landmarks of an imagined face in the picture.
const LANDMARKS: [(f32, f32); 5] =
    [(80.0, 90.0), (120.0, 90.0), (100.0, 115.0), (85.0, 135.0), (115.0, 135.0)];

/// A square picture of many colours without a face.
pub(crate) struct SyntheticImage {
    pixels: Vec<u8>,
}

impl SyntheticImage {
    /// Computes the pixels.
    pub(crate) fn new() -> Self {
        let pixels = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| [x, y, x ^ y]));
        Self { pixels: pixels.collect() }
    }

    /// The picture.
    ///
    /// # Errors
    /// None: the number of pixels is that of the sides.
    pub(crate) fn view(&self) -> Result<RgbView<'_>, FaceError> {
        RgbView::new(SIDE.into(), SIDE.into(), &self.pixels)
    }

    /// Landmarks inside the picture.
    #[expect(clippy::unused_self, reason = "the landmarks belong to this picture")]
    pub(crate) fn landmarks(&self) -> Landmarks5 {
        Landmarks5::from_points(LANDMARKS.map(|(x, y)| Point { x, y }))
    }
}
