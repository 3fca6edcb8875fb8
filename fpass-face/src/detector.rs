//! Where the faces are.

mod candidate;
mod canvas;
mod hog;
mod kind;
mod yunet;

pub use hog::HogDetector;
pub use kind::DetectorKind;
pub use yunet::YunetDetector;

use crate::error::FaceError;
use crate::geometry::FaceBox;
use crate::image::{RgbView, SIDE_MAX};

/// Shortest longest side of a picture that is searched.
pub const DETECTION_SIDE_MIN: u32 = 80;

/// The configured detector.
///
/// It searches a reduced picture, whose longest side is the *detection side*. Where that one shows
/// no face, it searches again at twice the side, so that somebody further away is found at the price
/// of a close face and somebody far away at the price of a second search. A face that only the
/// second search would show is not counted beside one that the first found.
pub(crate) struct Detector {
    hog: Option<HogDetector>,
    side: u32,
}

impl Detector {
    /// A detector that searches at `side` pixels first.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the side is not 80 to 4096 pixels.
    pub(crate) fn new(kind: DetectorKind, side: u32) -> Result<Self, FaceError> {
        if !(DETECTION_SIDE_MIN..=SIDE_MAX).contains(&side) {
            return Err(FaceError::DetectionSide(side));
        }
        Ok(Self { hog: (kind == DetectorKind::Hog).then(HogDetector::new), side })
    }

    /// Every place that may show a face, clipped to the picture.
    pub(crate) fn search(
        &self,
        yunet: &mut YunetDetector,
        view: &RgbView<'_>,
    ) -> Result<Vec<FaceBox>, FaceError> {
        let mut at = |side| match &self.hog {
            // Its window is four times as wide as the smallest face that YuNet finds.
            Some(hog) => Ok(hog.search(view, 2 * side)),
            None => yunet.search(view, side),
        };
        let places = at(self.side)?;
        if !places.is_empty() || view.width().max(view.height()) <= self.side {
            return Ok(places);
        }
        at(2 * self.side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detection_side_out_of_range_is_refused() {
        for kind in [DetectorKind::Yunet, DetectorKind::Hog] {
            for side in [0, 79, 4097, u32::MAX] {
                assert_eq!(Detector::new(kind, side).err(), Some(FaceError::DetectionSide(side)));
            }
        }
    }
}
