//! Whether what a driver says about a frame makes sense. A frame about which it does not is dropped,
//! and a run of them is a fault of the camera.

use std::time::Duration;

use thiserror::Error;

use super::stream::Meta;

/// Unusable frames in a row after which the camera has failed. Damaged frames come singly, from cables
/// and busy buses, and a few of them at the start of some cameras.
const DEFECTS_MAX: u32 = 20;
/// How far a frame's time may lie ahead of the clock: some cameras date their frames by an estimate of
/// this machine's clock.
const AHEAD_MAX: Duration = Duration::from_millis(200);

/// Why a frame is not passed on.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum Defect {
    #[error("its driver marks the frames as damaged")]
    Damaged,
    #[error("its frames have {given} bytes where {needed} are needed")]
    Short { given: usize, needed: usize },
    #[error("its frames have {given} bytes in a buffer of {room}")]
    Overlong { given: usize, room: usize },
    #[error("its count of frames goes backwards")]
    Sequence,
    #[error("the times of its frames go backwards")]
    Backwards,
    #[error("its frames are from before it was opened")]
    Stale,
    #[error("the times of its frames lie ahead")]
    Ahead,
}

/// What came of a frame that was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is dropped.
    Once,
    /// It was the last of too many in a row.
    Lasting(Defect),
}

/// A frame that may be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    /// Bytes of the buffer that belong to it.
    pub(super) length: usize,
    /// Time since the driver took it; zero when the driver goes by another clock.
    pub(super) age: Duration,
}

/// The checks of one stream.
pub(super) struct Checks {
    /// Fewest bytes of a frame.
    least: usize,
    /// Whether every frame has as many.
    is_fixed: bool,
    /// When the stream was started, by the monotonic clock in whole microseconds.
    started: Duration,
    /// Count and time of the last frame that was admitted.
    sequence: Option<u32>,
    taken: Option<Duration>,
    /// Refused frames since then.
    defects: u32,
}

impl Checks {
    /// For frames of at least `least` bytes, of which no more are used when `is_fixed`.
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

    /// Admits a frame that lies in a buffer of `room` bytes and was handed over at `now`.
    pub(super) fn admit(
        &mut self,
        meta: &Meta,
        room: usize,
        now: Duration,
    ) -> Result<Admitted, Refused> {
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
                    Refused::Lasting(defect)
                } else {
                    Refused::Once
                })
            }
        }
    }

    fn judge(&self, meta: &Meta, room: usize, now: Duration) -> Result<Admitted, Defect> {
        if meta.is_damaged {
            return Err(Defect::Damaged);
        }
        let given = usize::try_from(meta.used).unwrap_or(usize::MAX);
        if given > room {
            return Err(Defect::Overlong { given, room });
        }
        if given < self.least {
            return Err(Defect::Short { given, needed: self.least });
        }
        if self.sequence.is_some_and(|last| is_before(meta.sequence, last)) {
            return Err(Defect::Sequence);
        }
        let age = match meta.taken {
            Some(taken) => self.age(taken, now)?,
            None => Duration::ZERO,
        };
        Ok(Admitted { length: if self.is_fixed { self.least } else { given }, age })
    }

    fn age(&self, taken: Duration, now: Duration) -> Result<Duration, Defect> {
        if taken < self.started {
            return Err(Defect::Stale);
        }
        if taken > now.saturating_add(AHEAD_MAX) {
            return Err(Defect::Ahead);
        }
        if self.taken.is_some_and(|last| taken < last) {
            return Err(Defect::Backwards);
        }
        Ok(now.saturating_sub(taken))
    }
}

/// Whether a count that wraps comes before another one. Some drivers do not count: theirs stays.
fn is_before(sequence: u32, last: u32) -> bool {
    sequence.wrapping_sub(last) > u32::MAX / 2
}

#[cfg(test)]
mod tests;
