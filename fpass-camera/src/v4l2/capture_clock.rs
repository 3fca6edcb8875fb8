//! The time of capture of a frame, from the date that its driver gives.
//!
//! Most drivers date frames by the monotonic clock. Some are wrong by a constant, or drift: they
//! date the end of a pipeline, or estimate the clock. Their dates contradict the opening or the
//! clock of this machine. If such dates advance in step with the frames, their offset is learned.

use std::{collections::VecDeque, time::Duration};

use super::frame_defect::FrameDefect;

/// How far the time of a frame may be ahead of the clock. Some cameras date their frames by an
/// estimate of the clock of this machine.
const AHEAD_MAX: i64 = 200_000;
/// Frames from which an offset is learned.
const FRAMES_MIN: usize = 5;
/// Remembered frames: at 120 per second they cover [`SPAN_MIN`].
const FRAMES_MAX: usize = 16;
/// Time between the first and the last of the frames from which an offset is learned. Frames that
/// waited in a queue arrive together, so they are not taken for frames in step.
const SPAN_MIN: i64 = 100_000;
/// How far the offsets of frames in step may differ: the scheduling of this machine delays frames.
const SPREAD_MAX: i64 = 100_000;
/// A learned offset follows a clock that is slow by at most this share: one tenth.
const DRIFT: i64 = 10;

/// A received frame. All times are in microseconds.
#[derive(Clone, Copy, Debug)]
struct Received {
    at: i64,
    dated: i64,
}

impl Received {
    /// How far the date is ahead of the clock; negative for a date in the past.
    fn lead(self) -> i64 {
        self.dated.saturating_sub(self.at)
    }
}

/// The dates of one stream.
pub(super) struct CaptureClock {
    /// Start of the stream by the clock of this machine, in microseconds.
    started: i64,
    recent: VecDeque<Received>,
    /// What the driver's clock is ahead of ours, once it is learned.
    offset: Option<i64>,
    /// Date of the last accepted frame.
    last: Option<i64>,
}

impl CaptureClock {
    /// Dates of a stream that was started at `started` by the monotonic clock.
    pub(super) fn new(started: Duration) -> Self {
        let recent = VecDeque::with_capacity(FRAMES_MAX);
        Self { started: micros(started), recent, offset: None, last: None }
    }

    /// The age of a frame with the date `taken` that was received at `now`.
    ///
    /// # Errors
    /// [`FrameDefect::Stale`], [`FrameDefect::Ahead`] and [`FrameDefect::Backwards`].
    pub(super) fn age(&mut self, taken: Duration, now: Duration) -> Result<Duration, FrameDefect> {
        let frame = Received { at: micros(now), dated: micros(taken) };
        self.follow(frame);
        if self.recent.len() == FRAMES_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(frame);
        let age = match self.judge(frame) {
            Ok(age) => age,
            Err(defect) => {
                self.offset = Some(self.learn().ok_or(defect)?);
                self.judge(frame)?
            }
        };
        if self.last.is_some_and(|last| frame.dated < last) {
            return Err(FrameDefect::Backwards);
        }
        self.last = Some(frame.dated);
        Ok(age)
    }

    /// The age of a frame by the present offset.
    fn judge(&self, frame: Received) -> Result<Duration, FrameDefect> {
        let age = self.offset.unwrap_or(0).saturating_sub(frame.lead());
        if age < -AHEAD_MAX {
            return Err(FrameDefect::Ahead);
        }
        let age = age.max(0);
        if frame.at.saturating_sub(age) < self.started {
            return Err(FrameDefect::Stale);
        }
        Ok(Duration::from_micros(u64::try_from(age).unwrap_or(0)))
    }

    /// The offset of the last frames, if they are in step. The frame with the greatest lead was
    /// delivered with the least delay, so it decides.
    fn learn(&self) -> Option<i64> {
        let last = *self.recent.back()?;
        let mut frames = 0;
        for (frame, next) in self.recent.iter().rev().zip(self.recent.iter().rev().skip(1)) {
            if frame.dated <= next.dated {
                return None;
            }
            frames += 1;
            let span = last.at.saturating_sub(next.at);
            if frames + 1 >= FRAMES_MIN && span >= SPAN_MIN {
                let leads = || self.recent.iter().rev().take(frames + 1).map(|frame| frame.lead());
                let (least, most) = (leads().min()?, leads().max()?);
                let advance = last.dated.saturating_sub(next.dated);
                let is_in_step = most.saturating_sub(least) <= SPREAD_MAX
                    && advance.abs_diff(span) <= span.unsigned_abs() / 2;
                return is_in_step.then_some(most);
            }
        }
        None
    }

    /// Adjusts a learned offset to a frame that comes sooner than expected, and slowly to a clock
    /// that is slow. A stream that begins to lag is thus not taken for a slow clock.
    fn follow(&mut self, frame: Received) {
        let Some(offset) = &mut self.offset else {
            return;
        };
        let lead = frame.lead();
        if lead > *offset {
            if lead.saturating_sub(*offset) <= AHEAD_MAX {
                *offset = lead;
            }
            return;
        }
        if let Some(before) = self.recent.back() {
            let passed = frame.at.saturating_sub(before.at).max(0);
            *offset = offset.saturating_sub(passed / DRIFT).max(lead);
        }
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
