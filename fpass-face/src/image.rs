//! Pictures as the stages take them.

use crate::error::FaceError;
use crate::geometry::{FaceBox, SIDE_MAX, SIDE_MIN};

/// A borrowed picture: RGB, 8 bits per channel, row-major, no padding, sides 16 to 4096 pixels.
#[derive(Clone, Copy)]
pub struct RgbView<'a> {
    width: u32,
    height: u32,
    pixels: &'a [u8],
}

impl<'a> RgbView<'a> {
    /// Wraps `3 · width · height` bytes.
    ///
    /// # Errors
    /// [`FaceError::PictureSides`] when a side is out of range, [`FaceError::PictureLength`] when
    /// the buffer has another length.
    pub fn new(width: u32, height: u32, pixels: &'a [u8]) -> Result<Self, FaceError> {
        let sides = SIDE_MIN..=SIDE_MAX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(FaceError::PictureSides { width, height });
        }
        let expected = byte_length(width, height);
        if pixels.len() != expected {
            return Err(FaceError::PictureLength { expected, actual: pixels.len() });
        }
        Ok(Self { width, height, pixels })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// `3 · width · height` bytes: red, green, blue of each pixel, row by row.
    #[must_use]
    pub fn pixels(&self) -> &'a [u8] {
        self.pixels
    }

    /// A pixel and its right neighbour. Coordinates beyond a border give the border pixel.
    pub(crate) fn pair_at(&self, x: u32, y: u32) -> [[u8; 3]; 2] {
        let row = self.row(y);
        let last = row.last().copied().unwrap_or_default();
        let at = |x: u32| row.get(x as usize).copied().unwrap_or(last);
        [at(x), at(x.saturating_add(1))]
    }

    /// The pixels of row `y`; the last row when `y` is beyond the lower border.
    #[must_use]
    pub fn row(&self, y: u32) -> &'a [[u8; 3]] {
        let start = byte_length(self.width, y.min(self.height - 1));
        let row = self.pixels.get(start..start + 3 * self.width as usize);
        row.unwrap_or_default().as_chunks().0
    }

    /// Copies the part of the picture inside a box into `part`, 3 bytes a pixel. The box must fit
    /// into the picture.
    pub fn copy_part(&self, bounds: &FaceBox, part: &mut Vec<u8>) {
        part.clear();
        let rows = self.rows().skip(bounds.top() as usize).take(bounds.height() as usize);
        for row in rows {
            let columns = row.iter().skip(bounds.left() as usize).take(bounds.width() as usize);
            part.extend(columns.flatten());
        }
    }

    /// Mean luma of the whole picture, 0 to 255.
    #[must_use]
    pub fn brightness(&self) -> f32 {
        mean_luma(self.rows().flatten())
    }

    fn rows(&self) -> impl Iterator<Item = &'a [[u8; 3]]> + use<'a> {
        self.pixels.as_chunks::<3>().0.chunks_exact(self.width as usize)
    }
}

fn byte_length(width: u32, height: u32) -> usize {
    3 * width as usize * height as usize
}

/// Luma of ITU-R BT.601 from full-range red, green and blue.
fn luma(&[red, green, blue]: &[u8; 3]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

#[expect(clippy::cast_possible_truncation, reason = "the mean of lumas is a luma")]
fn mean_luma<'p>(pixels: impl Iterator<Item = &'p [u8; 3]>) -> f32 {
    let (sum, count) =
        pixels.fold((0.0, 0.0), |(sum, count), pixel| (sum + f64::from(luma(pixel)), count + 1.0));
    if count > 0.0 { (sum / count) as f32 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_out_of_range_are_refused() {
        for (width, height) in [(0, 0), (1, 1), (15, 480), (640, 15), (4097, 16), (16, u32::MAX)] {
            assert_eq!(
                RgbView::new(width, height, &[0; 3]).err(),
                Some(FaceError::PictureSides { width, height })
            );
        }
    }

    #[test]
    fn a_buffer_of_another_length_is_refused() {
        for actual in [0, 16 * 16, 16 * 16 * 3 - 1, 16 * 16 * 3 + 1, 16 * 16 * 4] {
            assert_eq!(
                RgbView::new(16, 16, &vec![0; actual]).err(),
                Some(FaceError::PictureLength { expected: 768, actual })
            );
        }
    }

    #[test]
    fn brightness_of_flat_pictures_is_their_level() {
        for level in [0_u8, 64, 255] {
            let pixels = vec![level; 20 * 30 * 3];
            let view = RgbView::new(20, 30, &pixels).unwrap();
            assert!((view.brightness() - f32::from(level)).abs() < 0.01);
        }
    }
}
