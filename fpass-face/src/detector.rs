//! The search for faces in a whole frame.

mod candidate;
mod input;
mod yunet;

pub use yunet::YunetDetector;

use crate::error::FaceError;
use crate::geometry::{FaceBox, SIDE_MAX};
use crate::image::RgbView;
use crate::settings::DETECTION_SIDE_MIN;

/// A search in two steps: in the frame reduced to the *detection side*, and when that shows no
/// face, in the frame reduced to twice that side.
///
/// A close face costs one cheap search, and only a distant one the second. When the first search
/// finds a face, smaller faces that only the second would find do not count as companions.
pub(crate) struct FaceSearch {
    side: u32,
}

impl FaceSearch {
    /// A search that begins at `side` pixels.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the side is not 80 to 4096 pixels.
    pub(crate) fn new(side: u32) -> Result<Self, FaceError> {
        if !(DETECTION_SIDE_MIN..=SIDE_MAX).contains(&side) {
            return Err(FaceError::DetectionSide(side));
        }
        Ok(Self { side })
    }

    /// Every place that may show a face, clipped to the picture.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub(crate) fn search(
        &self,
        yunet: &mut YunetDetector,
        view: &RgbView<'_>,
    ) -> Result<Vec<FaceBox>, FaceError> {
        let places = yunet.search(view, self.side)?;
        if !places.is_empty() || view.width().max(view.height()) <= self.side {
            return Ok(places);
        }
        yunet.search(view, 2 * self.side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detection_side_out_of_range_is_refused() {
        for side in [0, 79, 4097, u32::MAX] {
            assert_eq!(FaceSearch::new(side).err(), Some(FaceError::DetectionSide(side)));
        }
    }
}
