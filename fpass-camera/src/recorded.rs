//! Recordings, played like a camera: at their frame rate, in a loop, skipping missed frames.

mod clock;
mod playback;
mod player;
mod reader;
mod recording;
mod settings;

use std::{path::PathBuf, time::Instant};

use self::{
    clock::{Clock, FrameRate},
    playback::Playback,
    player::Player,
    recording::Recording,
};
use crate::{Camera, CameraError, CameraId, DeviceInfo, Frame};

pub use reader::RecordingReader;
pub use settings::RecordingSettings;

/// A recording in playback. Its frames are decoded on a separate thread, which ends with the
/// camera.
pub struct RecordedCamera {
    player: Player,
    path: PathBuf,
    description: String,
    identity: CameraId,
}

impl RecordedCamera {
    /// Checks the whole recording except its pixels, and starts the playback.
    ///
    /// # Errors
    /// [`CameraError::Recording`], and [`CameraError::Failed`] when no thread can be started.
    pub fn open(settings: &RecordingSettings) -> Result<Self, CameraError> {
        let mut playback = Playback::open(settings)?;
        let (recording, rate) = playback.recording();
        let description = describe(settings, recording, rate);
        let clock = Clock { rate, start: Instant::now() };
        let player = Player::start(clock, move |number| playback.frame(number))
            .map_err(|cause| CameraError::Failed { cause })?;
        Ok(Self {
            player,
            path: settings.path.clone(),
            description,
            identity: CameraId::recording(),
        })
    }
}

impl Camera for RecordedCamera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        let at_fault = |fault| CameraError::Recording { path: self.path.clone(), fault };
        self.player.frame(until).transpose().map_err(at_fault)
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn identity(&self) -> Option<&CameraId> {
        Some(&self.identity)
    }

    fn first_frame_at(&self) -> Option<Instant> {
        None
    }
}

fn describe(settings: &RecordingSettings, recording: &Recording, rate: FrameRate) -> String {
    let per_second = f64::from(rate.numerator) / f64::from(rate.denominator);
    let (path, frames) = (settings.path.display(), recording.len());
    format!("recording {path}, {frames} frames at {per_second:.4} per second")
}

/// The recording as a device of the list.
pub(crate) fn describe_device(settings: &RecordingSettings) -> DeviceInfo {
    let (usable, detail) = match Recording::open(settings) {
        Ok((recording, rate)) => (true, describe(settings, &recording, rate)),
        Err(error) => (false, error.to_string()),
    };
    DeviceInfo {
        id: settings.path.display().to_string(),
        name: "recording".to_owned(),
        usable,
        detail,
    }
}

#[cfg(test)]
mod tests;
