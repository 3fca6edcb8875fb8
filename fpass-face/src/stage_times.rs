//! Durations of the stages.

use std::time::Duration;

/// How long each stage took in its last run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Search or tracking of the face, with the reduction of the frame and the landmarks.
    pub detect: Duration,
    /// Alignment and quality.
    pub landmarks: Duration,
    /// Embedding by all networks that were run.
    pub embed: Duration,
}
