//! Squares of the frame, resampled for a network.

use zeroize::Zeroize;

use crate::geometry::{Point, pixels, whole};
use crate::image::RgbView;
use crate::transform::Square;

/// Most samples along each axis for one pixel of the result; bounds the time.
const SAMPLES_MAX: u32 = 4;

/// Order of the channels that a network wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// A square picture as networks take it: three planes of `side` × `side` values, 0 to 255. Its
/// memory is used again for the next picture, and overwritten when dropped.
pub struct Planes {
    side: u32,
    values: Vec<f32>,
}

impl Planes {
    /// Room for pictures of `side` pixels.
    #[must_use]
    pub fn new(side: u32) -> Self {
        Self { side, values: vec![0.0; 3 * (side as usize).pow(2)] }
    }

    /// Side in pixels.
    #[must_use]
    pub fn side(&self) -> u32 {
        self.side
    }

    /// The values: plane by plane, row by row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Resamples a square of the frame. Where the frame has more pixels than the result, each new
    /// pixel is the mean of up to 4 × 4 bilinear samples; positions outside the frame read its
    /// border.
    pub fn fill(&mut self, view: &RgbView<'_>, square: &Square, order: Channels) {
        let side = pixels(self.side);
        let step = 1.0 / side;
        let samples = whole((square.side() * step).round()).clamp(1, SAMPLES_MAX);
        let weight = 1.0 / pixels(samples * samples);
        let area = (self.side as usize).pow(2);
        let (first, rest) = self.values.split_at_mut(area);
        let (second, third) = rest.split_at_mut(area);
        let planes = first.iter_mut().zip(second).zip(third);
        let places = (0..self.side).flat_map(|y| (0..self.side).map(move |x| (x, y)));
        for (((first, second), third), (x, y)) in planes.zip(places) {
            let mut sum = [0.0; 3];
            for dy in 0..samples {
                for dx in 0..samples {
                    let u = (pixels(x) + (pixels(dx) + 0.5) / pixels(samples)) * step;
                    let v = (pixels(y) + (pixels(dy) + 0.5) / pixels(samples)) * step;
                    for (sum, channel) in sum.iter_mut().zip(bilinear(view, square.at(u, v))) {
                        *sum += channel;
                    }
                }
            }
            let [red, green, blue] = sum.map(|channel| channel * weight);
            (*first, *second, *third) = match order {
                Channels::Rgb => (red, green, blue),
                Channels::Bgr => (blue, green, red),
            };
        }
    }
}

impl Drop for Planes {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

/// Colour at a position: the centre of the pixel in column 0 and row 0 lies at (0.5, 0.5).
fn bilinear(view: &RgbView<'_>, position: Point) -> [f32; 3] {
    let (x, y) = (position.x - 0.5, position.y - 0.5);
    let (left, top) = (x.floor().max(0.0), y.floor().max(0.0));
    let (right_part, lower_part) = ((x - left).clamp(0.0, 1.0), (y - top).clamp(0.0, 1.0));
    let (column, row) = (whole(left), whole(top));
    let upper = view.pair_at(column, row);
    let lower = view.pair_at(column, row.saturating_add(1));
    let mix = |[a, b]: [[u8; 3]; 2]| {
        let ([ar, ag, ab], [br, bg, bb]) = (a.map(f32::from), b.map(f32::from));
        [ar + (br - ar) * right_part, ag + (bg - ag) * right_part, ab + (bb - ab) * right_part]
    };
    let ([ur, ug, ub], [lr, lg, lb]) = (mix(upper), mix(lower));
    [ur + (lr - ur) * lower_part, ug + (lg - ug) * lower_part, ub + (lb - ub) * lower_part]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> Vec<u8> {
        let level = |n: u32| u8::try_from(n.min(255)).unwrap();
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [level(x), level(y), 7])).collect()
    }

    #[test]
    fn a_square_of_the_same_size_is_copied() {
        let pixels = gradient(32, 32);
        let view = RgbView::new(32, 32, &pixels).unwrap();
        let mut planes = Planes::new(16);
        let square = Square::upright(Point { x: 16.0, y: 12.0 }, 16.0);
        planes.fill(&view, &square, Channels::Rgb);
        let values = planes.values();
        assert!((values[0] - 8.0).abs() < 1e-3, "red is the column: {}", values[0]);
        assert!((values[15] - 23.0).abs() < 1e-3);
        assert!((values[256] - 4.0).abs() < 1e-3, "green is the row");
        assert!((values[512] - 7.0).abs() < 1e-3);
        planes.fill(&view, &square, Channels::Bgr);
        assert!((planes.values()[0] - 7.0).abs() < 1e-3);
    }

    #[test]
    fn a_larger_square_is_averaged_and_its_outside_reads_the_border() {
        let pixels = gradient(64, 64);
        let view = RgbView::new(64, 64, &pixels).unwrap();
        let mut planes = Planes::new(16);
        planes.fill(&view, &Square::upright(Point { x: 32.0, y: 32.0 }, 64.0), Channels::Rgb);
        assert!((planes.values()[0] - 1.5).abs() < 0.1, "{}", planes.values()[0]);
        planes.fill(&view, &Square::upright(Point { x: -500.0, y: 900.0 }, 64.0), Channels::Rgb);
        assert!(planes.values()[..256].iter().all(|red| red.abs() < 1e-3));
        assert!(planes.values()[256..512].iter().all(|green| (green - 63.0).abs() < 1e-3));
    }
}
