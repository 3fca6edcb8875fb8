//! Where a device comes from, as its driver and sysfs tell it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Identity;

/// Drivers whose pictures come from a program.
const OF_PROGRAMS: &[&str] = &["v4l2 loopback", "vivid", "vimc", "akvcam"];
/// Parts of a sysfs path below which devices are made by a program: kernel devices without hardware,
/// the test host controllers, and USB over a network.
const WITHOUT_HARDWARE: &[&str] = &["virtual", "dummy_hcd", "vhci_hcd", "vivid", "vimc"];
/// Longest text of an attribute that is read.
const ATTRIBUTE_MAX: usize = 128;

/// The ids of a USB device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usb {
    /// Four hexadecimal digits.
    pub(super) vendor: String,
    /// Four hexadecimal digits.
    pub(super) product: String,
    /// Empty when the device has none.
    pub(super) serial: String,
    /// Number of the interface: the colour and the infra-red camera of one module differ in it alone.
    pub(super) interface: String,
}

/// Whether there is hardware behind a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// There is.
    Hardware,
    /// A program makes its pictures.
    Virtual,
    /// sysfs does not tell: it may be either.
    Unknown,
}

/// What is known about one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) identity: Identity,
    pub(super) nature: Nature,
    pub(super) usb: Option<Usb>,
}

impl Origin {
    /// Looks up node `number`, of which the driver says its own name and the place on its bus.
    pub(super) fn of(number: u32, driver: &str, bus: &str) -> Self {
        Self::below(Path::new("/sys"), number, driver, bus)
    }

    fn below(sys: &Path, number: u32, driver: &str, bus: &str) -> Self {
        let place = place(sys, number);
        let nature = match &place {
            _ if OF_PROGRAMS.contains(&driver) => Nature::Virtual,
            Some(place) if is_without_hardware(place) => Nature::Virtual,
            Some(_) => Nature::Hardware,
            None => Nature::Unknown,
        };
        let usb = place.as_deref().and_then(usb);
        let identity = match &usb {
            Some(Usb { vendor, product, serial, interface }) => {
                let ids = format!("{vendor}:{product}");
                Identity::of(&[driver, bus, &ids, interface, serial])
            }
            None => Identity::of(&[driver, bus]),
        };
        Self { identity, nature, usb }
    }
}

/// Components of the path of a device below `devices`, the device itself last.
fn place(sys: &Path, number: u32) -> Option<PathBuf> {
    let place = fs::canonicalize(sys.join(format!("class/video4linux/video{number}"))).ok()?;
    // Anything else would be a link that leads out of sysfs.
    place.starts_with(fs::canonicalize(sys.join("devices")).ok()?).then_some(place)
}

fn is_without_hardware(place: &Path) -> bool {
    let components = place.components().filter_map(|part| part.as_os_str().to_str());
    // A number may follow the name of a platform device.
    let names = components.map(|part| part.split('.').next().unwrap_or(part));
    names.into_iter().any(|name| WITHOUT_HARDWARE.contains(&name))
}

/// The ids of the closest USB device above a place.
fn usb(place: &Path) -> Option<Usb> {
    place.ancestors().find_map(|above| {
        let hexadecimal = |name| {
            attribute(above, name)
                .filter(|id| id.len() == 4 && id.bytes().all(|digit| digit.is_ascii_hexdigit()))
        };
        Some(Usb {
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

/// The text of a sysfs attribute. `None` when there is none that could be one.
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

    /// A sysfs with one device below `place`, with these attributes beside `video4linux`' parent.
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
            assert_eq!(origin(&sysfs(place, &ids), "uvcvideo").nature, Nature::Virtual, "{place}");
        }
        for driver in OF_PROGRAMS {
            assert_eq!(origin(&sysfs(WEBCAM, &[]), driver).nature, Nature::Virtual, "{driver}");
        }
    }

    #[test]
    fn what_sysfs_does_not_tell_is_unknown() {
        let sys = sysfs(WEBCAM, &[]);
        assert_eq!(Origin::below(sys.path(), 4, "uvcvideo", "usb-1").nature, Nature::Unknown);
        // A link out of sysfs.
        symlink("/", sys.path().join("class/video4linux/video5")).unwrap();
        assert_eq!(Origin::below(sys.path(), 5, "uvcvideo", "usb-1").nature, Nature::Unknown);
    }

    #[test]
    fn a_webcam_is_told_by_driver_place_ids_and_serial() {
        let ids = [("idVendor", "046d"), ("idProduct", "0825"), ("serial", "A1 B2")];
        let origin = origin(&sysfs(WEBCAM, &ids), "uvcvideo");
        assert_eq!(origin.nature, Nature::Hardware);
        assert_eq!(origin.identity.as_str(), "uvcvideo usb-0000:00:14.0-5 046d:0825 00 A1_B2");
        let usb = origin.usb.unwrap();
        assert_eq!((usb.vendor, usb.product), ("046d".to_owned(), "0825".to_owned()));
        assert_eq!(usb.serial, "A1 B2");
    }

    #[test]
    fn ids_that_are_none_are_not_taken() {
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
