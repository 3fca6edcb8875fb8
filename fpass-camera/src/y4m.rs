//! Uncompressed clips (YUV4MPEG2, `.y4m`), read one frame at a time.
//!
//! The format is described in `yuv4mpeg(5)` of mjpegtools: a header line of space-separated
//! parameters, then for each frame a `FRAME` line and its planes.

mod stream;

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use thiserror::Error;
use zeroize::Zeroizing;

pub use stream::ClipStream;

use crate::formats::{
    self, CHANNELS, FormatError,
    colour::{self, BLOCK, Block, Range},
};

/// Longest header or frame line in bytes.
const LINE_MAX: u64 = 256;
/// Most frames in a clip: an hour at 25 frames per second.
const FRAMES_MAX: usize = 90_000;
/// Playable frame rates in frames per second.
pub(crate) const RATES: std::ops::RangeInclusive<u32> = 1..=120;

/// A defect of a clip.
#[derive(Debug, Error)]
pub enum ClipError {
    /// The clip cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It does not begin with `YUV4MPEG2`.
    #[error("it does not begin as a YUV4MPEG2 clip")]
    Magic,
    /// A line does not end within 256 bytes or is not ASCII.
    #[error("a header line is longer than 256 bytes or not ASCII")]
    Line,
    /// A parameter is missing or cannot be read.
    #[error("its header has no valid {0} parameter")]
    Parameter(char),
    /// The colour space or the interlacing is not supported.
    #[error("it is neither 4:2:0, 4:2:2, 4:4:4 nor mono with 8 bits, or is interlaced")]
    Colour,
    /// The frame rate is outside 1 to 120 frames per second.
    #[error("its frame rate is outside 1 to 120 frames per second")]
    FrameRate,
    /// The size is not accepted.
    #[error("{0}")]
    Size(#[from] FormatError),
    /// A frame does not begin with `FRAME`.
    #[error("frame {0} does not begin with a FRAME line")]
    Frame(usize),
    /// The last frame is incomplete.
    #[error("it ends within frame {0}")]
    Truncated(usize),
    /// There is no frame.
    #[error("it holds no frame")]
    Empty,
    /// There are too many frames.
    #[error("it holds more than {FRAMES_MAX} frames")]
    TooLong,
}

/// Sampling of the two chroma planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chroma {
    Yuv420,
    Yuv422,
    Yuv444,
    Mono,
}

/// The header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    width: u32,
    height: u32,
    rate: (u32, u32),
    chroma: Chroma,
    range: Range,
}

impl Header {
    fn parse(line: &str) -> Result<Self, ClipError> {
        let mut words = line.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err(ClipError::Magic);
        }
        let (mut width, mut height, mut rate) = (None, None, None);
        let (mut chroma, mut range) = (Chroma::Yuv420, Range::Limited);
        for word in words.filter(|word| !word.is_empty()) {
            let mut rest = word.chars();
            let Some(key) = rest.next() else { continue };
            let value = rest.as_str();
            match key {
                'W' => width = value.parse().ok(),
                'H' => height = value.parse().ok(),
                'F' => {
                    rate = value
                        .split_once(':')
                        .and_then(|(over, under)| Some((over.parse().ok()?, under.parse().ok()?)));
                }
                'I' if !matches!(value, "p" | "?") => return Err(ClipError::Colour),
                'C' => {
                    chroma = match value {
                        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Chroma::Yuv420,
                        "422" => Chroma::Yuv422,
                        "444" => Chroma::Yuv444,
                        "mono" => Chroma::Mono,
                        _ => return Err(ClipError::Colour),
                    }
                }
                'X' if value == "COLORRANGE=FULL" => range = Range::Full,
                _ => {}
            }
        }
        let width = width.ok_or(ClipError::Parameter('W'))?;
        let height = height.ok_or(ClipError::Parameter('H'))?;
        let rate: (u32, u32) = rate.ok_or(ClipError::Parameter('F'))?;
        formats::area(width, height)?;
        let whole = |per_second: u32| u64::from(per_second) * u64::from(rate.1);
        if rate.1 == 0
            || !(whole(*RATES.start())..=whole(*RATES.end())).contains(&u64::from(rate.0))
        {
            return Err(ClipError::FrameRate);
        }
        Ok(Self { width, height, rate, chroma, range })
    }

    /// Width and height in pixels of each chroma plane.
    fn chroma_sides(&self) -> (u32, u32) {
        match self.chroma {
            Chroma::Yuv420 => (self.width.div_ceil(2), self.height.div_ceil(2)),
            Chroma::Yuv422 => (self.width.div_ceil(2), self.height),
            Chroma::Yuv444 => (self.width, self.height),
            Chroma::Mono => (0, 0),
        }
    }

    /// Bytes of the luma plane and of each chroma plane.
    fn planes(&self) -> Result<(usize, usize), FormatError> {
        let luma = formats::area(self.width, self.height)?;
        let (width, height) = self.chroma_sides();
        let chroma = if width == 0 { 0 } else { formats::area(width, height)? };
        Ok((luma, chroma))
    }
}

/// A clip whose frames are located but not read.
pub(crate) struct Clip<R> {
    input: R,
    header: Header,
    frames: Vec<u64>,
    raw: Zeroizing<Vec<u8>>,
}

impl<R: BufRead + Seek> Clip<R> {
    /// Reads the header and locates every frame.
    pub(crate) fn open(mut input: R) -> Result<Self, ClipError> {
        let length = input.seek(SeekFrom::End(0))?;
        input.rewind()?;
        let line = line(&mut input)?.ok_or(ClipError::Magic)?;
        let header = Header::parse(&line)?;
        let (luma, chroma) = header.planes()?;
        let size = luma + 2 * chroma;
        let step = i64::try_from(size).map_err(|_| ClipError::TooLong)?;
        let mut frames = Vec::new();
        while let Some(line) = self::line(&mut input)? {
            if line != "FRAME" && !line.starts_with("FRAME ") {
                return Err(ClipError::Frame(frames.len()));
            }
            let start = input.stream_position()?;
            if length.saturating_sub(start) < u64::try_from(size).unwrap_or(u64::MAX) {
                return Err(ClipError::Truncated(frames.len()));
            }
            if frames.len() == FRAMES_MAX {
                return Err(ClipError::TooLong);
            }
            frames.push(start);
            input.seek_relative(step)?;
        }
        if frames.is_empty() {
            return Err(ClipError::Empty);
        }
        Ok(Self { input, header, frames, raw: Zeroizing::new(vec![0; size]) })
    }

    /// Number of frames, at least 1.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Frames per second as a fraction.
    pub(crate) fn rate(&self) -> (u32, u32) {
        self.header.rate
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.header.width, self.header.height)
    }

    /// Decodes frame `index`, counted from 0, into `pixels`, which must be
    /// `width * height * 3` bytes long.
    pub(crate) fn read_into(&mut self, index: usize, pixels: &mut [u8]) -> Result<(), ClipError> {
        let start = *self.frames.get(index).ok_or(ClipError::Truncated(index))?;
        let (given, needed) =
            (pixels.len(), formats::length(self.header.width, self.header.height)?);
        if given != needed {
            return Err(FormatError::Length { given, needed }.into());
        }
        self.input.seek(SeekFrom::Start(start))?;
        self.input.read_exact(&mut self.raw)?;
        decode(&self.header, &self.raw, index, pixels)
    }
}

/// Decodes the planes of frame `index` into `pixels`, which must have the length of the header.
fn decode(header: &Header, raw: &[u8], index: usize, pixels: &mut [u8]) -> Result<(), ClipError> {
    let (luma, chroma) = header.planes()?;
    let (y, rest) = raw.split_at_checked(luma).ok_or(ClipError::Truncated(index))?;
    let (cb, cr) = rest.split_at_checked(chroma).ok_or(ClipError::Truncated(index))?;
    convert(header, [y, cb, cr], pixels);
    Ok(())
}

/// Converts the planes of a frame. The lengths of planes and `pixels` must be those of the header.
fn convert(header: &Header, [y, cb, cr]: [&[u8]; 3], pixels: &mut [u8]) {
    let usize_of = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
    let width = usize_of(header.width);
    let row_width = usize_of(header.chroma_sides().0);
    let down = if header.chroma == Chroma::Yuv420 { 2 } else { 1 };
    let mut block = Block::GREY;
    let places = pixels.chunks_exact_mut(width * CHANNELS);
    for (row, (luma_row, place)) in y.chunks_exact(width).zip(places).enumerate() {
        let start = row / down * row_width;
        let chroma_row = |plane| <[u8]>::get(plane, start..start + row_width).unwrap_or(&[]);
        let (cb, cr) = (chroma_row(cb), chroma_row(cr));
        let rgb = place.chunks_mut(BLOCK * CHANNELS);
        let luma = luma_row.chunks(BLOCK);
        match header.chroma {
            Chroma::Yuv420 | Chroma::Yuv422 => {
                let chroma = cb.chunks(BLOCK / 2).zip(cr.chunks(BLOCK / 2));
                for ((luma, (cb, cr)), rgb) in luma.zip(chroma).zip(rgb) {
                    colour::copy_samples(luma, &mut block.luma);
                    colour::repeat_samples(cb, &mut block.cb);
                    colour::repeat_samples(cr, &mut block.cr);
                    block.write(header.range, rgb);
                }
            }
            Chroma::Yuv444 => {
                for ((luma, (cb, cr)), rgb) in
                    luma.zip(cb.chunks(BLOCK).zip(cr.chunks(BLOCK))).zip(rgb)
                {
                    colour::copy_samples(luma, &mut block.luma);
                    colour::copy_samples(cb, &mut block.cb);
                    colour::copy_samples(cr, &mut block.cr);
                    block.write(header.range, rgb);
                }
            }
            Chroma::Mono => {
                for (luma, rgb) in luma.zip(rgb) {
                    colour::copy_samples(luma, &mut block.luma);
                    block.write(header.range, rgb);
                }
            }
        }
    }
}

/// The next line without its end; `None` at the end of the input.
fn line(input: &mut impl BufRead) -> Result<Option<String>, ClipError> {
    let mut bytes = Vec::new();
    input.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') || !bytes.is_ascii() {
        return Err(ClipError::Line);
    }
    String::from_utf8(bytes).map(Some).map_err(|_| ClipError::Line)
}

#[cfg(test)]
mod tests;
