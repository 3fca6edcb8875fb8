//! Where a face is in the picture: the similarity between pixels and face coordinates.
//!
//! Face coordinates are (u, v): u to the right of the picture, v downwards, origin between the
//! centres of the eyes, unit the width of the face (15.3 cm on the average head).

use crate::error::FaceError;
use crate::geometry::Point;
use crate::landmarks::Landmarks5;

/// The five landmarks of the average head in face coordinates, in the order of [`Landmarks5`]: from
/// the mesh of which `models/head_depth.toml` was made.
pub(super) const FIVE: [[f64; 2]; 5] =
    [[-0.2056, 0.0], [0.2056, 0.0], [0.0, 0.2447], [-0.1602, 0.4545], [0.1602, 0.4545]];

/// Narrowest face in pixels that has a placement.
const WIDTH_MIN: f64 = 16.0;
/// Widest face in pixels that has a placement: the longest side of a picture.
const WIDTH_MAX: f64 = 4096.0;

/// A map `(x, y) → (a·x − b·y + c, b·x + a·y + d)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Similarity {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) shift: [f64; 2],
}

impl Similarity {
    /// The least-squares similarity that takes `from` to `to` (Umeyama, 1991, without reflection).
    /// Its numbers are not finite when the points of `from` coincide.
    pub(super) fn fit(from: &[[f64; 2]; 5], to: &[[f64; 2]; 5]) -> Self {
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut along, mut turned, mut spread) = (0.0, 0.0, 0.0);
        for ([x, y], [u, v]) in from.iter().zip(to) {
            let (x, y) = (x - from_mean[0], y - from_mean[1]);
            let (u, v) = (u - to_mean[0], v - to_mean[1]);
            along += x * u + y * v;
            turned += x * v - y * u;
            spread += x * x + y * y;
        }
        let (a, b) = (along / spread, turned / spread);
        let [x, y] = from_mean;
        Self { a, b, shift: [to_mean[0] - a * x + b * y, to_mean[1] - b * x - a * y] }
    }

    pub(super) fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.a * x - self.b * y + self.shift[0], self.b * x + self.a * y + self.shift[1]]
    }

    pub(super) fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    fn inverse(&self) -> Self {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        let [c, d] = self.shift;
        Self { a, b, shift: [-a * c + b * d, -b * c - a * d] }
    }
}

fn mean(points: &[[f64; 2]; 5]) -> [f64; 2] {
    points.iter().fold([0.0, 0.0], |[x, y], [px, py]| [x + px / 5.0, y + py / 5.0])
}

/// The landmarks as pairs of pixels.
pub(super) fn pairs(landmarks: &Landmarks5) -> [[f64; 2]; 5] {
    landmarks.points().map(|Point { x, y }| [f64::from(x), f64::from(y)])
}

/// The place of a face: the least-squares similarity from pixels to face coordinates that takes its
/// five landmarks to those of the average head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    to_face: Similarity,
    to_pixels: Similarity,
}

impl Placement {
    /// Places a face by its landmarks.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a number is not finite or the width is not 16 to 4096
    /// pixels.
    pub fn of(landmarks: &Landmarks5) -> Result<Self, FaceError> {
        let to_face = Similarity::fit(&pairs(landmarks), &FIVE);
        let to_pixels = to_face.inverse();
        let finite = to_pixels.shift.iter().chain(&to_face.shift).all(|value| value.is_finite());
        let usable = finite && (WIDTH_MIN..=WIDTH_MAX).contains(&to_pixels.scale());
        usable.then_some(Self { to_face, to_pixels }).ok_or(FaceError::LandmarksUnusable)
    }

    /// Width of the face in pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.to_pixels.scale()
    }

    /// Face coordinates of a pixel.
    #[must_use]
    pub fn face(&self, pixel: [f64; 2]) -> [f64; 2] {
        self.to_face.apply(pixel)
    }

    /// The pixel at face coordinates.
    #[must_use]
    pub fn pixel(&self, face: [f64; 2]) -> [f64; 2] {
        self.to_pixels.apply(face)
    }

    /// The map from face coordinates to pixels.
    pub(super) fn pixel_map(&self) -> &Similarity {
        &self.to_pixels
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "test values are in range")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn placed(scale: f64, angle: f64, shift: [f64; 2]) -> Landmarks5 {
        let map = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), shift };
        Landmarks5::from_points(FIVE.map(|point| {
            let [x, y] = map.apply(point);
            Point { x: x as f32, y: y as f32 }
        }))
    }

    #[test]
    fn landmarks_that_coincide_or_are_not_finite_have_no_place() {
        let mut nan = placed(100.0, 0.0, [320.0, 240.0]);
        nan.nose_tip.x = f32::NAN;
        let mut far = nan;
        far.nose_tip.x = f32::MAX;
        for landmarks in [
            nan,
            far,
            placed(0.0, 0.0, [9.0, 9.0]),
            placed(8.0, 0.0, [9.0, 9.0]),
            placed(9e3, 0.0, [0.0, 0.0]),
        ] {
            assert_eq!(Placement::of(&landmarks), Err(FaceError::LandmarksUnusable));
        }
    }

    proptest! {
        #[test]
        fn a_moved_turned_and_scaled_head_is_found_again(
            scale in 20.0_f64..2000.0, angle in -0.5_f64..0.5, x in 0.0_f64..2000.0, y in 0.0_f64..2000.0,
        ) {
            let placement = Placement::of(&placed(scale, angle, [x, y])).unwrap();
            prop_assert!((placement.width() / scale - 1.0).abs() < 1e-3);
            let [u, v] = placement.face(placement.pixel([0.3, -0.2]));
            prop_assert!((u - 0.3).abs() < 1e-9 && (v + 0.2).abs() < 1e-9);
        }
    }
}
