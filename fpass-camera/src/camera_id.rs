//! The identity of a camera, by which an F-pass is pinned to the camera of its enrolment.

use std::fmt;

/// Longest identity in bytes.
const LENGTH_MAX: usize = 256;
/// The identity of every recording.
const RECORDING: &str = "recording";

/// One line that identifies a device at its place, across restarts and renumbering.
///
/// For a V4L2 device it holds the driver and the place on the bus as the driver reports it. For USB
/// the ids of vendor and product, the number of the interface and the serial number follow. A
/// device that copies all of this, at the same place, has the same identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CameraId(String);

impl CameraId {
    /// Parses an identity: 1 to 256 visible ASCII characters and single spaces between them. `None`
    /// for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LENGTH_MAX).contains(&text.len());
        let plain = text
            .split(' ')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()));
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// An identity of several words. Other characters than visible ASCII become `_`, so devices
    /// that differ in these alone have the same identity.
    pub(crate) fn of(words: &[&str]) -> Self {
        let plain = |word: &&str| -> String {
            let word = if word.is_empty() { "-" } else { word };
            let byte = |byte: u8| if byte.is_ascii_graphic() { char::from(byte) } else { '_' };
            word.bytes().map(byte).collect()
        };
        let mut text = words.iter().map(plain).collect::<Vec<_>>().join(" ");
        text.truncate(LENGTH_MAX);
        Self(text.trim_end().to_owned())
    }

    /// The identity of recordings.
    #[must_use]
    pub fn recording() -> Self {
        Self(RECORDING.to_owned())
    }

    /// The identity as one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CameraId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_identity_is_refused() {
        let long = "x".repeat(LENGTH_MAX + 1);
        for text in ["", " ", "a  b", "a b ", "a\tb", "a\n", "kamera-ä", long.as_str()] {
            assert_eq!(CameraId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_identity_of_words_can_be_parsed() {
        let long = "x".repeat(LENGTH_MAX + 1);
        for words in [
            ["uvcvideo", "usb-0000:00:14.0-5", "046d:0825", "A1B2"],
            ["v4l2 loopback", "", "\u{7f}\n", "ä"],
            [long.as_str(), "", "", ""],
        ] {
            let identity = CameraId::of(&words);
            assert_eq!(CameraId::parse(identity.as_str()), Some(identity.clone()), "{identity}");
        }
        assert_eq!(CameraId::of(&["v4l2 loopback", "", "a\tb"]).as_str(), "v4l2_loopback - a_b");
        assert_eq!(CameraId::parse("recording"), Some(CameraId::recording()));
    }
}
