//! V4L2 cameras of Linux, through the `v4l` crate.
//!
//! Each capture has its own thread (`capture`). It waits for frames in short slices (`stream`),
//! drops frames with contradictory metadata (`checks`) and passes the newest frame on (`mailbox`).
//! A second thread decodes it (`decode`) and skips frames that are not exposed or not lit
//! (`exposure`).
//!
//! A driver may block the capture thread in one of its calls. Such a thread is abandoned, and its
//! device stays claimed (`claim`) until the thread ends.

mod capture;
mod capture_clock;
mod checks;
mod claim;
mod controls;
mod cover;
mod decode;
mod exposure;
mod fault;
mod format_codes;
mod frame_defect;
mod mailbox;
mod modes;
mod origin;
mod privacy;
mod probe;
mod rotation_hint;
mod selector;
mod settings;
mod stream;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use self::{
    claim::DeviceClaim, cover::Cover, decode::Decoder, exposure::Exposure, mailbox::Mailbox,
    selector::Selector,
};
use crate::{Camera, CameraError, CameraId, DeviceInfo, Frame, Rotation};

pub use settings::V4l2Settings;

/// How long dropping a camera waits for its threads to stop the stream: several frames, even in the
/// dark, where cameras fall to 7 frames per second.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// A V4L2 device that captures.
pub struct V4l2Camera {
    mailbox: Arc<Mailbox>,
    claim: DeviceClaim,
    description: String,
    identity: Option<CameraId>,
    is_built_in: bool,
    is_infrared: bool,
    rotation_hint: Option<Rotation>,
    frame_timeout: Duration,
}

/// Whether the text is a valid `camera.device`: the name of a device, or empty for any.
#[must_use]
pub fn is_selector(text: &str) -> bool {
    Selector::parse(text).is_some()
}

impl V4l2Camera {
    /// Opens the device and starts the stream. If the settings admit several cameras, those of
    /// `expected` come first.
    ///
    /// # Errors
    /// [`NotFound`](CameraError::NotFound), [`Busy`](CameraError::Busy),
    /// [`Denied`](CameraError::Denied), [`Unsuitable`](CameraError::Unsuitable),
    /// [`Failed`](CameraError::Failed), and [`Silent`](CameraError::Silent) when the device does
    /// not answer within the frame timeout or still holds an earlier capture of this process.
    pub fn open(settings: &V4l2Settings, expected: &[CameraId]) -> Result<Self, CameraError> {
        let claim = DeviceClaim::take(&settings.device)?;
        let mailbox = Arc::new(Mailbox::new(Instant::now()));
        let worker = (Arc::clone(&mailbox), claim.hold(), settings.clone(), expected.to_vec());
        thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || {
                let (mailbox, hold, settings, expected) = worker;
                let capture = || capture::run(&settings, &expected, &mailbox);
                let end = catch_unwind(AssertUnwindSafe(capture)).unwrap_or_else(|_| {
                    Err(fault::invalid_answer("the camera driver gave an invalid answer"))
                });
                drop(hold);
                mailbox.end(end.err());
            })
            .map_err(|cause| CameraError::Failed { cause })?;
        // From here on dropping the camera stops the thread.
        let mut camera = Self {
            mailbox,
            claim,
            description: String::new(),
            identity: None,
            is_built_in: false,
            is_infrared: false,
            rotation_hint: None,
            frame_timeout: settings.frame_timeout,
        };
        let opened = camera.mailbox.opened(Instant::now() + settings.frame_timeout)?;
        camera.description = opened.description;
        camera.identity = Some(opened.identity);
        camera.is_built_in = opened.is_built_in;
        camera.is_infrared = opened.is_infrared;
        camera.rotation_hint = opened.rotation_hint;
        // The exposure settles before the first frame is asked for.
        camera.mailbox.decode_ahead(settings.warm_up_frames);
        let exposure = Exposure::new(settings.warm_up_frames);
        let cover = Cover::new(opened.is_covered);
        let decoder = Decoder::new(opened.mode);
        let (mailbox, timeout) = (Arc::clone(&camera.mailbox), settings.frame_timeout);
        thread::Builder::new()
            .name("decoder".to_owned())
            .spawn(move || decode::run(&decoder, exposure, cover, &mailbox, timeout))
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

    fn identity(&self) -> Option<&CameraId> {
        self.identity.as_ref()
    }

    fn is_built_in(&self) -> bool {
        self.is_built_in
    }

    fn is_infrared(&self) -> bool {
        self.is_infrared
    }

    fn awaits_first_frame(&self) -> bool {
        self.mailbox.awaits_first_frame()
    }

    fn first_frame_at(&self) -> Option<Instant> {
        self.mailbox.first_frame_at()
    }

    fn rotation_hint(&self) -> Option<Rotation> {
        self.rotation_hint
    }
}

impl Drop for V4l2Camera {
    fn drop(&mut self) {
        if !self.mailbox.stop(Instant::now() + STOP_PATIENCE) {
            self.claim.abandon();
        }
    }
}

/// Whether the camera that these settings choose is an infra-red one; `None` if there is no such
/// camera now.
pub(crate) fn is_infrared(settings: &V4l2Settings) -> Option<bool> {
    probe::is_infrared(&Selector::parse(&settings.device)?)
}

/// Every `/dev/videoN` and the configured device, with its formats or the reason why it is not
/// used.
pub(crate) fn list_devices(settings: &V4l2Settings) -> Vec<DeviceInfo> {
    let selector = Selector::parse(&settings.device);
    let wanted = selector.clone().unwrap_or(Selector::Node(settings.device.clone()));
    let mut indices = probe::in_order(probe::candidates(&wanted));
    if let Some(index) = probe::index_of(&settings.device).filter(|index| !indices.contains(index))
    {
        indices.push(index);
    }
    let mut devices: Vec<_> =
        indices.into_iter().map(|index| probe::describe(index, &wanted, settings)).collect();
    let is_missing = match selector {
        Some(Selector::Any) => false,
        Some(Selector::Usb { .. }) => !devices.iter().any(|device| device.usable),
        Some(Selector::Node(_)) | None => probe::index_of(&settings.device).is_none(),
    };
    if is_missing {
        devices.push(DeviceInfo {
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
