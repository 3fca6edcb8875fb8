//! The part of a picture around a face, reduced to grey and blurred as the patches need it.

use zeroize::Zeroize;

use super::patch::{CENTRE, HALF};
use super::placement::{Placement, Similarity};
use super::warp::single;
use crate::image::RgbView;

/// Widest face in pixels that is not reduced. A wider one is reduced by a whole factor.
const WIDTH_MAX: f64 = 128.0;
/// Longest side of the reduced part in pixels: a face of 128 pixels that came half as near again.
const SIDE_MAX: u32 = 384;
/// What is kept around the patch on each side, in face widths. A fit moves the patch less.
const MARGIN: f64 = 0.3;
/// Standard deviation of the blur for a patch of `n` samples per face width `w`: `BLUR · w / n`
/// pixels, and never less than `BLUR_MIN`. Those of the fit that was measured
/// (`docs/adr/0055-liveness-by-a-head-turn.md`).
const BLUR: f64 = 0.45;
const BLUR_MIN: f64 = 0.3;
/// Most neighbours on each side that a blur weighs: three standard deviations.
const REACH_MAX: usize = 8;

/// Weights of red, green and blue in the luma of ITU-R BT.601, as shares of 256.
const LUMA: [u32; 3] = [77, 150, 29];

/// Which of the two blurred pictures is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// For the coarse patch.
    Coarse,
    /// For the fine patch.
    Fine,
}

/// The reduced part, blurred for both patches. The memory is reused and overwritten when dropped.
pub(super) struct BlurredFace {
    factor: u32,
    fine_blur: Kernel,
    coarse_blur: Kernel,
    /// Position in the picture of the part's first pixel.
    origin: [f64; 2],
    columns: usize,
    rows: usize,
    fine: Vec<f32>,
    coarse: Vec<f32>,
    between: Vec<f32>,
    line: Vec<f32>,
}

impl BlurredFace {
    pub(super) fn new() -> Self {
        let plane = || vec![0.0; (SIDE_MAX as usize).pow(2)];
        Self {
            factor: 1,
            fine_blur: Kernel::new(0.0),
            coarse_blur: Kernel::new(0.0),
            origin: [0.0; 2],
            columns: 0,
            rows: 0,
            fine: plane(),
            coarse: plane(),
            between: plane(),
            line: vec![0.0; SIDE_MAX as usize + 2 * REACH_MAX],
        }
    }

    /// Chooses reduction and blur for a face of `width` pixels, and patches of `coarse` and `fine`
    /// samples per face width.
    pub(super) fn scale_to(&mut self, width: f64, coarse: u8, fine: u8) {
        let factor = (width / WIDTH_MAX).ceil().max(1.0);
        self.factor = crate::geometry::whole(single(factor));
        let deviation = |samples: u8| (BLUR * width / f64::from(samples)).max(BLUR_MIN) / factor;
        // The mean of `factor` pixels has blurred already.
        let reduced = (1.0 - 1.0 / (factor * factor)) / 12.0;
        let fine = (deviation(fine).powi(2) - reduced).max(0.0);
        self.fine_blur = Kernel::new(fine.sqrt());
        let further = (deviation(coarse).powi(2) - reduced - fine).max(0.0);
        self.coarse_blur = Kernel::new(further.sqrt());
    }

    /// Reads the part of a picture around a face that has a place in it.
    pub(super) fn fill(&mut self, view: &RgbView<'_>, face: &Placement) {
        let [(left, columns), (top, rows)] = self.part(view, face);
        (self.columns, self.rows) = (columns as usize, rows as usize);
        let middle = f64::from(self.factor - 1) / 2.0;
        self.origin = [f64::from(left) + middle, f64::from(top) + middle];
        let lines = self.coarse.chunks_exact_mut(self.columns.max(1)).take(self.rows);
        for (row, line) in (0_u32..).zip(lines) {
            reduce(view, (left, top + row * self.factor), self.factor, line);
        }
        let size = (self.columns, self.rows);
        self.fine_blur.blur(&self.coarse, &mut self.between, &mut self.line, size);
        self.fine_blur.blur_down(&self.between, &mut self.fine, size);
        self.coarse_blur.blur(&self.fine, &mut self.between, &mut self.line, size);
        self.coarse_blur.blur_down(&self.between, &mut self.coarse, size);
    }

    /// The part to read: start in the picture and length in reduced pixels, across and down.
    fn part(&self, view: &RgbView<'_>, face: &Placement) -> [(u32, u32); 2] {
        let [half_width, half_height] = HALF.map(f64::from);
        let centre = face.pixel([0.0, CENTRE.into()]);
        let Similarity { a, b, .. } = *face.pixel_map();
        let margin = MARGIN * face.width();
        let reach = [
            (a * half_width).abs() + (b * half_height).abs() + margin,
            (b * half_width).abs() + (a * half_height).abs() + margin,
        ];
        let longest = f64::from(SIDE_MAX * self.factor) / 2.0;
        let sides = [view.width(), view.height()];
        let mut part = [(0, 0); 2];
        for ((part, side), (centre, reach)) in
            part.iter_mut().zip(sides).zip(centre.into_iter().zip(reach))
        {
            let reach = reach.min(longest);
            let whole = |position: f64| crate::geometry::whole(single(position)).min(side);
            let (start, end) = (whole(centre - reach), whole(centre + reach));
            *part = (start, (end - start.min(end)) / self.factor);
            part.1 = part.1.min(SIDE_MAX);
        }
        part
    }

    /// The map from face coordinates to the part's own pixels, given that to the picture's.
    pub(super) fn to_part(&self, to_pixels: &Similarity) -> Similarity {
        let factor = f64::from(self.factor);
        let Similarity { a, b, shift: [x, y] } = *to_pixels;
        let [left, top] = self.origin;
        Similarity {
            a: a / factor,
            b: b / factor,
            shift: [(x - left) / factor, (y - top) / factor],
        }
    }

    /// The value at a position of the part, bilinear; beyond the border that of the border. NaN for
    /// NaN.
    pub(super) fn at(&self, detail: Detail, x: f32, y: f32) -> f32 {
        let plane = match detail {
            Detail::Coarse => &self.coarse,
            Detail::Fine => &self.fine,
        };
        let (column, across) = split(x, self.columns);
        let (row, down) = split(y, self.rows);
        let start = row * self.columns + column;
        let pair = |start: usize| match plane.get(start..start + 2) {
            Some(&[left, right]) => left + across * (right - left),
            _ => 0.0,
        };
        let above = pair(start);
        above + down * (pair(start + self.columns) - above)
    }

    /// Overwrites the last face.
    pub(super) fn forget(&mut self) {
        (self.columns, self.rows) = (0, 0);
        for plane in [&mut self.fine, &mut self.coarse, &mut self.between, &mut self.line] {
            plane.as_mut_slice().zeroize();
        }
    }
}

impl Drop for BlurredFace {
    fn drop(&mut self) {
        self.forget();
    }
}

/// The pixel before a position, and the share of the way to the next one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a position is clamped to the part, whose sides are short"
)]
fn split(position: f32, count: usize) -> (usize, f32) {
    let last = count.saturating_sub(2) as f32;
    let pixel = position.max(0.0).min(last) as usize;
    (pixel, (position - pixel as f32).clamp(0.0, 1.0))
}

/// One line of the reduced part: the mean luma of squares of `factor` pixels.
fn reduce(view: &RgbView<'_>, (left, top): (u32, u32), factor: u32, line: &mut [f32]) {
    let side = factor as usize;
    line.fill(0.0);
    for row in top..top + factor {
        let row = view.row(row).get(left as usize..).unwrap_or_default();
        if side == 1 {
            for (sum, pixel) in line.iter_mut().zip(row) {
                *sum = small(luma(pixel));
            }
        } else {
            for (sum, pixels) in line.iter_mut().zip(row.chunks_exact(side)) {
                *sum += small(pixels.iter().map(luma).sum());
            }
        }
    }
    let share = 1.0 / (small(factor * factor) * 256.0);
    line.iter_mut().for_each(|value| *value *= share);
}

/// Luma, 256 for each grey level.
fn luma(pixel: &[u8; 3]) -> u32 {
    pixel.iter().zip(LUMA).map(|(value, weight)| u32::from(*value) * weight).sum()
}

#[expect(clippy::cast_precision_loss, reason = "sums of a few lumas, which f32 holds exactly")]
fn small(value: u32) -> f32 {
    value as f32
}

/// The weights of a Gaussian blur, from its middle outwards.
struct Kernel {
    reach: usize,
    weights: [f32; REACH_MAX + 1],
}

impl Kernel {
    /// A blur of `deviation` pixels; 0 leaves the picture as it is.
    fn new(deviation: f64) -> Self {
        let mut weights = [0.0; REACH_MAX + 1];
        let reach = (3.0 * deviation).ceil();
        let mut sum = 0.0;
        let mut used = 0;
        for (place, weight) in (0_u8..).zip(&mut weights) {
            let distance = f64::from(place);
            if distance > reach {
                break;
            }
            let exponent = if place == 0 { 0.0 } else { (distance / deviation).powi(2) / 2.0 };
            *weight = single((-exponent).exp());
            sum += *weight * if place == 0 { 1.0 } else { 2.0 };
            used = place.into();
        }
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Self { reach: used, weights }
    }

    /// The weights from the first neighbour to the last.
    fn all(&self) -> impl Iterator<Item = f32> + use<'_> {
        let side = self.weights.iter().take(self.reach + 1);
        side.clone().skip(1).rev().chain(side).copied()
    }

    /// Blurs along the rows of a picture of (columns, rows).
    fn blur(
        &self,
        from: &[f32],
        to: &mut [f32],
        line: &mut [f32],
        (columns, rows): (usize, usize),
    ) {
        let lines = from.chunks_exact(columns.max(1)).zip(to.chunks_exact_mut(columns.max(1)));
        for (from, to) in lines.take(rows) {
            let (Some(first), Some(last)) = (from.first(), from.last()) else { return };
            let (before, rest) = line.split_at_mut(self.reach);
            let (middle, after) = rest.split_at_mut(columns);
            before.fill(*first);
            middle.copy_from_slice(from);
            after.fill(*last);
            to.fill(0.0);
            for (weight, shifted) in self.all().zip(line.windows(columns)) {
                add_scaled(to, weight, shifted);
            }
        }
    }

    /// Blurs along the columns of a picture of (columns, rows).
    fn blur_down(&self, from: &[f32], to: &mut [f32], (columns, rows): (usize, usize)) {
        let last = rows.saturating_sub(1);
        for (row, to) in to.chunks_exact_mut(columns.max(1)).take(rows).enumerate() {
            to.fill(0.0);
            for (weight, place) in self.all().zip(row..) {
                let near = place.saturating_sub(self.reach).min(last) * columns;
                add_scaled(to, weight, from.get(near..near + columns).unwrap_or_default());
            }
        }
    }
}

fn add_scaled(sums: &mut [f32], factor: f32, values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests;
