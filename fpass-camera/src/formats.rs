//! Raw frames to RGB8, every length checked.
//!
//! To add a format, add a variant of [`PixelFormat`] and a function in `layout` that writes a row.

pub(crate) mod colour;
mod error;
mod huffman_tables;
mod jpeg_start;
mod layout;
mod mjpeg;
mod pixel_format;
mod scans;
mod size;

pub use error::FormatError;
pub use layout::Layout;
pub use mjpeg::{ENCODED_MAX, mjpeg, mjpeg_into};
pub(crate) use mjpeg::{catch_decoder_panic, limits};
pub use pixel_format::PixelFormat;
pub use size::{AREA_MAX, SIDE_MAX};
pub(crate) use size::{CHANNELS, area, length};

/// Decodes YUYV into a new buffer. See [`yuyv_into`].
///
/// # Errors
/// [`FormatError::Size`] and [`FormatError::Length`].
pub fn yuyv(bytes: &[u8], width: u32, height: u32, stride: usize) -> Result<Vec<u8>, FormatError> {
    let mut pixels = vec![0; length(width, height)?];
    yuyv_into(bytes, width, height, stride, &mut pixels).map(|()| pixels)
}

/// Decodes YUYV (4:2:2 packed, limited range) with rows of `stride` bytes into `pixels`, which
/// must be `width * height * 3` bytes long. See [`Layout::decode_into`].
///
/// # Errors
/// [`FormatError::Size`] and [`FormatError::Length`].
pub fn yuyv_into(
    bytes: &[u8],
    width: u32,
    height: u32,
    stride: usize,
    pixels: &mut [u8],
) -> Result<(), FormatError> {
    Layout { format: PixelFormat::Yuyv, width, height, stride }.decode_into(bytes, pixels)
}

#[cfg(test)]
mod tests;
