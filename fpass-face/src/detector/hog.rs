//! HOG: frontal faces.

use crate::dlib::{Detector, Picture};
use crate::geometry::{FaceBox, pixels};
use crate::image::RgbView;

/// dlib's detector of frontal faces: histograms of oriented gradients and a linear classifier. dlib
/// holds its weights in the library.
pub struct HogDetector {
    inner: Detector,
}

impl Default for HogDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl HogDetector {
    /// Builds the detector.
    #[must_use]
    pub fn new() -> Self {
        Self { inner: Detector::new() }
    }

    /// Every face found in the picture, reduced until its longer side has `longest_side` pixels,
    /// clipped to the picture. The window is 80 pixels of that reduced picture wide.
    #[must_use]
    pub fn search(&self, view: &RgbView<'_>, longest_side: u32) -> Vec<FaceBox> {
        let reduced = view.reduced(longest_side);
        let searched = reduced.as_ref().map_or(*view, |reduced| reduced.view());
        let scale_x = pixels(view.width()) / pixels(searched.width());
        let scale_y = pixels(view.height()) / pixels(searched.height());
        let found = self.inner.faces(&Picture::new(&searched));
        found
            .iter()
            .filter_map(|face| {
                let left = scale_x * position(face.left)?;
                let top = scale_y * position(face.top)?;
                // dlib's right and bottom are the last pixels inside.
                let width = scale_x * (position(face.right)? + 1.0) - left;
                let height = scale_y * (position(face.bottom)? + 1.0) - top;
                FaceBox::clip(left, top, width, height, view.width(), view.height())
            })
            .collect()
    }
}

/// A coordinate from dlib; `None` when it is further out than any picture reaches.
fn position(coordinate: i64) -> Option<f32> {
    i16::try_from(coordinate).ok().map(f32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_without_a_face_give_none() {
        let detector = HogDetector::new();
        for (width, height) in [(16, 16), (16, 4096), (4096, 16), (640, 480)] {
            for level in [0_u8, 128, 255] {
                let pixels = vec![level; 3 * width as usize * height as usize];
                let view = RgbView::new(width, height, &pixels).unwrap();
                assert!(detector.search(&view, 320).is_empty(), "{width}×{height} {level}");
            }
        }
    }

    #[test]
    fn coordinates_beyond_any_picture_are_dropped() {
        assert_eq!(position(-5), Some(-5.0));
        assert_eq!(position(4096), Some(4096.0));
        assert_eq!(position(i64::MAX), None);
        assert_eq!(position(i64::MIN), None);
    }
}
