//! The decoding thread: raw frames to RGB8, in parallel with the capture and ahead of the caller.
//!
//! The capture thread does not wait for decoding, so frames do not age in the queue of the driver.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    cover::Cover,
    exposure::{Exposure, Illumination, brightness},
    fault::invalid_answer,
    mailbox::{Mailbox, RawFrame},
    modes::Mode,
};
use crate::{
    CameraError, Frame,
    buffers::BufferPool,
    formats::{self, FormatError, Layout},
};

/// Buffers of the pool: one in the mailbox, one in decoding, two with the caller, and for each of
/// the last three the unlit frame before it.
const KEPT: usize = 7;
/// Most time between an unlit frame and the lit one that it is compared with. People hardly move
/// meanwhile.
const UNLIT_MAX: Duration = Duration::from_millis(150);

/// Decodes the frames of one mode.
pub(super) struct Decoder {
    mode: Mode,
    buffers: Arc<BufferPool>,
}

impl Decoder {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, buffers: BufferPool::new(KEPT) }
    }

    /// Decodes one frame. It keeps its number and its capture time.
    pub(super) fn decode(&self, raw: &RawFrame) -> Result<Frame, FormatError> {
        let layout = self.mode.layout();
        let Layout { width, height, .. } = layout;
        let mut pixels = self.buffers.take(formats::length(width, height)?);
        layout.decode_into(&raw.bytes, &mut pixels)?;
        Frame::from_buffer(width, height, pixels, raw.sequence)
            .map(|frame| frame.with_capture_time(raw.captured))
            .ok_or(FormatError::Size { width, height })
    }
}

/// Decodes until the mailbox has no further frame, and drops the frames that `exposure` rejects. A
/// run of undecodable frames that lasts for `timeout` is a fault, and so is a run of black ones.
pub(super) fn run(
    decoder: &Decoder,
    mut exposure: Exposure,
    mut cover: Cover,
    mailbox: &Mailbox,
    timeout: Duration,
) {
    let mut unlit: Option<Frame> = None;
    while let Some(raw) = mailbox.take_raw() {
        // A panic counts as a frame that cannot be decoded.
        let decoded = catch_unwind(AssertUnwindSafe(|| decoder.decode(&raw)));
        match decoded {
            Ok(Ok(frame)) if cover.hides(&frame) => mailbox.put_covered(),
            Ok(Ok(frame)) => match exposure.judge(brightness(&frame), frame.captured()) {
                Illumination::Lit => mailbox.put_decoded(paired(frame, unlit.take())),
                Illumination::Dark => {
                    unlit = Some(frame);
                    mailbox.put_skipped();
                }
                Illumination::Settling => mailbox.put_skipped(),
            },
            Ok(Err(error)) => {
                let cause = io::Error::new(io::ErrorKind::InvalidData, error);
                let error = CameraError::Failed { cause };
                mailbox.put_undecodable(error, Instant::now(), timeout);
            }
            Err(_) => {
                let error = invalid_answer("the decoder fails on its pictures");
                mailbox.put_undecodable(error, Instant::now(), timeout);
            }
        }
    }
}

/// A lit frame with the unlit one before it, if that is recent.
fn paired(frame: Frame, unlit: Option<Frame>) -> Frame {
    let is_recent =
        |unlit: &Frame| frame.captured().saturating_duration_since(unlit.captured()) <= UNLIT_MAX;
    match unlit.filter(is_recent) {
        Some(unlit) => frame.with_unlit(unlit),
        None => frame,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoder() -> Decoder {
        Decoder::new(Mode { width: 2, height: 1, stride: 4, ..Mode::default() })
    }

    fn raw(decoder: &Decoder, bytes: &[u8]) -> RawFrame {
        RawFrame { bytes: decoder.buffers.copy_of(bytes), sequence: 3, captured: Instant::now() }
    }

    #[test]
    fn a_frame_that_is_too_short_is_refused() {
        let decoder = decoder();
        let refused = decoder.decode(&raw(&decoder, &[128; 3]));
        assert!(matches!(refused, Err(FormatError::Length { given: 3, needed: 4 })));
    }

    #[test]
    fn a_frame_keeps_its_number_and_its_capture_time() {
        let decoder = decoder();
        let raw = raw(&decoder, &[235, 128, 16, 128]);
        let attempt = Instant::now();
        let frame = decoder.decode(&raw).unwrap();
        assert_eq!((frame.sequence(), frame.captured()), (3, raw.captured));
        assert!(frame.captured() <= attempt);
        assert_eq!(frame.pixels(), [255, 255, 255, 0, 0, 0]);
    }

    #[test]
    fn undecodable_frames_end_as_a_fault_with_its_cause() {
        let decoder = decoder();
        let mailbox = Mailbox::new(Instant::now());
        mailbox.put(raw(&decoder, &[128; 3]));
        mailbox.end(None);
        let later = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                run(&decoder, Exposure::new(0), Cover::new(false), &mailbox, Duration::ZERO);
            });
            let error = mailbox.take(later, Duration::from_secs(60)).err().unwrap();
            let sentence = error.to_string();
            assert!(sentence.contains("3 bytes where 4 are needed"), "{sentence}");
        });
    }

    #[test]
    fn black_frames_of_a_camera_that_reports_a_cover_end_as_covered() {
        let decoder = decoder();
        let mailbox = Mailbox::new(Instant::now());
        let later = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|scope| {
            let cover = Cover::new(true);
            scope.spawn(|| run(&decoder, Exposure::new(30), cover, &mailbox, Duration::ZERO));
            mailbox.decode_ahead(9);
            for _ in 0..3 {
                mailbox.put(raw(&decoder, &[16, 128, 16, 128]));
                while mailbox.holds_raw() {
                    std::thread::yield_now();
                }
            }
            mailbox.end(None);
            let ended = mailbox.take(later, Duration::from_secs(60));
            assert!(matches!(ended, Err(CameraError::Covered)), "{ended:?}");
        });
    }

    #[test]
    fn frames_are_dropped_while_the_exposure_settles() {
        let decoder = decoder();
        let mailbox = Mailbox::new(Instant::now());
        let later = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                run(&decoder, Exposure::new(2), Cover::new(false), &mailbox, Duration::ZERO);
            });
            mailbox.decode_ahead(3);
            for (sequence, shade) in [(0, 40), (1, 90), (2, 140)] {
                let bytes = decoder.buffers.copy_of(&[shade, 128, shade, 128]);
                mailbox.put(RawFrame { bytes, sequence, captured: Instant::now() });
                while mailbox.holds_raw() {
                    std::thread::yield_now();
                }
            }
            mailbox.end(None);
            let frame = mailbox.take(later, Duration::from_secs(60)).unwrap().unwrap();
            assert_eq!(frame.sequence(), 2);
        });
    }

    #[test]
    fn a_lit_frame_comes_with_the_unlit_one_before_it_if_that_is_recent() {
        for (apart, expected) in [(33, true), (200, false)] {
            let decoder = decoder();
            let mailbox = Mailbox::new(Instant::now());
            let later = Instant::now() + Duration::from_secs(60);
            let start = Instant::now();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let cover = Cover::new(false);
                    run(&decoder, Exposure::new(30), cover, &mailbox, Duration::ZERO);
                });
                mailbox.decode_ahead(12);
                for sequence in 0..12 {
                    let shade = if sequence % 2 == 0 { 30 } else { 140 };
                    let bytes = decoder.buffers.copy_of(&[shade, 128, shade, 128]);
                    let captured = start + Duration::from_millis(sequence * apart);
                    mailbox.put(RawFrame { bytes, sequence, captured });
                    while mailbox.holds_raw() {
                        std::thread::yield_now();
                    }
                }
                mailbox.end(None);
                let frame = mailbox.take(later, Duration::from_secs(60)).unwrap().unwrap();
                assert_eq!(frame.sequence(), 11);
                let unlit = frame.unlit().map(Frame::sequence);
                assert_eq!(unlit, expected.then_some(10), "{apart}");
            });
        }
    }
}
