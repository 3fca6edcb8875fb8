//! Sizes of pictures.

use super::error::FormatError;

/// Bytes of a pixel of RGB8.
pub(crate) const CHANNELS: usize = 3;
/// Longest accepted side in pixels.
pub const SIDE_MAX: u32 = 1920;
/// Largest accepted area in pixels: 1920×1080, in landscape or portrait.
pub const AREA_MAX: u32 = 1920 * 1080;

/// The number of pixels of a picture, if its size is accepted.
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

/// The bytes of a picture in RGB8, if its size is accepted.
pub(crate) fn length(width: u32, height: u32) -> Result<usize, FormatError> {
    area(width, height).map(|area| area * CHANNELS)
}

/// Checks that `pixels` has the length of the picture in RGB8, and gives the number of pixels.
pub(super) fn place(width: u32, height: u32, pixels: &[u8]) -> Result<usize, FormatError> {
    let area = area(width, height)?;
    let (given, needed) = (pixels.len(), area * CHANNELS);
    if given == needed { Ok(area) } else { Err(FormatError::Length { given, needed }) }
}
