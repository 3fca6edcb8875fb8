//! What the fuzz targets call besides the public items. Built only with `--cfg fuzzing`.

use std::{io::Cursor, path::Path};

use crate::{ClipError, RecordingFault, pictures, y4m};

/// Checks a picture of a recording without decoding its pixels.
///
/// # Errors
/// [`RecordingFault`] when the file cannot be read or is no picture of an accepted size.
pub fn check_picture(path: &Path) -> Result<(), RecordingFault> {
    pictures::check(path)
}

/// Decodes a picture of a recording: width, height and `width * height * 3` bytes of RGB8.
///
/// # Errors
/// [`RecordingFault`] when the file cannot be read or decoded.
pub fn decode_picture(path: &Path) -> Result<(u32, u32, Vec<u8>), RecordingFault> {
    pictures::decode(path)
}

/// A clip in memory.
pub struct ClipReader<'a>(y4m::Clip<Cursor<&'a [u8]>>);

impl<'a> ClipReader<'a> {
    /// Reads the header and finds every frame.
    ///
    /// # Errors
    /// [`ClipError`] when the bytes are no clip.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ClipError> {
        y4m::Clip::open(Cursor::new(bytes)).map(Self)
    }

    /// Number of frames, at least 1.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.0.len()
    }

    /// Frames per second as a fraction.
    #[must_use]
    pub fn rate(&self) -> (u32, u32) {
        self.0.rate()
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.0.size()
    }

    /// Decodes frame `index`, counted from 0, into `pixels`.
    ///
    /// # Errors
    /// [`ClipError`] when there is no such frame or `pixels` has another length than a frame.
    pub fn read_into(&mut self, index: usize, pixels: &mut [u8]) -> Result<(), ClipError> {
        self.0.read_into(index, pixels)
    }
}
