//! A recording in playback, which may be replaced by another one while it plays.

use std::os::unix::fs::MetadataExt;

use super::{clock::FrameRate, recording::Recording, settings::RecordingSettings};
use crate::{CameraError, Frame, error::RecordingFault};

/// Device and inode of a file.
type FileId = (u64, u64);

/// The frames of a recording. When another clip takes the place of the file, its frames follow from
/// the first one on, so a recording can react to what happens.
pub(super) struct Playback {
    settings: RecordingSettings,
    recording: Recording,
    rate: FrameRate,
    file: Option<FileId>,
    /// The number under which the first frame of this recording is shown.
    first: u64,
}

impl Playback {
    /// Opens and checks a recording.
    ///
    /// # Errors
    /// [`CameraError::Recording`].
    pub(super) fn open(settings: &RecordingSettings) -> Result<Self, CameraError> {
        let file = file_id(settings);
        let (recording, rate) = Recording::open(settings)?;
        Ok(Self { settings: settings.clone(), recording, rate, file, first: 0 })
    }

    /// The recording as it was opened.
    pub(super) fn recording(&self) -> (&Recording, FrameRate) {
        (&self.recording, self.rate)
    }

    /// Decodes the frame that is shown as `number`.
    ///
    /// # Errors
    /// Those of the recording. [`RecordingFault::FrameRate`] for one that is replaced by a clip
    /// with another frame rate, and [`RecordingFault::Kind`] for one that cannot be opened.
    pub(super) fn frame(&mut self, number: u64) -> Result<Frame, RecordingFault> {
        // Without a file at this place, the one that is open is played.
        if let Some(file) = file_id(&self.settings)
            && self.file != Some(file)
        {
            let (recording, rate) =
                Recording::open(&self.settings).map_err(|error| match error {
                    CameraError::Recording { fault, .. } => fault,
                    _ => RecordingFault::Kind,
                })?;
            if rate != self.rate {
                return Err(RecordingFault::FrameRate);
            }
            (self.recording, self.file, self.first) = (recording, Some(file), number);
        }
        self.recording.frame(number.saturating_sub(self.first), number)
    }
}

/// Which file a clip is; `None` for pictures, and without a file.
fn file_id(settings: &RecordingSettings) -> Option<FileId> {
    let metadata = settings.path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some((metadata.dev(), metadata.ino()))
}
