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

/// Sets up the device that the configuration means: where it may mean several, one of the `expected`,
/// or else the infra-red ones first.
pub(super) fn find(settings: &Settings, expected: &[Identity]) -> Result<Found, CameraError> {
    let selector = Selector::parse(&settings.device).ok_or(CameraError::NotFound)?;
    if let Selector::Node(name) = &selector {
        let index = index_of(name).ok_or(CameraError::NotFound)?;
        return set_up(index, &selector, settings).map_err(Rejection::into_error);
    }
    let mut refusal = CameraError::NotFound;
    for index in to_try(candidates(&selector), expected) {
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

/// What decides on the place of a node among the others.
pub(super) struct Candidate {
    index: u32,
    /// `None` when the configuration does not mean it, or it is no camera.
    usable: Option<Known>,
}

/// What is known about a camera that may be used.
struct Known {
    identity: Identity,
    infrared: bool,
}

/// All nodes, by rising numbers.
pub(super) fn candidates(selector: &Selector) -> Vec<Candidate> {
    let known = |index| {
        guard(|| {
            let Node { device, origin, .. } = admitted(index, selector)?;
            Ok(Known { identity: origin.identity, infrared: modes::is_infrared(&device) })
        })
    };
    let candidate = |index| Candidate { index, usable: known(index).ok() };
    indices().into_iter().map(candidate).collect()
}

/// The numbers of nodes, those of infra-red cameras that may be used first.
pub(super) fn in_order(mut candidates: Vec<Candidate>) -> Vec<u32> {
    let is_infrared = |node: &Candidate| node.usable.as_ref().is_some_and(|known| known.infrared);
    candidates.sort_by_key(|node| !is_infrared(node));
    candidates.into_iter().map(|node| node.index).collect()
}

/// The numbers of the nodes that are tried, in this order: the expected cameras alone when one of them
/// is there, so that its fault is told and not that another one was opened; or else all.
fn to_try(candidates: Vec<Candidate>, expected: &[Identity]) -> Vec<u32> {
    let is_expected = |node: &Candidate| {
        node.usable.as_ref().is_some_and(|known| expected.contains(&known.identity))
    };
    let (present, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_expected);
    in_order(if present.is_empty() { others } else { present })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> Identity {
        Identity::parse(text).unwrap()
    }

    fn camera(index: u32, text: &str, infrared: bool) -> Candidate {
        Candidate { index, usable: Some(Known { identity: identity(text), infrared }) }
    }

    /// A built-in camera, a node that is none or may not be used, and one of grey pictures that
    /// somebody plugged in.
    fn nodes() -> Vec<Candidate> {
        vec![
            camera(0, "uvcvideo usb-1 00", false),
            Candidate { index: 1, usable: None },
            camera(2, "uvcvideo usb-1 02", false),
            camera(3, "uvcvideo usb-7", true),
        ]
    }

    #[test]
    fn infrared_cameras_come_first_where_none_is_expected() {
        assert_eq!(in_order(nodes()), [3, 0, 1, 2]);
        assert_eq!(to_try(nodes(), &[]), [3, 0, 1, 2]);
    }

    #[test]
    fn an_expected_camera_is_tried_alone_whatever_was_plugged_in() {
        let built_in = identity("uvcvideo usb-1 00");
        assert_eq!(to_try(nodes(), std::slice::from_ref(&built_in)), [0]);
        let unplugged = identity("uvcvideo usb-3");
        assert_eq!(to_try(nodes(), &[unplugged, built_in]), [0]);
    }

    #[test]
    fn of_several_expected_cameras_the_infrared_one_comes_first() {
        let both = [identity("uvcvideo usb-1 02"), identity("uvcvideo usb-7")];
        assert_eq!(to_try(nodes(), &both), [3, 2]);
    }

    #[test]
    fn without_an_expected_camera_the_usual_order_holds() {
        assert_eq!(to_try(nodes(), &[identity("uvcvideo usb-3")]), [3, 0, 1, 2]);
    }
}
