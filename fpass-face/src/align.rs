//! Alignment: the upright face that the networks get.

use zeroize::Zeroize;

use crate::error::FaceError;
use crate::geometry::Point;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::sampler::{ChannelOrder, Planes, SAMPLES_MAX};
use crate::transform::Square;

/// Side of the aligned face in pixels, as SFace was trained (Zhong et al., 2021).
pub const ALIGNED_SIDE: u32 = 112;
/// Side in pixels at which sharpness is measured, half of [`ALIGNED_SIDE`]. A face of any accepted
/// size is reduced to it, never enlarged, so sharpness compares across distances.
const DETAIL_SIDE: usize = 56;

/// The five landmarks in the aligned face, as shares of its side: the reference points of ArcFace
/// for 112 × 112 pixels (Deng et al., 2019), to which SFace's training pictures were aligned.
const REFERENCE: [Point; 5] = [
    Point { x: 38.2946 / 112.0, y: 51.6963 / 112.0 },
    Point { x: 73.5318 / 112.0, y: 51.5014 / 112.0 },
    Point { x: 56.0252 / 112.0, y: 71.7366 / 112.0 },
    Point { x: 41.5493 / 112.0, y: 92.3655 / 112.0 },
    Point { x: 70.7299 / 112.0, y: 92.2041 / 112.0 },
];

/// The square of a picture of `width` × `height` pixels that becomes the aligned face.
///
/// # Errors
/// [`FaceError::LandmarksUnusable`] when a landmark is outside the picture or the landmarks
/// coincide.
pub fn face_square(landmarks: &Landmarks5, width: u32, height: u32) -> Result<Square, FaceError> {
    if !landmarks.are_inside(width, height) {
        return Err(FaceError::LandmarksUnusable);
    }
    Square::fit(&REFERENCE, &landmarks.points())
}

/// The aligned face and its luma, from which light and detail are measured. The memory is reused
/// for the next face and overwritten when dropped.
pub struct AlignedFace {
    planes: Planes,
    detail: Vec<f32>,
}

impl Default for AlignedFace {
    fn default() -> Self {
        Self {
            planes: Planes::new(ALIGNED_SIDE, SAMPLES_MAX),
            detail: vec![0.0; DETAIL_SIDE * DETAIL_SIDE],
        }
    }
}

impl AlignedFace {
    /// Resamples the face from a picture.
    pub fn fill(&mut self, view: &RgbView<'_>, square: &Square) {
        self.planes.fill(view, square, ChannelOrder::Rgb);
        let side = ALIGNED_SIDE as usize;
        let area = side * side;
        let (red, rest) = self.planes.values().split_at(area);
        let (green, blue) = rest.split_at(area);
        self.detail.fill(0.0);
        let rows =
            red.chunks_exact(side).zip(green.chunks_exact(side)).zip(blue.chunks_exact(side));
        for (y, ((red, green), blue)) in rows.enumerate() {
            let start = y / 2 * DETAIL_SIDE;
            let target = self.detail.get_mut(start..start + DETAIL_SIDE).unwrap_or_default();
            let pairs = red.as_chunks::<2>().0.iter().zip(green.as_chunks::<2>().0);
            let pairs = pairs.zip(blue.as_chunks::<2>().0);
            for (luma, (([r0, r1], [g0, g1]), [b0, b1])) in target.iter_mut().zip(pairs) {
                *luma += 0.25 * (0.299 * (r0 + r1) + 0.587 * (g0 + g1) + 0.114 * (b0 + b1));
            }
        }
    }

    /// Overwrites the last face with black.
    pub fn forget(&mut self) {
        self.planes.forget();
        self.detail.as_mut_slice().zeroize();
    }

    /// Red, green and blue planes of [`ALIGNED_SIDE`] × [`ALIGNED_SIDE`] values, 0 to 255.
    #[must_use]
    pub fn planes(&self) -> &[f32] {
        self.planes.values()
    }

    /// Mean luma, 0 to 255.
    #[must_use]
    pub fn brightness(&self) -> f32 {
        moments(self.detail.iter().copied()).0
    }

    /// Standard deviation of the luma, in the unit of luma (0 to 255).
    #[must_use]
    pub fn contrast(&self) -> f32 {
        moments(self.detail.iter().copied()).1.sqrt()
    }

    /// Variance of the 4-neighbour Laplacian (Pech-Pacheco et al., 2000) at half the side of the
    /// aligned face, in squared units of luma.
    #[must_use]
    pub fn laplacian_variance(&self) -> f32 {
        let above = self.detail.chunks_exact(DETAIL_SIDE);
        let here = above.clone().skip(1);
        let below = above.clone().skip(2);
        let laplacian = above.zip(here).zip(below).flat_map(|((above, here), below)| {
            let vertical = above.iter().zip(below).skip(1);
            here.windows(3).zip(vertical).map(|(row, (up, down))| match row {
                [left, centre, right] => up + down + left + right - 4.0 * centre,
                _ => 0.0,
            })
        });
        moments(laplacian).1
    }
}

impl Drop for AlignedFace {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Mean and variance; zeros for no values.
#[expect(clippy::cast_possible_truncation, reason = "summed in f64 for accuracy, reported in f32")]
fn moments(values: impl Iterator<Item = f32>) -> (f32, f32) {
    let (count, sum, squares) = values.fold((0.0, 0.0, 0.0), |(count, sum, squares), value| {
        let value = f64::from(value);
        (count + 1.0, sum + value, squares + value * value)
    });
    if count == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / count;
    (mean as f32, (squares / count - mean * mean).max(0.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Landmarks whose square is known: the reference, scaled and moved.
    fn face_at(left: f32, top: f32, side: f32) -> Landmarks5 {
        Landmarks5::from_points(
            REFERENCE.map(|p| Point { x: left + side * p.x, y: top + side * p.y }),
        )
    }

    #[test]
    fn forgetting_overwrites_the_face() {
        let pixels = vec![200; 3 * 128 * 128];
        let view = RgbView::new(128, 128, &pixels).unwrap();
        let mut chip = AlignedFace::default();
        chip.fill(&view, &face_square(&face_at(10.0, 10.0, 100.0), 128, 128).unwrap());
        assert!(chip.planes().iter().all(|value| *value > 190.0) && chip.brightness() > 190.0);
        chip.forget();
        assert!(chip.planes().iter().all(|value| *value == 0.0));
        assert!(chip.detail.iter().all(|value| *value == 0.0));
        assert_eq!(
            chip.planes().len(),
            3 * (ALIGNED_SIDE * ALIGNED_SIDE) as usize,
            "for the next face"
        );
    }

    #[test]
    fn landmarks_that_are_outside_or_coincide_are_refused() {
        let outside = face_at(600.0, 100.0, 100.0);
        let coinciding = face_at(100.0, 100.0, 0.0);
        let mut nan = face_at(100.0, 100.0, 100.0);
        nan.nose_tip.x = f32::NAN;
        for landmarks in [outside, coinciding, nan] {
            assert_eq!(face_square(&landmarks, 640, 480), Err(FaceError::LandmarksUnusable));
        }
    }

    #[test]
    fn the_reference_maps_to_its_square() {
        let square = face_square(&face_at(100.0, 50.0, 200.0), 640, 480).unwrap();
        assert!((square.side() - 200.0).abs() < 0.1);
        assert!(square.at(0.0, 0.0).distance(Point { x: 100.0, y: 50.0 }) < 0.1);
    }

    #[test]
    fn a_flat_chip_has_neither_contrast_nor_detail_and_a_striped_one_has_both() {
        let square = face_square(&face_at(20.0, 20.0, 112.0), 160, 160).unwrap();
        let flat = vec![90; 160 * 160 * 3];
        let mut chip = AlignedFace::default();
        chip.fill(&RgbView::new(160, 160, &flat).unwrap(), &square);
        assert!(chip.contrast() < 0.1);
        assert!(chip.laplacian_variance() < 0.1);
        assert!((chip.brightness() - 90.0).abs() < 0.1);
        let striped: Vec<u8> =
            (0..160 * 160).flat_map(|n| [if n % 160 / 4 % 2 == 0 { 0 } else { 200 }; 3]).collect();
        chip.fill(&RgbView::new(160, 160, &striped).unwrap(), &square);
        assert!(chip.contrast() > 50.0);
        assert!(chip.laplacian_variance() > 1000.0);
    }
}
