//! Probing of device nodes.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use v4l::capability::Flags;

use super::{
    fault::{from_errno, invalid_answer},
    format_codes,
    modes::{self, Mode, ModeOffers, OfferedMode},
    origin::{DeviceKind, Origin},
    selector::Selector,
    settings::V4l2Settings,
};
use crate::{BridgedPictures, CameraError, CameraId, DeviceInfo};

/// The driver of USB cameras. They process the pictures of their sensors themselves, and a few
/// offer raw pictures besides.
const USB_DRIVER: &str = "uvcvideo";

/// Path of the node with this number.
pub(super) fn path_of(index: u32) -> String {
    format!("/dev/video{index}")
}

/// The number in `/dev/videoN` or in the target of a link. `None` for any other path.
pub(super) fn index_of(device: &str) -> Option<u32> {
    let number = |path: &str| path.strip_prefix("/dev/video")?.parse().ok();
    number(device).or_else(|| number(fs::canonicalize(Path::new(device)).ok()?.to_str()?))
}

/// The numbers of all `/dev/videoN`, in rising order.
pub(super) fn indices() -> Vec<u32> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut indices: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("video")?.parse().ok())
        .collect();
    indices.sort_unstable();
    indices
}

/// Why a node is not used.
enum NodeRejection {
    NoCapture,
    NoStreaming,
    Virtual,
    OriginUnknown,
    NotThisOne,
    Fault(CameraError),
}

impl NodeRejection {
    fn needs_bridge(kind: BridgedPictures) -> Self {
        Self::Fault(CameraError::NeedsBridge { kind })
    }

    fn sentence(&self) -> String {
        match self {
            Self::NoCapture => "It captures no video; it is for metadata or output.".to_owned(),
            Self::NoStreaming => "It does not stream video; use another device.".to_owned(),
            Self::Virtual => {
                "Its pictures come from a program; it is used only if camera.device names it."
                    .to_owned()
            }
            Self::OriginUnknown => {
                "It may be virtual, the system does not tell; it is used only if camera.device \
                 names it."
                    .to_owned()
            }
            Self::NotThisOne => "It is usable, but camera.device names another one.".to_owned(),
            Self::Fault(error) => error.to_string(),
        }
    }

    fn into_error(self) -> CameraError {
        match self {
            Self::NoCapture => CameraError::NoCapture,
            Self::NoStreaming => CameraError::Unsuitable,
            Self::Virtual | Self::OriginUnknown | Self::NotThisOne => CameraError::NotFound,
            Self::Fault(error) => error,
        }
    }
}

/// A node that captures video.
struct Node {
    device: v4l::Device,
    /// Name given by the driver.
    name: String,
    origin: Origin,
    /// Codes of the formats that it lists.
    codes: Vec<[u8; 4]>,
    /// Whether it is the receiver of a sensor. It lists formats that its sensor may not give, and
    /// needs to be set up by a program that knows the sensor.
    is_receiver: bool,
}

/// Opens a node that captures video.
fn open(index: u32) -> Result<Node, NodeRejection> {
    let unreadable = |cause| NodeRejection::Fault(from_errno(cause));
    let device = v4l::Device::with_path(path_of(index)).map_err(unreadable)?;
    let capabilities = device.query_caps().map_err(unreadable)?;
    let flags = capabilities.capabilities;
    if !flags.contains(Flags::VIDEO_CAPTURE) {
        let is_codec = flags.intersects(Flags::VIDEO_OUTPUT_MPLANE | Flags::VIDEO_M2M_MPLANE);
        if flags.contains(Flags::VIDEO_CAPTURE_MPLANE) && !is_codec {
            return Err(NodeRejection::needs_bridge(BridgedPictures::MultiPlanar));
        }
        return Err(NodeRejection::NoCapture);
    }
    if !flags.contains(Flags::STREAMING) {
        return Err(NodeRejection::NoStreaming);
    }
    let codes = modes::list_codes(&device).map_err(unreadable)?;
    let origin = Origin::of(index, &capabilities.driver, &capabilities.bus);
    let is_receiver = format_codes::have_raw(&codes) && capabilities.driver != USB_DRIVER;
    Ok(Node { device, name: capabilities.card, origin, codes, is_receiver })
}

/// The modes of a node that can be decoded, if there are any.
fn decodable(
    node: &Node,
    selector: &Selector,
    settings: &V4l2Settings,
) -> Result<Vec<OfferedMode>, NodeRejection> {
    let offers = modes::list_modes(&node.device, settings)
        .map_err(|cause| NodeRejection::Fault(from_errno(cause)))?;
    let is_named = !matches!(selector, Selector::Any);
    if (offers.is_empty() && format_codes::have_raw(&node.codes)) || (node.is_receiver && !is_named)
    {
        return Err(NodeRejection::needs_bridge(BridgedPictures::Raw));
    }
    if offers.is_empty() {
        let offered = modes::decodable_codes(&node.codes);
        return Err(NodeRejection::Fault(if offered.is_empty() {
            CameraError::Unsuitable
        } else {
            CameraError::FormatMissing { offered }
        }));
    }
    Ok(offers)
}

/// Checks that the configuration admits a node.
fn admit(index: u32, origin: &Origin, selector: &Selector) -> Result<(), NodeRejection> {
    match selector {
        Selector::Node(name) if index_of(name) == Some(index) => Ok(()),
        Selector::Usb { .. } if selector.admits(origin.usb.as_ref()) => Ok(()),
        Selector::Any => match origin.kind {
            DeviceKind::Hardware => Ok(()),
            DeviceKind::Virtual => Err(NodeRejection::Virtual),
            DeviceKind::Unknown => Err(NodeRejection::OriginUnknown),
        },
        Selector::Node(_) | Selector::Usb { .. } => Err(NodeRejection::NotThisOne),
    }
}

/// Opens a node that the configuration admits.
fn admitted(index: u32, selector: &Selector) -> Result<Node, NodeRejection> {
    let node = open(index)?;
    admit(index, &node.origin, selector)?;
    Ok(node)
}

/// A device in its negotiated mode.
pub(super) struct ConfiguredDevice {
    pub(super) device: v4l::Device,
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) identity: CameraId,
    pub(super) is_built_in: bool,
    pub(super) is_infrared: bool,
    pub(super) mode: Mode,
    /// Modes to try if the stream cannot be started in `mode`.
    pub(super) offers: ModeOffers,
}

/// Sets up the configured device. If the configuration admits several, those of `expected` come
/// first, and among them, or else among all, infra-red cameras.
pub(super) fn find(
    settings: &V4l2Settings,
    expected: &[CameraId],
) -> Result<ConfiguredDevice, CameraError> {
    let selector = Selector::parse(&settings.device).ok_or(CameraError::NotFound)?;
    if let Selector::Node(name) = &selector {
        let index = index_of(name).ok_or(CameraError::NotFound)?;
        return set_up(index, &selector, settings).map_err(NodeRejection::into_error);
    }
    let mut refusal = CameraError::NotFound;
    for index in to_try(candidates(&selector), expected) {
        match set_up(index, &selector, settings) {
            Ok(found) => return Ok(found),
            // Only the fault of a camera is reported; other nodes do not explain a missing camera.
            Err(NodeRejection::Fault(error)) => {
                if matches!(refusal, CameraError::NotFound) {
                    refusal = error;
                }
            }
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// A node with the properties by which nodes are sorted.
pub(super) struct Candidate {
    index: u32,
    /// `None` when it is no camera or the configuration does not admit it.
    usable: Option<UsableCamera>,
}

/// A camera that the configuration admits.
struct UsableCamera {
    identity: CameraId,
    infrared: bool,
}

/// All nodes, by rising numbers.
pub(super) fn candidates(selector: &Selector) -> Vec<Candidate> {
    let known = |index| {
        guard(|| {
            let Node { origin, codes, .. } = admitted(index, selector)?;
            let infrared = format_codes::are_grey(&codes);
            Ok(UsableCamera { identity: origin.identity, infrared })
        })
    };
    let candidate = |index| Candidate { index, usable: known(index).ok() };
    indices().into_iter().map(candidate).collect()
}

/// Whether an infra-red camera is among those that the configuration admits; `None` if it admits no
/// camera that is there. Without an expected camera, the infra-red one is opened then.
pub(super) fn is_infrared(selector: &Selector) -> Option<bool> {
    let usable = candidates(selector).into_iter().filter_map(|node| node.usable);
    usable.map(|known| known.infrared).max()
}

/// The numbers of nodes, usable infra-red cameras first.
pub(super) fn in_order(mut candidates: Vec<Candidate>) -> Vec<u32> {
    let is_infrared = |node: &Candidate| node.usable.as_ref().is_some_and(|known| known.infrared);
    candidates.sort_by_key(|node| !is_infrared(node));
    candidates.into_iter().map(|node| node.index).collect()
}

/// The numbers of the nodes to try, in order: only expected cameras if one is present, otherwise
/// all. The fault of an expected camera is thus reported, and no other camera opened instead.
fn to_try(candidates: Vec<Candidate>, expected: &[CameraId]) -> Vec<u32> {
    let is_expected = |node: &Candidate| {
        node.usable.as_ref().is_some_and(|known| expected.contains(&known.identity))
    };
    let (present, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_expected);
    in_order(if present.is_empty() { others } else { present })
}

fn set_up(
    index: u32,
    selector: &Selector,
    settings: &V4l2Settings,
) -> Result<ConfiguredDevice, NodeRejection> {
    guard(|| {
        let node = admitted(index, selector)?;
        let mut offers = ModeOffers::new(decodable(&node, selector, settings)?, settings);
        let Node { device, name, origin, codes, .. } = node;
        let mode = offers.negotiate_next(&device).map_err(NodeRejection::Fault)?;
        let Origin { identity, is_built_in, .. } = origin;
        let is_infrared = format_codes::are_grey(&codes);
        Ok(ConfiguredDevice {
            device,
            index,
            name,
            identity,
            is_built_in,
            is_infrared,
            mode,
            offers,
        })
    })
}

/// Runs a query of a driver. The `v4l` crate panics on names that are not UTF-8 and on unknown
/// colour spaces.
fn guard<T>(query: impl FnOnce() -> Result<T, NodeRejection>) -> Result<T, NodeRejection> {
    catch_unwind(AssertUnwindSafe(query)).unwrap_or_else(|_| {
        Err(NodeRejection::Fault(invalid_answer("the camera driver gave an invalid answer")))
    })
}

/// A node as it is listed.
pub(super) fn describe(index: u32, selector: &Selector, settings: &V4l2Settings) -> DeviceInfo {
    let (mut name, mut identity) = (String::new(), None);
    let answer = guard(|| {
        let node = open(index)?;
        name.clone_from(&node.name);
        identity = Some(node.origin.identity.clone());
        admit(index, &node.origin, selector)?;
        let offers = decodable(&node, selector, settings)?;
        let kind = if format_codes::are_grey(&node.codes) { "infra-red" } else { "colour" };
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
    DeviceInfo { id: path_of(index), name, usable, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> CameraId {
        CameraId::parse(text).unwrap()
    }

    fn camera(index: u32, text: &str, infrared: bool) -> Candidate {
        Candidate { index, usable: Some(UsableCamera { identity: identity(text), infrared }) }
    }

    /// Two cameras of one built-in module, a node that is not usable, and an infra-red camera that
    /// was plugged in.
    fn nodes() -> Vec<Candidate> {
        vec![
            camera(0, "uvcvideo usb-1 00", false),
            Candidate { index: 1, usable: None },
            camera(2, "uvcvideo usb-1 02", false),
            camera(3, "uvcvideo usb-7", true),
        ]
    }

    #[test]
    fn without_expected_cameras_infrared_ones_come_first() {
        assert_eq!(in_order(nodes()), [3, 0, 1, 2]);
        assert_eq!(to_try(nodes(), &[]), [3, 0, 1, 2]);
    }

    #[test]
    fn a_present_expected_camera_is_the_only_one_to_try() {
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
    fn if_no_expected_camera_is_present_the_usual_order_holds() {
        assert_eq!(to_try(nodes(), &[identity("uvcvideo usb-3")]), [3, 0, 1, 2]);
    }
}
