//! A recording played like a camera: at its frame rate, without end, skipping what was missed.

mod clock;
mod player;
mod reel;

use std::{path::PathBuf, time::Instant};

use self::{
    clock::{Clock, Rate},
    player::Player,
    reel::Reel,
};
use crate::{Camera, CameraError, Device, Frame, Identity};

/// Which recording is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A directory of PNG and JPEG pictures, played in the order of their names, or a `.y4m` clip.
    pub path: PathBuf,
    /// Frames per second for a directory, 1 to 120; a clip brings its own.
    pub frame_rate: u32,
}

/// A recording in play. Frames are decoded on a thread of its own, which ends with the camera.
pub struct RecordedCamera {
    player: Player,
    path: PathBuf,
    description: String,
    identity: Identity,
}

impl RecordedCamera {
    /// Checks the whole recording but for its pixels and starts to play it.
    ///
    /// # Errors
    /// [`CameraError::Recording`], and [`CameraError::Failed`] when no thread can be started.
    pub fn open(settings: &Settings) -> Result<Self, CameraError> {
        let (mut reel, rate) = Reel::open(settings)?;
        let description = describe(settings, &reel, rate);
        let clock = Clock { rate, start: Instant::now() };
        let player = Player::start(clock, move |number| reel.frame(number))
            .map_err(|cause| CameraError::Failed { cause })?;
        Ok(Self {
            player,
            path: settings.path.clone(),
            description,
            identity: Identity::recording(),
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

    fn identity(&self) -> Option<&Identity> {
        Some(&self.identity)
    }

    fn first_heard(&self) -> Option<Instant> {
        None
    }
}

fn describe(settings: &Settings, reel: &Reel, rate: Rate) -> String {
    let per_second = f64::from(rate.over) / f64::from(rate.under);
    let (path, frames) = (settings.path.display(), reel.len());
    format!("recording {path}, {frames} frames at {per_second:.4} per second")
}

/// The recording as a device.
pub(crate) fn survey(settings: &Settings) -> Device {
    let (usable, detail) = match Reel::open(settings) {
        Ok((reel, rate)) => (true, describe(settings, &reel, rate)),
        Err(error) => (false, error.to_string()),
    };
    Device { id: settings.path.display().to_string(), name: "recording".to_owned(), usable, detail }
}

#[cfg(test)]
mod tests;
