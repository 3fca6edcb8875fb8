//! How long the stages of one attempt took.

use std::time::{Duration, Instant};

/// Durations of one attempt, for its audit record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trace {
    /// Looking up where the caller is.
    pub(crate) look_up: Duration,
    /// Opening of the camera.
    pub(crate) camera: Duration,
    /// From the open camera to its first frame. Zero if that frame came earlier, or if none came.
    pub(crate) first_frame: Duration,
    /// From the open camera to the first frame of this attempt with a settled exposure.
    pub(crate) usable_frame: Duration,
    /// Face search in the last frame.
    pub(crate) detect: Duration,
    /// Landmarks in the last frame with one face.
    pub(crate) landmarks: Duration,
    /// Embedding in the last compared frame.
    pub(crate) embed: Duration,
    /// Number of frames examined.
    pub(crate) frames: u32,
}

impl Trace {
    /// Notes the first frame that is examined, of a camera that was open at `opened` and gave its
    /// first frame at `first`.
    pub(crate) fn note_usable(&mut self, opened: Instant, first: Option<Instant>) {
        self.usable_frame = opened.elapsed();
        self.first_frame =
            first.map_or(self.usable_frame, |first| first.saturating_duration_since(opened));
    }
}
