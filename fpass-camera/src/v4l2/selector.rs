//! How the configuration names a device.

use super::origin::Usb;

/// Longest name of a device.
const LENGTH_MAX: usize = 256;

/// Which device is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    /// The best one that is no virtual device.
    Any,
    /// A node, or a link to one such as those below `/dev/v4l/by-path`.
    Node(String),
    /// The USB device with these ids, in lower case.
    Usb {
        vendor: String,
        product: String,
        /// Any when `None`.
        serial: Option<String>,
    },
}

impl Selector {
    /// Reads `""`, a path, or `usb:VENDOR:PRODUCT` with a serial number behind a further colon.
    /// `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        if text.is_empty() {
            return Some(Self::Any);
        }
        if text.starts_with('/') {
            return Some(Self::Node(text.to_owned()));
        }
        let mut parts = text.strip_prefix("usb:")?.splitn(3, ':');
        let mut id = || {
            let id = parts.next()?;
            let plain = id.len() == 4 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
            plain.then(|| id.to_ascii_lowercase())
        };
        let (vendor, product) = (id()?, id()?);
        let serial = parts.next().map(str::to_owned);
        if serial.as_deref() == Some("") {
            return None;
        }
        Some(Self::Usb { vendor, product, serial })
    }

    /// Whether a USB device is the one that is wanted.
    pub(super) fn admits(&self, usb: Option<&Usb>) -> bool {
        match (self, usb) {
            (Self::Usb { vendor, product, serial }, Some(usb)) => {
                *vendor == usb.vendor.to_ascii_lowercase()
                    && *product == usb.product.to_ascii_lowercase()
                    && serial.as_ref().is_none_or(|serial| *serial == usb.serial)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_device_is_refused() {
        let long = format!("/{}", "x".repeat(LENGTH_MAX));
        for text in [
            "video0",
            "usb:",
            "usb:046d",
            "usb:046d:",
            "usb:46d:0825",
            "usb:046d:08251",
            "usb:046g:0825",
            "usb:046d:0825:",
            "USB:046d:0825",
            "usb 046d:0825",
            long.as_str(),
        ] {
            assert_eq!(Selector::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_ids_and_a_serial_number_with_colons_are_taken() {
        let usb = |serial: &str| Usb {
            vendor: "046d".to_owned(),
            product: "08aF".to_owned(),
            serial: serial.to_owned(),
            interface: "00".to_owned(),
        };
        let any = Selector::parse("usb:046D:08af").unwrap();
        assert!(any.admits(Some(&usb(""))) && any.admits(Some(&usb("A:1"))));
        let one = Selector::parse("usb:046d:08af:A:1").unwrap();
        assert!(one.admits(Some(&usb("A:1"))));
        for other in [Some(&usb("A:2")), Some(&usb("")), None] {
            assert!(!one.admits(other), "{other:?}");
        }
        assert!(!Selector::parse("usb:046d:08ae").unwrap().admits(Some(&usb(""))));
        assert!(!Selector::Any.admits(Some(&usb(""))));
    }
}
