//! What a device node is.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use v4l::capability::Flags;

use super::{Settings, driver_defies, fault::of_errno, modes, modes::Mode};
use crate::{CameraError, Device};

/// Path of the node with this number.
pub(super) fn path_of(index: u32) -> String {
    format!("/dev/video{index}")
}

/// The number in `/dev/videoN`, or in the node that a link leads to. `None` when it leads
/// elsewhere.
pub(super) fn index_of(device: &str) -> Option<u32> {
    let number = |path: &str| path.strip_prefix("/dev/video")?.parse().ok();
    number(device).or_else(|| number(fs::canonicalize(Path::new(device)).ok()?.to_str()?))
}

/// The numbers of all `/dev/videoN`, rising.
pub(super) fn indices() -> Vec<u32> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut indices: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("video")?.parse().ok())
        .collect();
    indices.sort_unstable();
    indices
}

/// Why a node is no camera.
enum Rejection {
    NoCapture,
    NoStreaming,
    Fault(CameraError),
}

impl Rejection {
    fn sentence(&self) -> String {
        match self {
            Self::NoCapture => "It captures no video; it carries metadata or output.".to_owned(),
            Self::NoStreaming => "It does not stream video; use another device.".to_owned(),
            Self::Fault(error) => error.to_string(),
        }
    }

    fn into_error(self) -> CameraError {
        match self {
            Self::NoCapture | Self::NoStreaming => CameraError::Unsuitable,
            Self::Fault(error) => error,
        }
    }
}

/// Opens a node and gives it with the name that its driver reports, if it captures video.
fn open(index: u32) -> Result<(v4l::Device, String), Rejection> {
    let unreadable = |cause| Rejection::Fault(of_errno(cause));
    let device = v4l::Device::with_path(path_of(index)).map_err(unreadable)?;
    let capabilities = device.query_caps().map_err(unreadable)?;
    let flags = capabilities.capabilities;
    if !flags.contains(Flags::VIDEO_CAPTURE) {
        return Err(Rejection::NoCapture);
    }
    if !flags.contains(Flags::STREAMING) {
        return Err(Rejection::NoStreaming);
    }
    Ok((device, capabilities.card))
}

/// A device that is set up.
pub(super) struct Found {
    pub(super) device: v4l::Device,
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) mode: Mode,
}

/// Sets up the configured device, or the first usable one.
pub(super) fn find(settings: &Settings) -> Result<Found, CameraError> {
    if !settings.device.is_empty() {
        let index = index_of(&settings.device).ok_or(CameraError::NotFound)?;
        return set_up(index, settings).map_err(Rejection::into_error);
    }
    let mut refusal = CameraError::NotFound;
    for index in indices() {
        match set_up(index, settings) {
            Ok(found) => return Ok(found),
            // A node that is no camera says nothing about the camera that is missing.
            Err(Rejection::NoCapture | Rejection::NoStreaming) => {}
            Err(Rejection::Fault(error)) => {
                if matches!(refusal, CameraError::NotFound) {
                    refusal = error;
                }
            }
        }
    }
    Err(refusal)
}

fn set_up(index: u32, settings: &Settings) -> Result<Found, Rejection> {
    guard(|| {
        let (device, name) = open(index)?;
        let mode = modes::settle(&device, settings).map_err(Rejection::Fault)?;
        Ok(Found { device, index, name, mode })
    })
}

/// Runs a question to a driver: the `v4l` crate panics on names that are not UTF-8 and on colour
/// spaces it does not know.
fn guard<T>(question: impl FnOnce() -> Result<T, Rejection>) -> Result<T, Rejection> {
    catch_unwind(AssertUnwindSafe(question)).unwrap_or_else(|_| {
        Err(Rejection::Fault(driver_defies("the camera driver gave an invalid answer")))
    })
}

/// A node as the survey tells it.
pub(super) fn report(index: u32, settings: &Settings) -> Device {
    let mut name = String::new();
    let answer = guard(|| {
        let (device, card) = open(index)?;
        name = card;
        modes::offers(&device, settings).map_err(|cause| Rejection::Fault(of_errno(cause)))
    });
    let (usable, detail) = match answer {
        Ok(offers) if offers.is_empty() => (false, CameraError::Unsuitable.to_string()),
        Ok(offers) => (true, modes::summary(&offers)),
        Err(rejection) => (false, rejection.sentence()),
    };
    Device { id: path_of(index), name, usable, detail }
}
