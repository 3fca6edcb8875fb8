//! A clip that is read from its beginning to its end, such as one that another program writes.

use std::io::BufRead;

use zeroize::Zeroizing;

use super::{ClipError, FRAMES_MAX, Header, decode, line};
use crate::{Frame, formats};

/// A YUV4MPEG2 clip whose frames are decoded in their order. It holds one frame in memory.
pub struct ClipStream<R> {
    input: R,
    header: Header,
    raw: Zeroizing<Vec<u8>>,
    read: usize,
}

impl<R: BufRead> ClipStream<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn open(mut input: R) -> Result<Self, ClipError> {
        let header = Header::parse(&line(&mut input)?.ok_or(ClipError::Magic)?)?;
        let (luma, chroma) = header.planes()?;
        Ok(Self { input, header, raw: Zeroizing::new(vec![0; luma + 2 * chroma]), read: 0 })
    }

    /// Frames per second as a fraction, 1 to 120.
    #[must_use]
    pub fn rate(&self) -> (u32, u32) {
        self.header.rate
    }

    /// The next frame; `None` at the end of the clip. Its number counts from 0.
    ///
    /// # Errors
    /// [`ClipError`].
    pub fn frame(&mut self) -> Result<Option<Frame>, ClipError> {
        let Some(line) = line(&mut self.input)? else { return Ok(None) };
        if line != "FRAME" && !line.starts_with("FRAME ") {
            return Err(ClipError::Frame(self.read));
        }
        if self.read == FRAMES_MAX {
            return Err(ClipError::TooLong);
        }
        let index = self.read;
        self.input.read_exact(&mut self.raw).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::UnexpectedEof => ClipError::Truncated(index),
            _ => cause.into(),
        })?;
        let Header { width, height, .. } = self.header;
        let mut pixels = vec![0; formats::length(width, height)?];
        decode(&self.header, &self.raw, index, &mut pixels)?;
        self.read += 1;
        let number = u64::try_from(index).unwrap_or(u64::MAX);
        Ok(Frame::new(width, height, pixels, number))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::y4m::Clip;

    const HEADER: &[u8] = b"YUV4MPEG2 W2 H2 F30:1\n";

    fn clip(frames: &[[u8; 6]]) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for frame in frames {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend_from_slice(frame);
        }
        bytes
    }

    #[test]
    fn a_clip_that_ends_within_a_frame_or_has_other_lines_is_refused() {
        let whole = clip(&[[1; 6], [2; 6]]);
        for cut in [1, 6] {
            let mut stream = ClipStream::open(&whole[..whole.len() - cut]).unwrap();
            assert!(stream.frame().unwrap().is_some());
            assert!(matches!(stream.frame(), Err(ClipError::Truncated(1))));
        }
        let other = [HEADER, b"NOFRAME\n"].concat();
        let mut stream = ClipStream::open(&other[..]).unwrap();
        assert!(matches!(stream.frame(), Err(ClipError::Frame(0))));
        assert!(matches!(ClipStream::open(&b""[..]), Err(ClipError::Magic)));
    }

    proptest! {
        #[test]
        fn frames_are_those_of_the_clip_that_is_searched(
            frames in proptest::collection::vec(any::<[u8; 6]>(), 1..5),
        ) {
            let bytes = clip(&frames);
            let mut searched = Clip::open(Cursor::new(&bytes[..])).unwrap();
            let mut stream = ClipStream::open(&bytes[..]).unwrap();
            prop_assert_eq!(stream.rate(), (30, 1));
            for index in 0..frames.len() {
                let mut pixels = [0; 12];
                searched.read_into(index, &mut pixels).unwrap();
                let frame = stream.frame().unwrap().unwrap();
                prop_assert_eq!(frame.pixels(), &pixels[..]);
                prop_assert_eq!(frame.sequence(), u64::try_from(index).unwrap());
            }
            prop_assert!(stream.frame().unwrap().is_none());
        }

        #[test]
        fn damaged_clips_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            let damaged = [HEADER, &bytes].concat();
            if let Ok(mut stream) = ClipStream::open(&damaged[..]) {
                while let Ok(Some(_)) = stream.frame() {}
            }
        }
    }
}
