//! The upright face that the network sees.

use zeroize::Zeroizing;

use crate::error::FaceError;
use crate::geometry::{Point, pixels, whole};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;

/// Side of [`Chip`] in pixels: half of the 150 of dlib's chip, so that a face of any admissible
/// size is reduced to it, never enlarged, and sharpness compares across distances.
pub const CHIP_SIDE: u8 = 75;

/// Mean position of the five landmarks in a unit square around the face, in dlib's order; the
/// numbers are those of `get_face_chip_details` in dlib's `image_transforms/interpolation.h`.
const MEAN_SHAPE: [Point; 5] = [
    Point { x: 0.8596, y: 0.2135 },
    Point { x: 0.6461, y: 0.2290 },
    Point { x: 0.1206, y: 0.2137 },
    Point { x: 0.3341, y: 0.2291 },
    Point { x: 0.4901, y: 0.6278 },
];

/// Border around the unit square on each side, as a share of it. The network was trained with it.
const PADDING: f32 = 0.25;

/// Shortest distance in pixels between the outer eye corners that still gives a transform.
const EYE_SPAN_MIN: f32 = 8.0;

/// Where the chip lies in the frame: a square, turned and scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChipRegion {
    /// Frame position of the chip's upper left corner.
    origin: Point,
    /// Step in the frame for the whole width of the chip; turned by 90° it is the height.
    across: Point,
}

impl ChipRegion {
    /// Least-squares similarity transform (Umeyama, 1991) from the mean shape to the landmarks of
    /// a picture of these sides.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a landmark lies outside the picture or the eyes lie on
    /// one another.
    pub fn new(landmarks: &Landmarks5, width: u32, height: u32) -> Result<Self, FaceError> {
        let points = landmarks.points();
        let span = landmarks.left_eye_outer.distance(landmarks.right_eye_outer);
        if span < EYE_SPAN_MIN || !points.iter().all(|point| point.is_inside(width, height)) {
            return Err(FaceError::LandmarksUnusable);
        }
        let (from, to) = (centroid(&MEAN_SHAPE), centroid(&points));
        let (mut along, mut turned, mut spread) = (0.0, 0.0, 0.0);
        for (mean, point) in MEAN_SHAPE.iter().zip(&points) {
            let (mx, my) = (mean.x - from.x, mean.y - from.y);
            let (px, py) = (point.x - to.x, point.y - to.y);
            along += mx * px + my * py;
            turned += mx * py - my * px;
            spread += mx * mx + my * my;
        }
        let unit = Point { x: along / spread, y: turned / spread };
        // The padded square starts at −PADDING and is 1 + 2·PADDING wide.
        let (cx, cy) = (-PADDING - from.x, -PADDING - from.y);
        let side = 1.0 + 2.0 * PADDING;
        Ok(Self {
            origin: Point {
                x: to.x + unit.x * cx - unit.y * cy,
                y: to.y + unit.y * cx + unit.x * cy,
            },
            across: Point { x: unit.x * side, y: unit.y * side },
        })
    }

    /// Side of the square in pixels of the frame.
    #[must_use]
    pub fn side(&self) -> f32 {
        self.across.x.hypot(self.across.y)
    }

    /// Frame position of a chip position, both of whose coordinates run from 0 to 1.
    fn at(&self, u: f32, v: f32) -> Point {
        Point {
            x: self.origin.x + u * self.across.x - v * self.across.y,
            y: self.origin.y + u * self.across.y + v * self.across.x,
        }
    }
}

/// Luma of the aligned face, [`CHIP_SIDE`] × [`CHIP_SIDE`], overwritten when dropped.
pub struct Chip {
    luma: Zeroizing<Vec<f32>>,
}

impl Chip {
    /// Samples the picture in a region. Positions outside the picture read its border.
    #[must_use]
    pub fn extract(view: &RgbView<'_>, region: &ChipRegion) -> Self {
        let step = 1.0 / f32::from(CHIP_SIDE);
        // As many samples a pixel as the frame has, so that nothing is aliased; 8 bound the time.
        let samples = whole((region.side() * step).ceil()).clamp(1, 8);
        let offsets: Vec<f32> = (0..samples).map(|n| (pixels(n) + 0.5) / pixels(samples)).collect();
        let mut luma = Zeroizing::new(Vec::with_capacity(usize::from(CHIP_SIDE).pow(2)));
        for y in 0..CHIP_SIDE {
            for x in 0..CHIP_SIDE {
                let mut sum = 0.0;
                for dy in &offsets {
                    for dx in &offsets {
                        let u = (f32::from(x) + dx) * step;
                        let v = (f32::from(y) + dy) * step;
                        let Point { x, y } = region.at(u, v);
                        sum += view.luma_at(whole(x), whole(y));
                    }
                }
                luma.push(sum / pixels(samples * samples));
            }
        }
        Self { luma }
    }

    /// Standard deviation of the luma, in the unit of luma (0 to 255).
    #[must_use]
    pub fn contrast(&self) -> f32 {
        variance(self.luma.iter().copied()).sqrt()
    }

    /// Variance of the 4-neighbour Laplacian (Pech-Pacheco et al., 2000), in squared units of luma.
    #[must_use]
    pub fn laplacian_variance(&self) -> f32 {
        let side = usize::from(CHIP_SIDE);
        let rows: Vec<&[f32]> = self.luma.chunks_exact(side).collect();
        let laplacian = rows.windows(3).flat_map(|rows| {
            let (above, here, below) = match rows {
                [above, here, below] => (*above, *here, *below),
                _ => (&[][..], &[][..], &[][..]),
            };
            let vertical = above.iter().zip(below).skip(1);
            here.windows(3).zip(vertical).map(|(row, (up, down))| match row {
                [left, centre, right] => up + down + left + right - 4.0 * centre,
                _ => 0.0,
            })
        });
        variance(laplacian)
    }
}

fn centroid(points: &[Point; 5]) -> Point {
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.x, y + point.y));
    Point { x: x / 5.0, y: y / 5.0 }
}

#[expect(clippy::cast_possible_truncation, reason = "summed in f64 for accuracy, reported in f32")]
fn variance(values: impl Iterator<Item = f32>) -> f32 {
    let (count, sum, squares) = values.fold((0.0, 0.0, 0.0), |(count, sum, squares), value| {
        let value = f64::from(value);
        (count + 1.0, sum + value, squares + value * value)
    });
    if count == 0.0 {
        return 0.0;
    }
    let mean = sum / count;
    (squares / count - mean * mean).max(0.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean shape, scaled and moved, so that the chip region is known.
    fn face_at(left: f32, top: f32, scale: f32) -> Landmarks5 {
        let [a, b, c, d, e] =
            MEAN_SHAPE.map(|p| Point { x: left + scale * p.x, y: top + scale * p.y });
        Landmarks5 {
            left_eye_outer: a,
            left_eye_inner: b,
            right_eye_outer: c,
            right_eye_inner: d,
            nose_base: e,
        }
    }

    #[test]
    fn landmarks_outside_or_on_one_another_are_refused() {
        let outside = face_at(560.0, 100.0, 100.0);
        let on_one_another = face_at(100.0, 100.0, 0.0);
        let mut nan = face_at(100.0, 100.0, 100.0);
        nan.nose_base.x = f32::NAN;
        let mut crossed = face_at(100.0, 100.0, 100.0);
        crossed.left_eye_outer.x = f32::NAN;
        for landmarks in [outside, on_one_another, nan, crossed] {
            assert_eq!(
                ChipRegion::new(&landmarks, 640, 480).err(),
                Some(FaceError::LandmarksUnusable)
            );
        }
    }

    #[test]
    fn the_mean_shape_maps_to_its_padded_square() {
        let region = ChipRegion::new(&face_at(100.0, 50.0, 200.0), 640, 480).unwrap();
        assert!((region.side() - 300.0).abs() < 0.1);
        let corner = region.at(0.0, 0.0);
        assert!(corner.distance(Point { x: 50.0, y: 0.0 }) < 0.1, "{corner:?}");
        let opposite = region.at(1.0, 1.0);
        assert!(opposite.distance(Point { x: 350.0, y: 300.0 }) < 0.1);
    }

    #[test]
    fn a_flat_chip_has_neither_contrast_nor_detail_and_a_striped_one_has_both() {
        let region = ChipRegion::new(&face_at(20.0, 20.0, 80.0), 160, 160).unwrap();
        let flat = vec![90; 160 * 160 * 3];
        let chip = Chip::extract(&RgbView::new(160, 160, &flat).unwrap(), &region);
        assert!(chip.contrast() < 0.1);
        assert!(chip.laplacian_variance() < 0.1);
        let striped: Vec<u8> =
            (0..160 * 160).flat_map(|n| [if n % 160 / 4 % 2 == 0 { 0 } else { 200 }; 3]).collect();
        let chip = Chip::extract(&RgbView::new(160, 160, &striped).unwrap(), &region);
        assert!(chip.contrast() > 50.0);
        assert!(chip.laplacian_variance() > 1000.0);
    }
}
