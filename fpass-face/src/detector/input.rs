//! The reduced frame in the planes that the detector takes.

use zeroize::Zeroize;

use crate::geometry::pixels;
use crate::image::RgbView;

/// YuNet takes sides that are multiples of this number of pixels.
const GRID: u32 = 32;

/// A reduced frame as blue, green and red planes, padded with black on the right and below to
/// multiples of 32. The memory is reused for the next frame and overwritten when dropped.
#[derive(Default)]
pub(super) struct DetectorInput {
    width: u32,
    height: u32,
    scale: (f32, f32),
    values: Vec<f32>,
    sums: Vec<[u32; 3]>,
}

impl DetectorInput {
    /// Reduces a frame so that its longer side has `longest_side` pixels, each new pixel the mean
    /// of those that it covers. A smaller frame keeps its size.
    pub(super) fn fill(&mut self, view: &RgbView<'_>, longest_side: u32) {
        let longest = view.width().max(view.height());
        let side = longest_side.min(longest);
        // Sides are at most 4096, so the products stay below 2^24.
        let width = (view.width() * side / longest).max(1);
        let height = (view.height() * side / longest).max(1);
        (self.width, self.height) = (width.next_multiple_of(GRID), height.next_multiple_of(GRID));
        self.scale = (pixels(view.width()) / pixels(width), pixels(view.height()) / pixels(height));
        let area = (self.width * self.height) as usize;
        self.values.clear();
        self.values.resize(3 * area, 0.0);
        for y in 0..height {
            let above = y * view.height() / height;
            let below = (y + 1) * view.height() / height;
            self.sums.clear();
            self.sums.resize(width as usize, [0; 3]);
            for row in above..below {
                add_row(view.row(row), &mut self.sums);
            }
            let start = (y * self.width) as usize;
            for (x, sums) in self.sums.iter().enumerate() {
                let across = span(x, view.width() as usize, width as usize);
                let count = pixels((below - above) * across);
                let [red, green, blue] = sums.map(|sum| pixels(sum) / count);
                for (plane, value) in [blue, green, red].into_iter().enumerate() {
                    if let Some(place) = self.values.get_mut(plane * area + start + x) {
                        *place = value;
                    }
                }
            }
        }
    }

    /// Overwrites the last frame.
    pub(super) fn forget(&mut self) {
        self.values.zeroize();
        self.sums.zeroize();
    }

    /// Width in pixels, a multiple of 32.
    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, a multiple of 32.
    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// Pixels of the frame for one pixel of the reduced frame, across and down.
    pub(super) fn scale(&self) -> (f32, f32) {
        self.scale
    }

    /// `3 · width · height` values, 0 to 255: plane by plane, row by row.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }
}

impl Drop for DetectorInput {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Number of columns of a row of `from` pixels that column `x` of `to` covers.
fn span(x: usize, from: usize, to: usize) -> u32 {
    u32::try_from((x + 1) * from / to - x * from / to).unwrap_or(1).max(1)
}

/// Adds each column of a row to the sum that covers it.
fn add_row(row: &[[u8; 3]], sums: &mut [[u32; 3]]) {
    let (from, to) = (row.len(), sums.len());
    let mut rest = row;
    for (x, sum) in sums.iter_mut().enumerate() {
        let count = (x + 1) * from / to - x * from / to;
        let Some((part, tail)) = rest.split_at_checked(count) else {
            return;
        };
        for pixel in part {
            for (sum, channel) in sum.iter_mut().zip(pixel) {
                *sum += u32::from(*channel);
            }
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_averaged_and_padded_with_black() {
        let pixels: Vec<u8> = (0..640 * 480)
            .flat_map(|n| if n % 2 == 0 { [0, 40, 80] } else { [100, 40, 80] })
            .collect();
        let mut input = DetectorInput::default();
        input.fill(&RgbView::new(640, 480, &pixels).unwrap(), 320);
        assert_eq!((input.width(), input.height(), input.scale()), (320, 256, (2.0, 2.0)));
        let area = 320 * 256;
        assert_eq!(input.values().len(), 3 * area);
        assert_eq!(input.values()[0], 80.0, "blue comes first");
        assert_eq!(input.values()[2 * area + 1], 50.0, "red is the mean of two columns");
        assert_eq!(input.values()[240 * 320], 0.0, "black padding below the frame");
    }

    #[test]
    fn forgetting_overwrites_the_frame() {
        let pixels = vec![9; 3 * 64 * 64];
        let mut input = DetectorInput::default();
        input.fill(&RgbView::new(64, 64, &pixels).unwrap(), 64);
        assert!(input.values().contains(&9.0));
        input.forget();
        assert!(input.values.is_empty() && input.sums.is_empty());
    }

    #[test]
    fn the_next_frame_reuses_the_memory() {
        let pixels = vec![9; 3 * 640 * 480];
        let view = RgbView::new(640, 480, &pixels).unwrap();
        let mut input = DetectorInput::default();
        let mut memory = || {
            input.fill(&view, 320);
            let (values, sums) = (&input.values, &input.sums);
            (values.as_ptr(), values.capacity(), sums.as_ptr(), sums.capacity())
        };
        assert_eq!(memory(), memory());
    }

    #[test]
    fn a_small_frame_keeps_its_size() {
        let pixels = vec![9; 3 * 40 * 16];
        let mut input = DetectorInput::default();
        input.fill(&RgbView::new(40, 16, &pixels).unwrap(), 320);
        assert_eq!((input.width(), input.height(), input.scale()), (64, 32, (1.0, 1.0)));
    }

    #[test]
    fn a_strip_keeps_a_row() {
        let pixels = vec![9; 3 * 4096 * 16];
        let mut input = DetectorInput::default();
        input.fill(&RgbView::new(4096, 16, &pixels).unwrap(), 160);
        assert_eq!((input.width(), input.height()), (160, 32));
        assert_eq!(input.values()[0], 9.0);
    }
}
