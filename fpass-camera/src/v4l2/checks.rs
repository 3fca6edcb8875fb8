//! Checks of the metadata that a driver gives for each frame. A frame with contradictory metadata
//! is dropped, and many in a row are a fault of the camera.

use std::time::Duration;

use super::{capture_clock::CaptureClock, frame_defect::FrameDefect, stream::FrameMetadata};

/// Rejected frames in a row at which the camera has failed. Cables and busy buses damage single
/// frames, and some cameras begin with a few damaged ones.
const DEFECTS_MAX: u32 = 20;

/// The consequence of a rejected frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameRejection {
    /// The frame is dropped.
    Dropped,
    /// The frame was the last of too many in a row: the camera has failed.
    TooMany(FrameDefect),
}

/// A frame that is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AcceptedFrame {
    /// Bytes of the buffer that belong to the frame.
    pub(super) length: usize,
    /// Time since the driver captured it; zero when the driver uses another clock.
    pub(super) age: Duration,
}

/// The checks of one stream.
pub(super) struct FrameChecks {
    /// Fewest bytes of a frame.
    least: usize,
    /// Whether every frame has exactly that many.
    is_fixed: bool,
    clock: CaptureClock,
    /// Counter of the last accepted frame.
    sequence: Option<u32>,
    /// Rejected frames since then.
    defects: u32,
}

impl FrameChecks {
    /// Checks of frames of at least `least` bytes, or exactly that many when `is_fixed`, of a
    /// stream that was started at `started` by the monotonic clock.
    pub(super) fn new(least: usize, is_fixed: bool, started: Duration) -> Self {
        let clock = CaptureClock::new(started);
        Self { least, is_fixed, clock, sequence: None, defects: 0 }
    }

    /// Checks a frame in a buffer of `room` bytes that was received at `now`.
    pub(super) fn admit(
        &mut self,
        meta: &FrameMetadata,
        room: usize,
        now: Duration,
    ) -> Result<AcceptedFrame, FrameRejection> {
        match self.judge(meta, room, now) {
            Ok(admitted) => {
                self.sequence = Some(meta.sequence);
                self.defects = 0;
                Ok(admitted)
            }
            Err(defect) => {
                self.defects = self.defects.saturating_add(1);
                Err(if self.defects >= DEFECTS_MAX {
                    FrameRejection::TooMany(defect)
                } else {
                    FrameRejection::Dropped
                })
            }
        }
    }

    fn judge(
        &mut self,
        meta: &FrameMetadata,
        room: usize,
        now: Duration,
    ) -> Result<AcceptedFrame, FrameDefect> {
        if meta.is_damaged {
            return Err(FrameDefect::Damaged);
        }
        let given = usize::try_from(meta.used).unwrap_or(usize::MAX);
        if given > room {
            return Err(FrameDefect::Overlong { given, room });
        }
        if given < self.least {
            return Err(FrameDefect::Short { given, needed: self.least });
        }
        if self.sequence.is_some_and(|last| is_before(meta.sequence, last)) {
            return Err(FrameDefect::Sequence);
        }
        let age = match meta.taken {
            Some(taken) => self.clock.age(taken, now)?,
            None => Duration::ZERO,
        };
        Ok(AcceptedFrame { length: if self.is_fixed { self.least } else { given }, age })
    }
}

/// Whether a wrapping counter is behind another value. The counter of some drivers never changes.
fn is_before(sequence: u32, last: u32) -> bool {
    sequence.wrapping_sub(last) > u32::MAX / 2
}

#[cfg(test)]
mod tests;
