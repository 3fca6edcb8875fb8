//! The origin of a device, as its driver and sysfs report it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::CameraId;

/// Drivers of devices whose pictures come from a program.
const VIRTUAL_DRIVERS: &[&str] = &["v4l2 loopback", "vivid", "vimc", "akvcam"];
/// Components of a sysfs path below which devices have no hardware: virtual kernel devices, test
/// host controllers, and USB over a network.
const WITHOUT_HARDWARE: &[&str] = &["virtual", "dummy_hcd", "vhci_hcd", "vivid", "vimc"];
/// Longest accepted attribute in bytes.
const ATTRIBUTE_MAX: usize = 128;

/// The ids of a USB device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UsbIds {
    /// Four hexadecimal digits.
    pub(super) vendor: String,
    /// Four hexadecimal digits.
    pub(super) product: String,
    /// Empty when the device has none.
    pub(super) serial: String,
    /// Number of the interface. It alone tells the colour from the infra-red camera of one module.
    pub(super) interface: String,
}

/// Whether there is hardware behind a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceKind {
    /// There is hardware.
    Hardware,
    /// Its pictures come from a program.
    Virtual,
    /// sysfs does not tell.
    Unknown,
}

/// The origin of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) identity: CameraId,
    pub(super) kind: DeviceKind,
    pub(super) usb: Option<UsbIds>,
    /// Whether the device is part of the machine: a USB device at a port that the firmware calls
    /// fixed, or hardware on another bus.
    pub(super) is_built_in: bool,
}

impl Origin {
    /// The origin of node `number`, whose driver reports its own name and the place on the bus.
    pub(super) fn of(number: u32, driver: &str, bus: &str) -> Self {
        Self::below(Path::new("/sys"), number, driver, bus)
    }

    fn below(sys: &Path, number: u32, driver: &str, bus: &str) -> Self {
        let place = place(sys, number);
        let kind = match &place {
            _ if VIRTUAL_DRIVERS.contains(&driver) => DeviceKind::Virtual,
            Some(place) if is_without_hardware(place) => DeviceKind::Virtual,
            Some(_) => DeviceKind::Hardware,
            None => DeviceKind::Unknown,
        };
        let usb = place.as_deref().and_then(usb);
        let identity = match &usb {
            Some(UsbIds { vendor, product, serial, interface }) => {
                let ids = format!("{vendor}:{product}");
                CameraId::of(&[driver, bus, &ids, interface, serial])
            }
            None => CameraId::of(&[driver, bus]),
        };
        let is_built_in = match (kind, &place, &usb) {
            (DeviceKind::Hardware, Some(place), Some(_)) => is_fixed(place),
            (DeviceKind::Hardware, Some(_), None) => true,
            _ => false,
        };
        Self { identity, kind, usb, is_built_in }
    }
}

/// The sysfs path of a device below `devices`. `None` when sysfs does not list it.
fn place(sys: &Path, number: u32) -> Option<PathBuf> {
    let place = fs::canonicalize(sys.join(format!("class/video4linux/video{number}"))).ok()?;
    // A link that leads out of sysfs is not followed.
    place.starts_with(fs::canonicalize(sys.join("devices")).ok()?).then_some(place)
}

fn is_without_hardware(place: &Path) -> bool {
    let components = place.components().filter_map(|part| part.as_os_str().to_str());
    // The name of a platform device may end with a number.
    let names = components.map(|part| part.split('.').next().unwrap_or(part));
    names.into_iter().any(|name| WITHOUT_HARDWARE.contains(&name))
}

/// The ids of the closest USB device above a sysfs path.
fn usb(place: &Path) -> Option<UsbIds> {
    place.ancestors().find_map(|above| {
        let hexadecimal = |name| {
            attribute(above, name)
                .filter(|id| id.len() == 4 && id.bytes().all(|digit| digit.is_ascii_hexdigit()))
        };
        Some(UsbIds {
            vendor: hexadecimal("idVendor")?,
            product: hexadecimal("idProduct")?,
            serial: attribute(above, "serial").unwrap_or_default(),
            interface: place
                .ancestors()
                .find_map(|inside| attribute(inside, "bInterfaceNumber"))
                .unwrap_or_default(),
        })
    })
}

/// Whether the firmware says that the closest USB device above a sysfs path cannot be unplugged.
fn is_fixed(place: &Path) -> bool {
    let device = place.ancestors().find(|above| attribute(above, "idVendor").is_some());
    device.and_then(|device| attribute(device, "removable")).is_some_and(|text| text == "fixed")
}

/// The text of a sysfs attribute. `None` when it is missing or too long.
fn attribute(directory: &Path, name: &str) -> Option<String> {
    let mut text = fs::read_to_string(directory.join(name)).ok()?;
    text.truncate(text.trim_end().len());
    (text.len() <= ATTRIBUTE_MAX).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    const WEBCAM: &str = "pci0000:00/0000:00:14.0/usb1/1-5";

    /// A sysfs with one device below `place` that has these attributes.
    fn sysfs(place: &str, attributes: &[(&str, &str)]) -> TempDir {
        let sys = TempDir::new().unwrap();
        let device = sys.path().join("devices").join(place);
        let node = device.join("1-5:1.0/video4linux/video3");
        fs::create_dir_all(&node).unwrap();
        fs::write(device.join("1-5:1.0/bInterfaceNumber"), "00\n").unwrap();
        for (name, value) in attributes {
            fs::write(device.join(name), format!("{value}\n")).unwrap();
        }
        let class = sys.path().join("class/video4linux");
        fs::create_dir_all(&class).unwrap();
        symlink(&node, class.join("video3")).unwrap();
        sys
    }

    fn origin(sys: &TempDir, driver: &str) -> Origin {
        Origin::below(sys.path(), 3, driver, "usb-0000:00:14.0-5")
    }

    #[test]
    fn devices_without_hardware_are_virtual() {
        for place in [
            "virtual",
            "platform/vivid.0",
            "platform/dummy_hcd.0/usb1/1-5",
            "platform/vhci_hcd.0/usb3/3-1",
        ] {
            let ids = [("idVendor", "046d"), ("idProduct", "0825")];
            assert_eq!(
                origin(&sysfs(place, &ids), "uvcvideo").kind,
                DeviceKind::Virtual,
                "{place}"
            );
        }
        for driver in VIRTUAL_DRIVERS {
            assert_eq!(origin(&sysfs(WEBCAM, &[]), driver).kind, DeviceKind::Virtual, "{driver}");
        }
    }

    #[test]
    fn a_device_that_sysfs_does_not_list_is_unknown() {
        let sys = sysfs(WEBCAM, &[]);
        assert_eq!(Origin::below(sys.path(), 4, "uvcvideo", "usb-1").kind, DeviceKind::Unknown);
        // A link out of sysfs.
        symlink("/", sys.path().join("class/video4linux/video5")).unwrap();
        assert_eq!(Origin::below(sys.path(), 5, "uvcvideo", "usb-1").kind, DeviceKind::Unknown);
    }

    #[test]
    fn a_webcam_is_identified_by_driver_place_ids_and_serial() {
        let ids = [("idVendor", "046d"), ("idProduct", "0825"), ("serial", "A1 B2")];
        let origin = origin(&sysfs(WEBCAM, &ids), "uvcvideo");
        assert_eq!(origin.kind, DeviceKind::Hardware);
        assert_eq!(origin.identity.as_str(), "uvcvideo usb-0000:00:14.0-5 046d:0825 00 A1_B2");
        let usb = origin.usb.unwrap();
        assert_eq!((usb.vendor, usb.product), ("046d".to_owned(), "0825".to_owned()));
        assert_eq!(usb.serial, "A1 B2");
    }

    #[test]
    fn a_camera_at_a_fixed_port_or_on_another_bus_is_built_in() {
        let ids = [("idVendor", "046d"), ("idProduct", "0825")];
        for (removable, expected) in [("fixed", true), ("removable", false), ("unknown", false)] {
            let attributes = [ids[0], ids[1], ("removable", removable)];
            assert_eq!(origin(&sysfs(WEBCAM, &attributes), "uvcvideo").is_built_in, expected);
        }
        assert!(!origin(&sysfs(WEBCAM, &ids), "uvcvideo").is_built_in);
        assert!(origin(&sysfs("pci0000:00/0000:00:05.0", &[]), "isys").is_built_in);
        assert!(!origin(&sysfs("virtual", &[]), "isys").is_built_in);
        assert!(!origin(&sysfs(WEBCAM, &[]), "v4l2 loopback").is_built_in);
    }

    #[test]
    fn malformed_ids_are_ignored() {
        for ids in [
            [("idVendor", "46d"), ("idProduct", "0825")],
            [("idVendor", "046d"), ("idProduct", "zzzz")],
            [("idVendor", "046d"), ("serial", "0825")],
        ] {
            assert_eq!(origin(&sysfs(WEBCAM, &ids), "uvcvideo").usb, None, "{ids:?}");
        }
        let built_in = sysfs("platform/soc/camera", &[]);
        let origin = Origin::below(built_in.path(), 3, "rkisp1", "platform:rkisp1");
        assert_eq!((origin.identity.as_str(), origin.usb), ("rkisp1 platform:rkisp1", None));
    }
}
