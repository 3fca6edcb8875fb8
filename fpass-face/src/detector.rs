//! Where the faces are.

use dlib_face_recognition::{FaceDetector, FaceDetectorTrait};

use crate::dlib_matrix::DlibImage;
use crate::error::FaceError;
use crate::geometry::{FaceBox, pixels};
use crate::image::{RgbView, SIDE_MAX};

/// Side of the detector's window in pixels of the picture it searches. The box that dlib reports
/// for a face of that size is 73 pixels wide.
pub const WINDOW_SIDE: u32 = 80;

/// dlib's detector of frontal faces: histograms of oriented gradients and a linear classifier.
///
/// It searches a reduced picture, whose longest side is the *detection side*. Where that one shows
/// no face, it searches again at twice the side, so that someone at arm's length is found at the
/// price of a close face and someone far away at the price of a second search. In a 640×480 frame
/// with the default side of 320 the first search finds boxes from 146 pixels, the second from 73.
/// A face that only the second search would show is not counted beside one that the first found.
pub struct HogDetector {
    inner: FaceDetector,
    detection_side: u32,
}

impl HogDetector {
    /// Builds the detector; dlib holds its weights in the library.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the side is not 80 to 4096 pixels.
    pub fn new(detection_side: u32) -> Result<Self, FaceError> {
        if !(WINDOW_SIDE..=SIDE_MAX).contains(&detection_side) {
            return Err(FaceError::DetectionSide(detection_side));
        }
        Ok(Self { inner: FaceDetector::new(), detection_side })
    }

    /// Every face found, clipped to the picture.
    pub fn detect(&mut self, view: &RgbView<'_>) -> Vec<FaceBox> {
        let faces = self.search(view, self.detection_side);
        if !faces.is_empty() || view.width().max(view.height()) <= self.detection_side {
            return faces;
        }
        self.search(view, 2 * self.detection_side)
    }

    fn search(&self, view: &RgbView<'_>, longest_side: u32) -> Vec<FaceBox> {
        let reduced = view.reduced(longest_side);
        let searched = reduced.as_ref().map_or(*view, |reduced| reduced.view());
        let scale_x = pixels(view.width()) / pixels(searched.width());
        let scale_y = pixels(view.height()) / pixels(searched.height());
        let image = DlibImage::new(&searched);
        let found = self.inner.face_locations(image.matrix());
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
pub(crate) fn position(coordinate: i64) -> Option<f32> {
    i16::try_from(coordinate).ok().map(f32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detection_side_out_of_range_is_refused() {
        for side in [0, 79, 4097, u32::MAX] {
            assert_eq!(HogDetector::new(side).err(), Some(FaceError::DetectionSide(side)));
        }
    }

    #[test]
    fn pictures_without_a_face_give_none() {
        let mut detector = HogDetector::new(320).unwrap();
        for (width, height) in [(16, 16), (16, 4096), (4096, 16), (640, 480)] {
            for level in [0_u8, 128, 255] {
                let pixels = vec![level; 3 * width as usize * height as usize];
                let view = RgbView::new(width, height, &pixels).unwrap();
                assert!(detector.detect(&view).is_empty(), "{width}×{height} {level}");
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
