//! Errors of decoding a frame.

use thiserror::Error;

/// Why bytes cannot be decoded to a frame.
#[derive(Debug, Error)]
pub enum FormatError {
    /// A side is zero, or the picture is larger than 1920×1080 pixels, in landscape or portrait.
    #[error("{width}x{height} pixels are outside 1x1 to 1920x1080")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// There are fewer bytes than the size needs, a row is shorter than its pixels, or the buffer
    /// for the pixels has another length.
    #[error("{given} bytes where {needed} are needed")]
    Length {
        /// Bytes given.
        given: usize,
        /// Bytes needed by the size and the row length.
        needed: usize,
    },
    /// The compressed frame has more than 8 MiB.
    #[error("more than 8 MiB of compressed data")]
    TooLarge,
    /// The compressed frame has another size than the negotiated one.
    #[error("a frame of another size than negotiated")]
    WrongSize,
    /// The decoder refused the data.
    #[error("{0}")]
    Decoder(#[from] image::ImageError),
    /// The decoder panicked on the data.
    #[error("a picture on which the decoder fails")]
    DecoderPanic,
    /// The compressed frame is progressive, or in more scans than components.
    #[error("a picture in more scans than a camera sends")]
    TooManyScans,
    /// The picture has another pixel type than RGB8 and 8-bit grey.
    #[error("pixels that are neither grey nor colour with 8 bits")]
    PixelType,
}
