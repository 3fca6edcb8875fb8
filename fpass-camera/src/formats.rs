//! Raw frames to RGB8: one function per format, every length checked.
//!
//! A further format (NV12, GREY, Y16) is a variant of [`PixelFormat`] and a function here.

use std::io::Cursor;

use image::{ColorType, ImageDecoder, Limits, codecs::jpeg::JpegDecoder};
use thiserror::Error;
use zeroize::Zeroizing;

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
    /// The bytes are fewer than the size asks for, or a row is shorter than its pixels.
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
    /// The decoder gives a kind of pixel that cameras do not send.
    #[error("pixels that are neither grey nor colour with 8 bits")]
    Pixels,
}

/// Formats that a V4L2 camera may deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// 4:2:2 packed, two pixels in four bytes.
    Yuyv,
    /// One JPEG picture per frame.
    Mjpeg,
}

impl PixelFormat {
    /// Every format, the preferred one first: uncompressed frames cost less and lose nothing.
    pub const ALL: [Self; 2] = [Self::Yuyv, Self::Mjpeg];

    /// The four-character code of V4L2.
    #[must_use]
    pub const fn fourcc(self) -> [u8; 4] {
        match self {
            Self::Yuyv => *b"YUYV",
            Self::Mjpeg => *b"MJPG",
        }
    }
}

/// Range of the luma and chroma values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// Luma 16–235, chroma 16–240: the V4L2 default for YUYV and for clips.
    Limited,
    /// 0–255, as in JPEG files.
    Full,
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

/// One pixel from Y′CbCr by the equations of ITU-R BT.601-7, section 2.5, with the coefficients
/// in 1/256 (Kr = 0.299, Kb = 0.114). Full range is the same matrix as in JFIF 1.02.
#[inline]
pub(crate) fn rgb(luma: u8, cb: u8, cr: u8, range: Range) -> [u8; CHANNELS] {
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let (luma, red, green, blue) = match range {
        Range::Limited => {
            let luma = 298 * (i32::from(luma) - 16);
            (luma, 409 * cr, -100 * cb - 208 * cr, 516 * cb)
        }
        Range::Full => (256 * i32::from(luma), 359 * cr, -88 * cb - 183 * cr, 454 * cb),
    };
    [red, green, blue].map(|chroma| {
        let value = ((luma + chroma + 128) >> 8).clamp(0, 255);
        u8::try_from(value).unwrap_or(u8::MAX)
    })
}

/// Decodes YUYV (4:2:2 packed, limited range) with rows of `stride` bytes.
///
/// `width` must be even. Bytes after the last row are ignored: drivers map whole memory pages.
///
/// # Errors
/// [`FormatError::Size`] and [`FormatError::Length`].
pub fn yuyv(bytes: &[u8], width: u32, height: u32, stride: usize) -> Result<Vec<u8>, FormatError> {
    let area = area(width, height)?;
    if !width.is_multiple_of(2) {
        return Err(FormatError::Size { width, height });
    }
    let rows = usize::try_from(height).unwrap_or(usize::MAX);
    let row_length = area / rows * 2;
    let needed = stride.max(row_length).saturating_mul(rows);
    if stride < row_length || bytes.len() < needed {
        return Err(FormatError::Length { given: bytes.len(), needed });
    }
    let mut pixels = Vec::with_capacity(area * CHANNELS);
    for row in bytes.chunks_exact(stride).take(rows) {
        for pair in row.chunks_exact(4).take(row_length / 4) {
            let &[first, cb, second, cr] = pair else {
                continue;
            };
            pixels.extend_from_slice(&rgb(first, cb, cr, Range::Limited));
            pixels.extend_from_slice(&rgb(second, cb, cr, Range::Limited));
        }
    }
    Ok(pixels)
}

/// Decodes one JPEG picture, which must be `width` × `height`. Frames without Huffman tables, as
/// many webcams send them, get the tables of the JPEG standard.
///
/// # Errors
/// Every [`FormatError`] but [`FormatError::Length`].
pub fn mjpeg(bytes: &[u8], width: u32, height: u32) -> Result<Vec<u8>, FormatError> {
    let area = area(width, height)?;
    if bytes.len() > ENCODED_MAX {
        return Err(FormatError::TooLarge);
    }
    let mut decoder = JpegDecoder::new(Cursor::new(bytes))?;
    decoder.set_limits(limits())?;
    if decoder.dimensions() != (width, height) {
        return Err(FormatError::Disagrees);
    }
    match decoder.color_type() {
        ColorType::Rgb8 => {
            let mut pixels = vec![0; area * CHANNELS];
            decoder.read_image(&mut pixels)?;
            Ok(pixels)
        }
        ColorType::L8 => {
            let mut grey = Zeroizing::new(vec![0; area]);
            decoder.read_image(&mut grey)?;
            Ok(grey.iter().flat_map(|&shade| [shade; CHANNELS]).collect())
        }
        _ => Err(FormatError::Pixels),
    }
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
