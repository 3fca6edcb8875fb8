//! What a device node is.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use v4l::capability::Flags;

use super::{
    Settings, driver_defies,
    fault::of_errno,
    modes,
    modes::Mode,
    origin::{Nature, Origin},
    selector::Selector,
};
use crate::{CameraError, Device, Identity};

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

/// Why a node is not used.
enum Rejection {
    NoCapture,
    NoStreaming,
    Virtual,
    OriginUnknown,
    NotThisOne,
    Fault(CameraError),
}

impl Rejection {
    fn sentence(&self) -> String {
        match self {
            Self::NoCapture => "It captures no video; it carries metadata or output.".to_owned(),
            Self::NoStreaming => "It does not stream video; use another device.".to_owned(),
            Self::Virtual => {
                "A program makes its pictures; it is used only when camera.device names it.".to_owned()
            }
            Self::OriginUnknown => {
                "The system does not tell whether there is hardware behind it; it is used only when \
                 camera.device names it."
                    .to_owned()
            }
            Self::NotThisOne => "It could be used; camera.device names another one.".to_owned(),
            Self::Fault(error) => error.to_string(),
        }
    }

    fn into_error(self) -> CameraError {
        match self {
            Self::NoCapture | Self::NoStreaming => CameraError::Unsuitable,
            Self::Virtual | Self::OriginUnknown | Self::NotThisOne => CameraError::NotFound,
            Self::Fault(error) => error,
        }
    }
}

/// A node that captures video.
struct Node {
    device: v4l::Device,
    /// As its driver calls it.
    name: String,
    origin: Origin,
}

/// Opens a node, if it captures video.
fn open(index: u32) -> Result<Node, Rejection> {
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
    let origin = Origin::of(index, &capabilities.driver, &capabilities.bus);
    Ok(Node { device, name: capabilities.card, origin })
}

/// Whether the configuration may mean a node.
fn admit(index: u32, origin: &Origin, selector: &Selector) -> Result<(), Rejection> {
    match selector {
        Selector::Node(name) if index_of(name) == Some(index) => Ok(()),
        Selector::Usb { .. } if selector.admits(origin.usb.as_ref()) => Ok(()),
        Selector::Any => match origin.nature {
            Nature::Hardware => Ok(()),
            Nature::Virtual => Err(Rejection::Virtual),
            Nature::Unknown => Err(Rejection::OriginUnknown),
        },
        Selector::Node(_) | Selector::Usb { .. } => Err(Rejection::NotThisOne),
    }
}

/// Opens a node that the configuration may mean.
fn admitted(index: u32, selector: &Selector) -> Result<Node, Rejection> {
    let node = open(index)?;
    admit(index, &node.origin, selector)?;
    Ok(node)
}

/// A device that is set up.
pub(super) struct Found {
    pub(super) device: v4l::Device,
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) identity: Identity,
    pub(super) mode: Mode,
}

/// Sets up the device that the configuration means, the infra-red ones first.
pub(super) fn find(settings: &Settings) -> Result<Found, CameraError> {
    let selector = Selector::parse(&settings.device).ok_or(CameraError::NotFound)?;
    if let Selector::Node(name) = &selector {
        let index = index_of(name).ok_or(CameraError::NotFound)?;
        return set_up(index, &selector, settings).map_err(Rejection::into_error);
    }
    let mut refusal = CameraError::NotFound;
    for index in in_order(&selector) {
        match set_up(index, &selector, settings) {
            Ok(found) => return Ok(found),
            // A node that is no camera says nothing about the camera that is missing.
            Err(Rejection::Fault(error)) => {
                if matches!(refusal, CameraError::NotFound) {
                    refusal = error;
                }
            }
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// The numbers of all nodes, those of infra-red cameras that may be used first.
pub(super) fn in_order(selector: &Selector) -> Vec<u32> {
    let mut indices = indices();
    let is_infrared = |&index: &u32| {
        let answer = guard(|| Ok(modes::is_infrared(&admitted(index, selector)?.device)));
        matches!(answer, Ok(true))
    };
    indices.sort_by_cached_key(|index| (!is_infrared(index), *index));
    indices
}

fn set_up(index: u32, selector: &Selector, settings: &Settings) -> Result<Found, Rejection> {
    guard(|| {
        let Node { device, name, origin } = admitted(index, selector)?;
        let mode = modes::settle(&device, settings).map_err(Rejection::Fault)?;
        Ok(Found { device, index, name, identity: origin.identity, mode })
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
pub(super) fn report(index: u32, selector: &Selector, settings: &Settings) -> Device {
    let (mut name, mut identity) = (String::new(), None);
    let answer = guard(|| {
        let Node { device, name: card, origin } = open(index)?;
        name = card;
        identity = Some(origin.identity.clone());
        admit(index, &origin, selector)?;
        let offers =
            modes::offers(&device, settings).map_err(|cause| Rejection::Fault(of_errno(cause)))?;
        if offers.is_empty() {
            return Err(Rejection::Fault(CameraError::Unsuitable));
        }
        let kind = if modes::is_infrared(&device) { "infra-red" } else { "colour" };
        Ok(format!("{kind}, {}", modes::summary(&offers)))
    });
    let (usable, detail) = match answer {
        Ok(summary) => (true, summary),
        Err(rejection) => (false, rejection.sentence()),
    };
    let detail = match identity {
        Some(identity) => format!("{identity}: {detail}"),
        None => detail,
    };
    Device { id: path_of(index), name, usable, detail }
}
