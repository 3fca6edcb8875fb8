//! Checks of the metadata that a driver gives for each frame. A frame with contradictory metadata
//! is dropped, and many in a row are a fault of the camera.

use std::time::Duration;

use thiserror::Error;

use super::stream::FrameMetadata;

/// Rejected frames in a row at which the camera has failed. Cables and busy buses damage single
/// frames, and some cameras begin with a few damaged ones.
const DEFECTS_MAX: u32 = 20;
/// How far the time of a frame may be ahead of the clock. Some cameras date their frames by an
/// estimate of the clock of this machine.
const AHEAD_MAX: Duration = Duration::from_millis(200);

/// Why a frame is rejected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum FrameDefect {
    #[error("its driver marks the frames as damaged")]
    Damaged,
    #[error("its frames have {given} bytes where {needed} are needed")]
    Short { given: usize, needed: usize },
    #[error("its frames have {given} bytes in a buffer of {room}")]
    Overlong { given: usize, room: usize },
    #[error("its frame counter goes backwards")]
    Sequence,
    #[error("the timestamps of its frames go backwards")]
    Backwards,
    #[error("its frames are older than its opening")]
    Stale,
    #[error("the timestamps of its frames are in the future")]
    Ahead,
}

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
    /// Start of the stream by the monotonic clock, in whole microseconds.
    started: Duration,
    /// Counter and timestamp of the last accepted frame.
    sequence: Option<u32>,
    taken: Option<Duration>,
    /// Rejected frames since then.
    defects: u32,
}

impl FrameChecks {
    /// Checks of frames of at least `least` bytes, or exactly that many when `is_fixed`.
    pub(super) fn new(least: usize, is_fixed: bool, started: Duration) -> Self {
        let micros = u64::try_from(started.as_micros()).unwrap_or(u64::MAX);
        Self {
            least,
            is_fixed,
            started: Duration::from_micros(micros),
            sequence: None,
            taken: None,
            defects: 0,
        }
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
                self.taken = meta.taken.or(self.taken);
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
        &self,
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
            Some(taken) => self.age(taken, now)?,
            None => Duration::ZERO,
        };
        Ok(AcceptedFrame { length: if self.is_fixed { self.least } else { given }, age })
    }

    fn age(&self, taken: Duration, now: Duration) -> Result<Duration, FrameDefect> {
        if taken < self.started {
            return Err(FrameDefect::Stale);
        }
        if taken > now.saturating_add(AHEAD_MAX) {
            return Err(FrameDefect::Ahead);
        }
        if self.taken.is_some_and(|last| taken < last) {
            return Err(FrameDefect::Backwards);
        }
        Ok(now.saturating_sub(taken))
    }
}

/// Whether a wrapping counter is behind another value. The counter of some drivers never changes.
fn is_before(sequence: u32, last: u32) -> bool {
    sequence.wrapping_sub(last) > u32::MAX / 2
}

#[cfg(test)]
mod tests;
