//! A picture without meaning, for runs whose result nobody wants.

use crate::error::FaceError;
use crate::geometry::Point;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;

/// Side in pixels.
const SIDE: u8 = 200;
/// Where a face would have its landmarks.
const LANDMARKS: [(f32, f32); 5] =
    [(80.0, 90.0), (120.0, 90.0), (100.0, 115.0), (85.0, 135.0), (115.0, 135.0)];

/// A square of many colours.
pub(crate) struct Drawing {
    pixels: Vec<u8>,
}

impl Drawing {
    /// Draws it.
    pub(crate) fn new() -> Self {
        let pixels = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| [x, y, x ^ y]));
        Self { pixels: pixels.collect() }
    }

    /// The picture.
    ///
    /// # Errors
    /// None is expected: the pixels are as many as the sides say.
    pub(crate) fn view(&self) -> Result<RgbView<'_>, FaceError> {
        RgbView::new(SIDE.into(), SIDE.into(), &self.pixels)
    }

    /// Landmarks inside it.
    #[expect(clippy::unused_self, reason = "they belong to this picture")]
    pub(crate) fn landmarks(&self) -> Landmarks5 {
        Landmarks5::from_points(LANDMARKS.map(|(x, y)| Point { x, y }))
    }
}
