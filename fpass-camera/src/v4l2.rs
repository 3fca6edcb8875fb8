//! Cameras behind the V4L2 interface of Linux, through the `v4l` crate.
//!
//! Each capture runs on a thread of its own (`capture`), which waits for frames in short slices
//! (`stream`), drops those about which the driver contradicts itself (`checks`) and hands the newest
//! one over (`mailbox`) to another thread, which decodes it (`decode`) and passes over what is not lit
//! yet, or not at all (`exposure`). A driver may still hold the
//! capture thread within one of its calls: that thread is left behind and bars its device (`claim`)
//! until it ends.

mod capture;
mod checks;
mod claim;
mod decode;
mod exposure;
mod fault;
mod mailbox;
mod modes;
mod origin;
mod probe;
mod selector;
mod stream;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use self::{
    claim::Claim, decode::Decoder, exposure::Exposure, mailbox::Mailbox, selector::Selector,
};
use crate::{Camera, CameraError, Device, Frame, Identity, formats::PixelFormat};

/// How long dropping a camera waits for its threads to stop the stream: several frames even in the
/// dark, where cameras fall to 7 frames per second.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// Which device is used and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Device node `/dev/videoN`, a symbolic link to one, or `usb:VENDOR:PRODUCT[:SERIAL]`; empty for
    /// the best one that is no virtual device.
    pub device: String,
    /// Wanted width in pixels; the closest that the camera offers is taken.
    pub width: u32,
    /// Wanted height in pixels.
    pub height: u32,
    /// Wanted frames per second.
    pub frame_rate: u32,
    /// Most frames that are thrown away after the start, while the exposure settles: until the
    /// brightness of successive frames stays the same, and never longer than two seconds.
    pub warm_up_frames: u32,
    /// Time without a frame after which the camera counts as silent.
    pub frame_timeout: Duration,
}

/// A V4L2 device in capture.
pub struct V4l2Camera {
    mailbox: Arc<Mailbox>,
    claim: Claim,
    description: String,
    identity: Option<Identity>,
    frame_timeout: Duration,
}

/// Whether the text names a device, or says that any may be taken.
#[must_use]
pub fn is_selector(text: &str) -> bool {
    Selector::parse(text).is_some()
}

impl V4l2Camera {
    /// Opens the device and starts the stream: one of the `expected` cameras, when it is among those that
    /// may be meant.
    ///
    /// # Errors
    /// [`NotFound`](CameraError::NotFound), [`Busy`](CameraError::Busy),
    /// [`Denied`](CameraError::Denied), [`Unsuitable`](CameraError::Unsuitable),
    /// [`Failed`](CameraError::Failed), and [`Silent`](CameraError::Silent) when the device does
    /// not answer within the frame timeout or still holds an earlier capture of this process.
    pub fn open(settings: &Settings, expected: &[Identity]) -> Result<Self, CameraError> {
        Self::start(settings, expected, None)
    }

    /// [`open`](Self::open) in one format alone, for trials of cameras.
    ///
    /// # Errors
    /// Like those of [`open`](Self::open).
    pub fn open_in(settings: &Settings, format: PixelFormat) -> Result<Self, CameraError> {
        Self::start(settings, &[], Some(format))
    }

    fn start(
        settings: &Settings,
        expected: &[Identity],
        only: Option<PixelFormat>,
    ) -> Result<Self, CameraError> {
        let claim = Claim::take(&settings.device)?;
        let mailbox = Arc::new(Mailbox::new(Instant::now()));
        let worker = (Arc::clone(&mailbox), claim.hold(), settings.clone(), expected.to_vec());
        thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || {
                let (mailbox, hold, settings, expected) = worker;
                let capture = || capture::run(&settings, &expected, only, &mailbox);
                let end = catch_unwind(AssertUnwindSafe(capture)).unwrap_or_else(|_| {
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
            description: String::new(),
            identity: None,
            frame_timeout: settings.frame_timeout,
        };
        let opened = camera.mailbox.opened(Instant::now() + settings.frame_timeout)?;
        camera.description = opened.description;
        camera.identity = Some(opened.identity);
        // The exposure settles while nobody asks for a frame yet.
        camera.mailbox.decode_ahead(settings.warm_up_frames);
        let exposure = Exposure::new(settings.warm_up_frames);
        let decoder = Decoder::new(opened.mode);
        let (mailbox, timeout) = (Arc::clone(&camera.mailbox), settings.frame_timeout);
        thread::Builder::new()
            .name("decoder".to_owned())
            .spawn(move || decode::run(&decoder, exposure, &mailbox, timeout))
            .map_err(|cause| CameraError::Failed { cause })?;
        Ok(camera)
    }
}

impl Camera for V4l2Camera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        self.mailbox.take(until, self.frame_timeout)
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    fn first_heard(&self) -> Option<Instant> {
        self.mailbox.first_heard()
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
    let selector = Selector::parse(&settings.device);
    let wanted = selector.clone().unwrap_or(Selector::Node(settings.device.clone()));
    let mut indices = probe::in_order(probe::candidates(&wanted));
    if let Some(index) = probe::index_of(&settings.device).filter(|index| !indices.contains(index))
    {
        indices.push(index);
    }
    let mut devices: Vec<_> =
        indices.into_iter().map(|index| probe::report(index, &wanted, settings)).collect();
    let is_missing = match selector {
        Some(Selector::Any) => false,
        Some(Selector::Usb { .. }) => !devices.iter().any(|device| device.usable),
        Some(Selector::Node(_)) | None => probe::index_of(&settings.device).is_none(),
    };
    if is_missing {
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
