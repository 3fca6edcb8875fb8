//! Settings of a recording.

use std::path::PathBuf;

/// The settings of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSettings {
    /// A directory of PNG and JPEG pictures, played in the order of their names, or a `.y4m` clip.
    pub path: PathBuf,
    /// Frames per second of a directory, 1 to 120. A clip has its own rate.
    pub frame_rate: u32,
}
