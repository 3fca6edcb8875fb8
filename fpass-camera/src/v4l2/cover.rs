//! Black pictures: a closed shutter, a cover, or a switch that turns the camera off.

use std::time::{Duration, Instant};

use crate::{Frame, formats::CHANNELS};

/// Largest value of a black pixel. Sensors have noise, and some a black level of 16.
const BLACK_MAX: u8 = 24;
/// At most one in this many sampled pixels of a black frame is brighter: pixels with a fault.
const BRIGHT_SHARE: u32 = 200;
/// One in this many pixels is sampled: a prime, so the sample covers all columns.
const APART: usize = 37;
/// Time of black frames only after which the camera counts as covered. A screen lights the face in
/// front of it, and an exposure that begins in the dark has settled by then.
const PATIENCE: Duration = Duration::from_secs(1);
/// Black frames in a row that are needed as well.
const FRAMES_MIN: u32 = 10;
/// The same when the driver reports that the camera is covered.
const FRAMES_REPORTED: u32 = 3;

/// The run of black frames at the end of a stream.
pub(super) struct Cover {
    is_reported: bool,
    since: Option<Instant>,
    frames: u32,
}

impl Cover {
    /// `is_reported` says whether the driver reports a cover. The pictures must agree, because some
    /// drivers report one that is not there.
    pub(super) fn new(is_reported: bool) -> Self {
        Self { is_reported, since: None, frames: 0 }
    }

    /// Whether the camera counts as covered with this frame.
    pub(super) fn hides(&mut self, frame: &Frame) -> bool {
        if !is_black(frame) {
            (self.since, self.frames) = (None, 0);
            return false;
        }
        let since = *self.since.get_or_insert(frame.captured());
        self.frames = self.frames.saturating_add(1);
        let is_long = frame.captured().saturating_duration_since(since) >= PATIENCE;
        (is_long && self.frames >= FRAMES_MIN)
            || (self.is_reported && self.frames >= FRAMES_REPORTED)
    }
}

/// Whether nothing is to be seen in a frame.
fn is_black(frame: &Frame) -> bool {
    let (mut bright, mut all) = (0_u32, 0_u32);
    for pixel in frame.pixels().as_chunks::<CHANNELS>().0.iter().step_by(APART) {
        all += 1;
        bright += u32::from(pixel.iter().any(|&value| value > BLACK_MAX));
    }
    bright <= all / BRIGHT_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of 100×100 pixels of this shade, with this number of white ones at its end.
    fn frame(shade: u8, white: usize, captured: Instant) -> Frame {
        let mut pixels = vec![shade; 30_000];
        pixels[30_000 - white * 3..].fill(255);
        Frame::new(100, 100, pixels, 0).unwrap().with_capture_time(captured)
    }

    /// The number of the frame, at 30 per second, with which the camera counts as covered.
    fn covered_at(mut cover: Cover, frame: impl Fn(u32, Instant) -> Frame) -> Option<u32> {
        let start = Instant::now();
        (0..90)
            .find(|&number| cover.hides(&frame(number, start + Duration::from_millis(33) * number)))
    }

    #[test]
    fn a_second_of_black_frames_is_a_cover() {
        let noisy = |number: u32, at| frame(u8::try_from(number % 20).unwrap(), 37, at);
        assert_eq!(covered_at(Cover::new(false), noisy), Some(31));
        assert_eq!(covered_at(Cover::new(true), noisy), Some(2));
    }

    #[test]
    fn a_dim_frame_or_a_lit_corner_is_no_cover() {
        assert_eq!(covered_at(Cover::new(true), |_, at| frame(25, 0, at)), None);
        assert_eq!(covered_at(Cover::new(true), |_, at| frame(3, 200, at)), None);
    }

    #[test]
    fn an_emitter_that_lights_one_frame_of_four_is_no_cover() {
        let every_fourth =
            |number: u32, at| frame(if number.is_multiple_of(4) { 90 } else { 2 }, 0, at);
        assert_eq!(covered_at(Cover::new(false), every_fourth), None);
    }

    #[test]
    fn few_frames_are_not_enough_however_long_they_take() {
        let mut cover = Cover::new(false);
        let start = Instant::now();
        let count = (0..20)
            .take_while(|&second| !cover.hides(&frame(0, 0, start + Duration::from_secs(second))));
        assert_eq!(count.count(), 9);
    }
}
