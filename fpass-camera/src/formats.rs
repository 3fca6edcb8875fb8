//! Raw frames to RGB8, every length checked.
//!
//! A further format is a variant of [`PixelFormat`] and a function in `layout` that writes a row.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{ColorType, ImageDecoder, Limits, codecs::jpeg::JpegDecoder};
use thiserror::Error;
use zeroize::Zeroizing;

pub(crate) mod colour;
mod layout;
mod passes;
mod pixel_format;

pub use layout::Layout;
pub use pixel_format::PixelFormat;

/// Bytes per pixel of RGB8.
pub(crate) const CHANNELS: usize = 3;
/// Longest side in pixels.
pub const SIDE_MAX: u32 = 1920;
/// Largest area in pixels: 1920×1080, lying or standing.
pub const AREA_MAX: u32 = 1920 * 1080;
/// Largest compressed frame in bytes.
pub const ENCODED_MAX: usize = 8 * 1024 * 1024;
/// Most memory in bytes that a decoder may take for one frame.
const ALLOCATION_MAX: u64 = 64 * 1024 * 1024;

/// Why bytes are not a frame.
#[derive(Debug, Error)]
pub enum FormatError {
    /// A side is zero, or the picture is larger than [`SIDE_MAX`] and [`AREA_MAX`] allow.
    #[error("{width}x{height} pixels are outside 1x1 to 1920x1080")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The bytes are fewer than the size asks for, a row is shorter than its pixels, or the place
    /// for the pixels has another length.
    #[error("{given} bytes where {needed} are needed")]
    Length {
        /// Bytes at hand.
        given: usize,
        /// Bytes that the size and the row length ask for.
        needed: usize,
    },
    /// The compressed frame is larger than [`ENCODED_MAX`].
    #[error("more than 8 MiB of compressed data")]
    TooLarge,
    /// The compressed frame has another size than the camera agreed to.
    #[error("a frame of another size than agreed")]
    Disagrees,
    /// The decoder refused the data.
    #[error("{0}")]
    Decoder(#[from] image::ImageError),
    /// The data broke the decoder, which did not expect it.
    #[error("a picture that breaks the decoder")]
    Broken,
    /// The compressed frame is progressive, or in more scans than components.
    #[error("a picture in more scans than a camera sends")]
    Scans,
    /// The decoder gives a kind of pixel that cameras do not send.
    #[error("pixels that are neither grey nor colour with 8 bits")]
    Pixels,
}

/// Checks that a picture of this size may be taken in, and gives its number of pixels.
pub(crate) fn area(width: u32, height: u32) -> Result<usize, FormatError> {
    let error = FormatError::Size { width, height };
    if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
        return Err(error);
    }
    let area = width * height;
    if area > AREA_MAX {
        return Err(error);
    }
    usize::try_from(area).map_err(|_| error)
}

/// Bytes of RGB8 that a picture of this size takes.
pub(crate) fn length(width: u32, height: u32) -> Result<usize, FormatError> {
    area(width, height).map(|area| area * CHANNELS)
}

/// Checks that a place for pixels has the size of the picture; its number of pixels.
fn place(width: u32, height: u32, pixels: &[u8]) -> Result<usize, FormatError> {
    let area = area(width, height)?;
    let (given, needed) = (pixels.len(), area * CHANNELS);
    if given == needed { Ok(area) } else { Err(FormatError::Length { given, needed }) }
}

/// [`yuyv_into`] with a place of its own.
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

/// [`mjpeg_into`] with a place of its own.
///
/// # Errors
/// Every [`FormatError`] but [`FormatError::Length`].
pub fn mjpeg(bytes: &[u8], width: u32, height: u32) -> Result<Vec<u8>, FormatError> {
    let mut pixels = Zeroizing::new(vec![0; length(width, height)?]);
    mjpeg_into(bytes, width, height, &mut pixels).map(|()| std::mem::take(&mut *pixels))
}

/// Decodes one JPEG picture, which must be `width` × `height`, into `pixels`, which must be
/// `width * height * 3` bytes long. Frames without Huffman tables, as many webcams send them, get
/// the tables of the JPEG standard.
///
/// # Errors
/// Every [`FormatError`].
pub fn mjpeg_into(
    bytes: &[u8],
    width: u32,
    height: u32,
    pixels: &mut [u8],
) -> Result<(), FormatError> {
    let area = place(width, height, pixels)?;
    if bytes.len() > ENCODED_MAX {
        return Err(FormatError::TooLarge);
    }
    contained(|| decode(bytes, (width, height), area, pixels))
}

/// What a decoder makes of foreign bytes; a panic in it is one of the ways in which it refuses them.
pub(crate) fn contained<T>(
    decode: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(FormatError::Broken))
}

fn decode(
    bytes: &[u8],
    sides: (u32, u32),
    area: usize,
    pixels: &mut [u8],
) -> Result<(), FormatError> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
    decoder.set_limits(limits())?;
    if decoder.dimensions() != sides {
        return Err(FormatError::Disagrees);
    }
    if !passes::are_few(bytes) {
        return Err(FormatError::Scans);
    }
    match decoder.color_type() {
        ColorType::Rgb8 => decoder.read_image(pixels)?,
        ColorType::L8 => {
            let mut grey = Zeroizing::new(vec![0; area]);
            decoder.read_image(&mut grey)?;
            for (pixel, &shade) in pixels.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(&*grey) {
                *pixel = [shade; CHANNELS];
            }
        }
        _ => return Err(FormatError::Pixels),
    }
    Ok(())
}

/// Limits under which every compressed picture is decoded.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOCATION_MAX);
    limits
}

#[cfg(test)]
mod tests;
