//! The settings of the recogniser.

/// Smallest value of [`RecogniserSettings::detection_side`] in pixels.
pub const DETECTION_SIDE_MIN: u32 = 80;

/// How the recogniser searches a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecogniserSettings {
    /// Longest side in pixels of the reduced frame that is searched first, 80 to 4096.
    pub detection_side: u32,
}

impl Default for RecogniserSettings {
    fn default() -> Self {
        Self { detection_side: 160 }
    }
}
