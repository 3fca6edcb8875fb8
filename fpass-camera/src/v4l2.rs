//! Cameras behind the V4L2 interface of Linux, through nokhwa.
//!
//! nokhwa waits for a frame without a time limit, so that each capture runs on a thread of its
//! own (`capture`) that hands its newest frame over (`mailbox`). A thread that a silent
//! device holds is left behind and bars its device (`claim`) until it ends.

mod capture;
mod claim;
mod fault;
mod mailbox;
mod modes;
mod probe;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use self::{
    claim::Claim,
    mailbox::{Mailbox, RawFrame},
    modes::Mode,
};
use crate::{
    Camera, CameraError, Device, Frame,
    formats::{self, FormatError, PixelFormat},
};

/// How long dropping a camera waits for its thread to stop the stream: several frames even in the
/// dark, where cameras fall to 7 frames per second.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// Which device is used and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Device node `/dev/videoN` or a symbolic link to one; empty for the first usable one.
    pub device: String,
    /// Wanted width in pixels; the closest that the camera offers is taken.
    pub width: u32,
    /// Wanted height in pixels.
    pub height: u32,
    /// Wanted frames per second.
    pub frame_rate: u32,
    /// Frames thrown away after the start, while exposure and white balance settle.
    pub warm_up_frames: u32,
    /// Time without a frame after which the camera counts as silent.
    pub frame_timeout: Duration,
}

/// A V4L2 device in capture.
pub struct V4l2Camera {
    mailbox: Arc<Mailbox>,
    claim: Claim,
    mode: Mode,
    description: String,
    frame_timeout: Duration,
    undecodable_since: Option<Instant>,
}

impl V4l2Camera {
    /// Opens the device and starts the stream.
    ///
    /// # Errors
    /// [`NotFound`](CameraError::NotFound), [`Busy`](CameraError::Busy),
    /// [`Denied`](CameraError::Denied), [`Unsuitable`](CameraError::Unsuitable),
    /// [`Failed`](CameraError::Failed), and [`Silent`](CameraError::Silent) when the device does
    /// not answer within the frame timeout or still holds an earlier capture of this process.
    pub fn open(settings: &Settings) -> Result<Self, CameraError> {
        let claim = Claim::take(&settings.device)?;
        let mailbox = Arc::new(Mailbox::new(Instant::now()));
        let worker = (Arc::clone(&mailbox), claim.hold(), settings.clone());
        thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || {
                let (mailbox, hold, settings) = worker;
                let end = catch_unwind(AssertUnwindSafe(|| capture::run(&settings, &mailbox)))
                    .unwrap_or_else(|_| {
                        Err(driver_defies("the camera driver gave an invalid answer"))
                    });
                drop(hold);
                mailbox.end(end.err());
            })
            .map_err(|cause| CameraError::Failed { cause })?;
        // From here on the drop of the half-made camera stops the thread.
        let mut camera = Self {
            mailbox,
            claim,
            mode: Mode::default(),
            description: String::new(),
            frame_timeout: settings.frame_timeout,
            undecodable_since: None,
        };
        let opened = camera.mailbox.opened(Instant::now() + settings.frame_timeout)?;
        camera.mode = opened.mode;
        camera.description = opened.description;
        Ok(camera)
    }

    fn decode(&self, raw: &RawFrame) -> Result<Frame, FormatError> {
        let Mode { width, height, stride, .. } = self.mode;
        let pixels = match self.mode.format {
            PixelFormat::Yuyv => formats::yuyv(&raw.bytes, width, height, stride),
            PixelFormat::Mjpeg => formats::mjpeg(&raw.bytes, width, height),
        }?;
        Frame::new(width, height, pixels, raw.sequence)
            .map(|frame| frame.captured_at(raw.captured))
            .ok_or(FormatError::Size { width, height })
    }
}

impl Camera for V4l2Camera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        loop {
            let Some(raw) = self.mailbox.take(until, self.frame_timeout)? else {
                return Ok(None);
            };
            match self.decode(&raw) {
                Ok(frame) => {
                    self.undecodable_since = None;
                    return Ok(Some(frame));
                }
                // A damaged frame now and then is a matter of cable and bus; a run of them is not.
                Err(error) => {
                    let now = Instant::now();
                    let since = *self.undecodable_since.get_or_insert(now);
                    if now.duration_since(since) >= self.frame_timeout {
                        let cause = io::Error::new(io::ErrorKind::InvalidData, error);
                        return Err(CameraError::Failed { cause });
                    }
                    if now >= until {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn description(&self) -> &str {
        &self.description
    }
}

impl Drop for V4l2Camera {
    fn drop(&mut self) {
        if !self.mailbox.stop(Instant::now() + STOP_PATIENCE) {
            self.claim.abandon();
        }
    }
}

/// The error for an answer of a driver that breaks its contract.
fn driver_defies(what: &'static str) -> CameraError {
    CameraError::Failed { cause: io::Error::other(what) }
}

/// Every `/dev/videoN`, and the configured device, with its formats or why it is rejected.
pub(crate) fn survey(settings: &Settings) -> Vec<Device> {
    let configured = probe::index_of(&settings.device);
    let mut indices = probe::indices();
    indices.extend(configured);
    indices.sort_unstable();
    indices.dedup();
    let mut devices: Vec<_> =
        indices.into_iter().map(|index| probe::report(index, settings)).collect();
    if configured.is_none() && !settings.device.is_empty() {
        devices.push(Device {
            id: settings.device.clone(),
            name: String::new(),
            usable: false,
            detail: CameraError::NotFound.to_string(),
        });
    }
    devices
}

#[cfg(test)]
mod tests;
