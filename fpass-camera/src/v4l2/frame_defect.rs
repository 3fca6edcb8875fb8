//! Why a frame is rejected.

use thiserror::Error;

/// A contradiction in the metadata of a frame.
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
