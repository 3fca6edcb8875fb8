//! The value of `camera.device`.

use super::origin::UsbIds;

/// Longest value in bytes.
const LENGTH_MAX: usize = 256;

/// The device that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    /// The best camera that is not virtual.
    Any,
    /// A node or a link to one, such as those in `/dev/v4l/by-path`.
    Node(String),
    /// The USB device with these ids, in lower case.
    Usb {
        vendor: String,
        product: String,
        /// `None` for any serial number.
        serial: Option<String>,
    },
}

impl Selector {
    /// Parses `""`, an absolute path, or `usb:VENDOR:PRODUCT[:SERIAL]`. `None` for any other text.
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

    /// Whether these are the ids of the named USB device.
    pub(super) fn admits(&self, usb: Option<&UsbIds>) -> bool {
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
    fn a_malformed_selector_is_refused() {
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
    fn ids_and_a_serial_number_with_colons_are_accepted() {
        let usb = |serial: &str| UsbIds {
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
