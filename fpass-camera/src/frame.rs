//! One frame of a camera.

use std::{fmt, time::Instant};

use crate::{Rotation, buffers::Buffer, formats::CHANNELS};

/// One frame: RGB8, rows from top to bottom without padding. Its pixels are erased when dropped,
/// and their memory returns to the camera of the frame.
pub struct Frame {
    width: u32,
    height: u32,
    pixels: Buffer,
    sequence: u64,
    captured: Instant,
    unlit: Option<Box<Frame>>,
}

impl Frame {
    /// A frame of `width` × `height` pixels. `None` when a side is zero or `pixels` is not
    /// `width * height * 3` bytes long. Its capture time is now; see
    /// [`with_capture_time`](Self::with_capture_time).
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u8>, sequence: u64) -> Option<Self> {
        Self::from_buffer(width, height, Buffer::owning(pixels), sequence)
    }

    /// Like [`new`](Self::new), with pixels in a buffer of the camera.
    pub(crate) fn from_buffer(
        width: u32,
        height: u32,
        pixels: Buffer,
        sequence: u64,
    ) -> Option<Self> {
        let length = usize::try_from(width)
            .ok()?
            .checked_mul(usize::try_from(height).ok()?)?
            .checked_mul(CHANNELS)?;
        (length > 0 && pixels.len() == length).then(|| Self {
            width,
            height,
            pixels,
            sequence,
            captured: Instant::now(),
            unlit: None,
        })
    }

    /// The same frame with another capture time. A source that queues frames before decoding must
    /// set it, because the time of decoding would make an old frame look fresh.
    #[must_use]
    pub fn with_capture_time(self, captured: Instant) -> Self {
        Self { captured, ..self }
    }

    /// The same frame with the one before it, for which the emitter of an infra-red camera was off.
    #[must_use]
    pub fn with_unlit(self, unlit: Self) -> Self {
        Self { unlit: Some(Box::new(unlit)), ..self }
    }

    /// The frame before this one, for which the emitter was off. `None` for a camera whose emitter
    /// does not go on and off.
    #[must_use]
    pub fn unlit(&self) -> Option<&Self> {
        self.unlit.as_deref()
    }

    /// A copy of the frame, turned clockwise.
    #[must_use]
    pub fn turned(&self, rotation: Rotation) -> Self {
        let pixels = Buffer::owning(rotation.turn(&self.pixels, self.width));
        let (width, height) = rotation.sides(self.width, self.height);
        let unlit = self.unlit.as_ref().map(|unlit| Box::new(unlit.turned(rotation)));
        Self { width, height, pixels, sequence: self.sequence, captured: self.captured, unlit }
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels: `width * height * 3` bytes, red, green, blue.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// When the device captured or delivered the frame.
    #[must_use]
    pub fn captured(&self) -> Instant {
        self.captured
    }

    /// Number of the frame since the camera was opened. It rises, with gaps for missed frames.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}x{}, number {})", self.width, self.height, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_length_or_an_empty_side_is_refused() {
        for (width, height, length) in
            [(2, 2, 11), (2, 2, 13), (0, 2, 0), (2, 0, 0), (0, 0, 0), (u32::MAX, u32::MAX, 3)]
        {
            assert!(Frame::new(width, height, vec![0; length], 0).is_none());
        }
    }

    #[test]
    fn the_unlit_frame_is_turned_as_well() {
        let unlit = Frame::new(2, 1, vec![3, 3, 3, 4, 4, 4], 6).unwrap();
        let frame = Frame::new(2, 1, vec![1, 1, 1, 2, 2, 2], 7).unwrap().with_unlit(unlit);
        let turned = frame.turned(Rotation::Half);
        assert_eq!(turned.unlit().unwrap().pixels(), [4, 4, 4, 3, 3, 3]);
        assert!(turned.unlit().unwrap().unlit().is_none());
    }

    #[test]
    fn a_turned_frame_has_exchanged_sides_and_keeps_its_number_and_time() {
        let frame = Frame::new(2, 1, vec![1, 1, 1, 2, 2, 2], 7).unwrap();
        let captured = frame.captured();
        let turned = frame.turned(Rotation::Quarter);
        assert_eq!((turned.width(), turned.height(), turned.sequence()), (1, 2, 7));
        assert_eq!((turned.pixels(), turned.captured()), (&[1, 1, 1, 2, 2, 2][..], captured));
        assert_eq!(turned.turned(Rotation::Quarter).pixels(), [2, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn debug_output_holds_no_pixel() {
        let frame = Frame::new(1, 1, vec![201, 202, 203], 7).unwrap();
        assert_eq!(format!("{frame:?}"), "Frame(1x1, number 7)");
    }
}
