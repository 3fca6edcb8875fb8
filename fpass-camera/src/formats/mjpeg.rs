//! Decoding of JPEG pictures, with limits of time and memory.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{ColorType, ImageDecoder, Limits, codecs::jpeg::JpegDecoder};
use zeroize::Zeroizing;

use super::{
    error::FormatError,
    jpeg_start, scans,
    size::{CHANNELS, SIDE_MAX, length, place},
};

/// Largest compressed frame in bytes.
pub const ENCODED_MAX: usize = 8 * 1024 * 1024;
/// Most memory in bytes that a decoder may allocate for one frame.
const ALLOCATION_MAX: u64 = 64 * 1024 * 1024;

/// Decodes a JPEG picture into a new buffer. See [`mjpeg_into`].
///
/// # Errors
/// Every [`FormatError`] but [`FormatError::Length`].
pub fn mjpeg(bytes: &[u8], width: u32, height: u32) -> Result<Vec<u8>, FormatError> {
    let mut pixels = Zeroizing::new(vec![0; length(width, height)?]);
    mjpeg_into(bytes, width, height, &mut pixels).map(|()| std::mem::take(&mut *pixels))
}

/// Decodes one JPEG picture of `width` × `height` pixels into `pixels`, which must be
/// `width * height * 3` bytes long. Frames without Huffman tables, as many webcams send them, get
/// the tables of the JPEG standard. Empty pictures before it are skipped.
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
    catch_decoder_panic(|| decode(bytes, (width, height), area, pixels))
}

/// Runs a decoder of untrusted bytes; a panic becomes [`FormatError::DecoderPanic`].
pub(crate) fn catch_decoder_panic<T>(
    decode: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(FormatError::DecoderPanic))
}

fn decode(
    bytes: &[u8],
    sides: (u32, u32),
    area: usize,
    pixels: &mut [u8],
) -> Result<(), FormatError> {
    let picture = jpeg_start::whole(bytes);
    let bytes = picture.bytes();
    let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
    decoder.set_limits(limits())?;
    if decoder.dimensions() != sides {
        return Err(FormatError::WrongSize);
    }
    if !scans::within_limit(bytes) {
        return Err(FormatError::TooManyScans);
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
        _ => return Err(FormatError::PixelType),
    }
    Ok(())
}

/// The limits for decoding any compressed picture.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOCATION_MAX);
    limits
}
