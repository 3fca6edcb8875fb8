//! The layout of a raw frame, and its conversion to RGB8.

use super::{
    colour::{BLOCK, Block, Range},
    error::FormatError,
    mjpeg::mjpeg_into,
    pixel_format::PixelFormat,
    size::{CHANNELS, length, place},
};

/// Format, size and row length of the frames of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The pixel format.
    pub format: PixelFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next, `bytesperline` of V4L2; unused for compressed frames.
    pub stride: usize,
}

impl Layout {
    /// Fewest bytes of a whole frame: all rows with their padding, or 1 for compressed frames.
    ///
    /// # Errors
    /// [`FormatError::Size`], also for a size that the format cannot have, and
    /// [`FormatError::Length`] when a row is shorter than its pixels.
    pub fn frame_length(&self) -> Result<usize, FormatError> {
        let Self { format, width, height, stride } = *self;
        let error = FormatError::Size { width, height };
        length(width, height)?;
        if !format.has_size(width, height) {
            return Err(error);
        }
        let (Ok(columns), Ok(rows)) = (usize::try_from(width), usize::try_from(height)) else {
            return Err(error);
        };
        let Some(row) = format.row(columns) else {
            return Ok(1);
        };
        let rows = if format == PixelFormat::Nv12 { rows + rows / 2 } else { rows };
        if stride < row {
            return Err(FormatError::Length { given: stride, needed: row });
        }
        Ok(stride.saturating_mul(rows))
    }

    /// Decodes a frame into `pixels`, which must be `width * height * 3` bytes long.
    ///
    /// Bytes after the last row are ignored: drivers map whole memory pages.
    ///
    /// # Errors
    /// Every [`FormatError`]; for uncompressed frames [`FormatError::Size`] and
    /// [`FormatError::Length`].
    pub fn decode_into(&self, bytes: &[u8], pixels: &mut [u8]) -> Result<(), FormatError> {
        let Self { format, width, height, stride } = *self;
        let area = place(width, height, pixels)?;
        let needed = self.frame_length()?;
        if bytes.len() < needed {
            return Err(FormatError::Length { given: bytes.len(), needed });
        }
        let rows = usize::try_from(height).unwrap_or(usize::MAX);
        let places = pixels.chunks_exact_mut((area / rows * CHANNELS).max(1));
        let lines = || bytes.chunks_exact(stride.max(1));
        match format {
            PixelFormat::Mjpeg => return mjpeg_into(bytes, width, height, pixels),
            PixelFormat::Yuyv => lines().zip(places).for_each(|(row, place)| yuyv(row, place)),
            PixelFormat::Nv12 => {
                let chroma = lines().skip(rows).flat_map(|row| [row; 2]);
                let planes = lines().zip(chroma).zip(places);
                planes.for_each(|((luma, chroma), place)| nv12(luma, chroma, place));
            }
            PixelFormat::Rgb24 => lines().zip(places).for_each(|(row, place)| rgb(row, place)),
            PixelFormat::Bgr24 => lines().zip(places).for_each(|(row, place)| bgr(row, place)),
            PixelFormat::Grey => {
                lines().zip(places).for_each(|(row, place)| grey(row.iter().copied(), place));
            }
            PixelFormat::Y10 => {
                lines()
                    .zip(places)
                    .for_each(|(row, place)| grey(words(row).map(of_10_bits), place));
            }
            PixelFormat::Y16 => {
                lines()
                    .zip(places)
                    .for_each(|(row, place)| grey(words(row).map(of_16_bits), place));
            }
        }
        Ok(())
    }
}

// Each of these functions writes one row. `place` ends with the last pixel of the row, so padding
// is never written.

fn yuyv(row: &[u8], place: &mut [u8]) {
    let mut block = Block::GREY;
    for (raw, rgb) in row.chunks(BLOCK * 2).zip(place.chunks_mut(BLOCK * CHANNELS)) {
        block.unpack(raw);
        block.write(Range::Limited, rgb);
    }
}

fn nv12(luma: &[u8], chroma: &[u8], place: &mut [u8]) {
    let mut block = Block::GREY;
    let planes = luma.chunks(BLOCK).zip(chroma.chunks(BLOCK));
    for ((luma, chroma), rgb) in planes.zip(place.chunks_mut(BLOCK * CHANNELS)) {
        block.unpack_planes(luma, chroma);
        block.write(Range::Limited, rgb);
    }
}

fn rgb(row: &[u8], place: &mut [u8]) {
    for (pixel, raw) in place.iter_mut().zip(row) {
        *pixel = *raw;
    }
}

fn bgr(row: &[u8], place: &mut [u8]) {
    let pixels = place.as_chunks_mut::<CHANNELS>().0.iter_mut();
    for (pixel, &[blue, green, red]) in pixels.zip(row.as_chunks::<CHANNELS>().0) {
        *pixel = [red, green, blue];
    }
}

fn grey(shades: impl Iterator<Item = u8>, place: &mut [u8]) {
    for (pixel, shade) in place.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(shades) {
        *pixel = [shade; CHANNELS];
    }
}

fn words(row: &[u8]) -> impl Iterator<Item = u16> {
    row.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word))
}

/// The upper 8 of 10 bits; 255 for a word with more bits.
fn of_10_bits(word: u16) -> u8 {
    u8::try_from(word >> 2).unwrap_or(u8::MAX)
}

fn of_16_bits(word: u16) -> u8 {
    let [_, upper] = word.to_le_bytes();
    upper
}

#[cfg(test)]
mod tests;
