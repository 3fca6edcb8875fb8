//! Resampling of a square of the frame for a network.

use zeroize::Zeroize;

use crate::geometry::{Point, pixels, whole};
use crate::image::RgbView;
use crate::transform::Square;

/// Most pixels of the frame along each axis that are averaged for one pixel of the result. It
/// bounds the time.
pub const SAMPLES_MAX: u32 = 4;

/// Order of the colour planes that a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// A square picture as networks take it: three planes of `side` × `side` values, 0 to 255. The
/// memory is reused for the next picture and overwritten when dropped.
pub struct Planes {
    side: u32,
    samples_max: u32,
    values: Vec<f32>,
}

impl Planes {
    /// A black picture of `side` pixels. Each pixel will be the mean of at most `samples_max`
    /// pixels of the frame along each axis, 1 to [`SAMPLES_MAX`].
    #[must_use]
    pub fn new(side: u32, samples_max: u32) -> Self {
        Self {
            side,
            samples_max: samples_max.clamp(1, SAMPLES_MAX),
            values: vec![0.0; 3 * (side as usize).pow(2)],
        }
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

    /// Overwrites the last picture with black.
    pub fn forget(&mut self) {
        self.values.as_mut_slice().zeroize();
    }

    /// Resamples a square of the frame. When the square has at least 1.5 times as many pixels along
    /// an axis as the result, each new pixel is the mean of several evenly spread ones; otherwise
    /// it is interpolated between four. Positions outside the frame give its border.
    pub fn fill(&mut self, view: &RgbView<'_>, square: &Square, order: ChannelOrder) {
        let side = pixels(self.side);
        let step = 1.0 / side;
        let samples = whole((square.side() * step).round()).clamp(1, self.samples_max);
        let weight = 1.0 / pixels(samples * samples);
        let offset = |n: u32| (pixels(n) + 0.5) / pixels(samples);
        let mut offsets = [0.0; SAMPLES_MAX as usize];
        for (n, place) in (0..samples).zip(&mut offsets) {
            *place = offset(n);
        }
        let offsets = offsets.get(..samples as usize).unwrap_or_default();
        let sampler = Sampler::new(view);
        let area = (self.side as usize).pow(2);
        let (first, rest) = self.values.split_at_mut(area);
        let (second, third) = rest.split_at_mut(area);
        let planes = first.iter_mut().zip(second).zip(third);
        let places = (0..self.side).flat_map(|y| (0..self.side).map(move |x| (x, y)));
        for (((first, second), third), (x, y)) in planes.zip(places) {
            let mut sum = [0.0; 3];
            for dy in offsets {
                let v = (pixels(y) + dy) * step;
                for dx in offsets {
                    let u = (pixels(x) + dx) * step;
                    let position = square.at(u, v);
                    let colour = match offsets {
                        [_] => sampler.bilinear(position),
                        _ => sampler.nearest(position),
                    };
                    for (sum, channel) in sum.iter_mut().zip(colour) {
                        *sum += channel;
                    }
                }
            }
            let [red, green, blue] = sum.map(|channel| channel * weight);
            (*first, *second, *third) = match order {
                ChannelOrder::Rgb => (red, green, blue),
                ChannelOrder::Bgr => (blue, green, red),
            };
        }
    }
}

impl Drop for Planes {
    fn drop(&mut self) {
        self.forget();
    }
}

/// A pixel and its right neighbour.
type Pair = [[u8; 3]; 2];

/// Reads the colour of a picture at any position.
struct Sampler<'a> {
    view: &'a RgbView<'a>,
    /// Bytes of a row.
    stride: usize,
    /// Position from which on the right and the lower neighbour are outside the picture.
    inner: (f32, f32),
    /// Last column and row.
    last: (u32, u32),
}

impl<'a> Sampler<'a> {
    fn new(view: &'a RgbView<'a>) -> Self {
        let inner = (pixels(view.width()) - 1.0, pixels(view.height()) - 1.0);
        let last = (view.width() - 1, view.height() - 1);
        Self { view, stride: 3 * view.width() as usize, inner, last }
    }

    /// Colour of the pixel at a position.
    #[inline]
    fn nearest(&self, position: Point) -> [f32; 3] {
        let column = whole(position.x).min(self.last.0) as usize;
        let row = whole(position.y).min(self.last.1) as usize;
        let pixel = self.view.pixels().get(row * self.stride + 3 * column..);
        pixel.and_then(<[u8]>::first_chunk::<3>).map_or([0.0; 3], |pixel| pixel.map(f32::from))
    }

    /// Colour by bilinear interpolation. The centre of the pixel in column 0 and row 0 is at (0.5,
    /// 0.5).
    #[inline]
    fn bilinear(&self, position: Point) -> [f32; 3] {
        let (x, y) = ((position.x - 0.5).max(0.0), (position.y - 0.5).max(0.0));
        let (column, row) = (whole(x), whole(y));
        let is_inner = x < self.inner.0 && y < self.inner.1;
        let inner = if is_inner { self.inner_square(column, row) } else { None };
        let (upper, lower) = inner.unwrap_or_else(|| {
            (self.view.pair_at(column, row), self.view.pair_at(column, row.saturating_add(1)))
        });
        let (right, below) = ((x - pixels(column)).min(1.0), (y - pixels(row)).min(1.0));
        let mix = |[a, b]: Pair| {
            let ([ar, ag, ab], [br, bg, bb]) = (a.map(f32::from), b.map(f32::from));
            [ar + (br - ar) * right, ag + (bg - ag) * right, ab + (bb - ab) * right]
        };
        let ([ur, ug, ub], [lr, lg, lb]) = (mix(upper), mix(lower));
        [ur + (lr - ur) * below, ug + (lg - ug) * below, ub + (lb - ub) * below]
    }

    /// Two by two pixels; `None` when one of them is outside the picture.
    #[inline]
    fn inner_square(&self, column: u32, row: u32) -> Option<(Pair, Pair)> {
        let start = row as usize * self.stride + 3 * column as usize;
        let pixels = self.view.pixels();
        let &[ar, ag, ab, br, bg, bb] = pixels.get(start..)?.first_chunk::<6>()?;
        let &[cr, cg, cb, dr, dg, db] = pixels.get(start + self.stride..)?.first_chunk::<6>()?;
        Some(([[ar, ag, ab], [br, bg, bb]], [[cr, cg, cb], [dr, dg, db]]))
    }
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
        let mut planes = Planes::new(16, SAMPLES_MAX);
        let square = Square::upright(Point { x: 16.0, y: 12.0 }, 16.0);
        planes.fill(&view, &square, ChannelOrder::Rgb);
        let values = planes.values();
        assert!((values[0] - 8.0).abs() < 1e-3, "red is the column: {}", values[0]);
        assert!((values[15] - 23.0).abs() < 1e-3);
        assert!((values[256] - 4.0).abs() < 1e-3, "green is the row");
        assert!((values[512] - 7.0).abs() < 1e-3);
        planes.fill(&view, &square, ChannelOrder::Bgr);
        assert!((planes.values()[0] - 7.0).abs() < 1e-3);
    }

    #[test]
    fn a_larger_square_is_averaged_and_positions_outside_give_the_border() {
        let pixels = gradient(64, 64);
        let view = RgbView::new(64, 64, &pixels).unwrap();
        let mut planes = Planes::new(16, SAMPLES_MAX);
        planes.fill(&view, &Square::upright(Point { x: 32.0, y: 32.0 }, 64.0), ChannelOrder::Rgb);
        assert!((planes.values()[0] - 1.5).abs() < 0.1, "{}", planes.values()[0]);
        planes.fill(
            &view,
            &Square::upright(Point { x: -500.0, y: 900.0 }, 64.0),
            ChannelOrder::Rgb,
        );
        assert!(planes.values()[..256].iter().all(|red| red.abs() < 1e-3));
        assert!(planes.values()[256..512].iter().all(|green| (green - 63.0).abs() < 1e-3));
    }
}
