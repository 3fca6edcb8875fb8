//! Pixel formats of cameras.

use std::fmt::{self, Write as _};

/// A pixel format of a V4L2 camera. The order is that of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PixelFormat {
    /// Y′CbCr 4:2:2 packed, two pixels in four bytes.
    Yuyv,
    /// Y′CbCr 4:2:0: a plane of luma, then a plane of alternating Cb and Cr.
    Nv12,
    /// Red, green, blue, one byte each.
    Rgb24,
    /// Blue, green, red, one byte each.
    Bgr24,
    /// One JPEG picture per frame.
    Mjpeg,
    /// Luma, one byte for each pixel.
    Grey,
    /// Luma of 10 bits in the lower bits of two bytes, little-endian.
    Y10,
    /// Luma of 16 bits, little-endian.
    Y16,
}

impl PixelFormat {
    /// Every format, by falling preference: colour before grey, and uncompressed before compressed,
    /// which costs more time and loses detail.
    pub const ALL: [Self; 8] = [
        Self::Yuyv,
        Self::Nv12,
        Self::Rgb24,
        Self::Bgr24,
        Self::Mjpeg,
        Self::Grey,
        Self::Y10,
        Self::Y16,
    ];

    /// The four-character code of V4L2.
    #[must_use]
    pub const fn fourcc(self) -> [u8; 4] {
        match self {
            Self::Yuyv => *b"YUYV",
            Self::Nv12 => *b"NV12",
            Self::Rgb24 => *b"RGB3",
            Self::Bgr24 => *b"BGR3",
            Self::Mjpeg => *b"MJPG",
            Self::Grey => *b"GREY",
            Self::Y10 => *b"Y10 ",
            Self::Y16 => *b"Y16 ",
        }
    }

    /// The format with this code.
    #[must_use]
    pub fn from_fourcc(code: [u8; 4]) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.fourcc() == code)
    }

    /// Reads the code as it is written in a configuration: without the blanks at its end, in either
    /// case. `None` for a format that cannot be decoded.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| {
            format.fourcc().trim_ascii_end().eq_ignore_ascii_case(text.trim_ascii_end().as_bytes())
        })
    }

    /// Whether the pictures have no colour, like those of infra-red cameras.
    #[must_use]
    pub const fn is_grey(self) -> bool {
        matches!(self, Self::Grey | Self::Y10 | Self::Y16)
    }

    /// Bytes of `width` pixels in a row of the first plane; `None` for compressed frames.
    pub(super) const fn row(self, width: usize) -> Option<usize> {
        match self {
            Self::Grey | Self::Nv12 => Some(width),
            Self::Yuyv | Self::Y10 | Self::Y16 => width.checked_mul(2),
            Self::Rgb24 | Self::Bgr24 => width.checked_mul(3),
            Self::Mjpeg => None,
        }
    }

    /// Bytes of a row of `width` pixels without padding; `None` for compressed frames.
    pub(crate) fn packed_row(self, width: u32) -> Option<usize> {
        self.row(usize::try_from(width).ok()?)
    }

    /// Whether the format has pictures of this size: formats with shared chroma need even sides.
    pub(super) const fn has_size(self, width: u32, height: u32) -> bool {
        match self {
            Self::Yuyv => width.is_multiple_of(2),
            Self::Nv12 => width.is_multiple_of(2) && height.is_multiple_of(2),
            _ => true,
        }
    }
}

impl fmt::Display for PixelFormat {
    /// Writes the four-character code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fourcc().into_iter().try_for_each(|letter| f.write_char(char::from(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_either_case_and_without_its_blanks() {
        for format in PixelFormat::ALL {
            assert_eq!(PixelFormat::parse(&format.to_string()), Some(format));
            let short = format.to_string().trim_end().to_ascii_lowercase();
            assert_eq!(PixelFormat::parse(&short), Some(format));
        }
        for text in ["", " ", "H264", "MJPEG", "YUYV,MJPG", "Y1"] {
            assert_eq!(PixelFormat::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_code_has_its_format_and_unknown_codes_have_none() {
        for format in PixelFormat::ALL {
            assert_eq!(PixelFormat::from_fourcc(format.fourcc()), Some(format));
        }
        for code in [*b"GRAY", *b"H264", *b"Y10B", *b"NV21", [0; 4]] {
            assert_eq!(PixelFormat::from_fourcc(code), None);
        }
    }
}
