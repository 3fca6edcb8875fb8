//! Which camera it is, so that an F-pass can be held to the one that it was set up with.

use std::fmt;

/// Longest text of an identity, in bytes.
const LENGTH_MAX: usize = 256;
/// What every recording is: two of them are not told apart.
const RECORDING: &str = "recording";

/// One line that stays the same for a device in its place, over restarts and renumbering.
///
/// For a V4L2 device: its driver, where it is plugged in as the driver says it, and for USB the ids
/// of vendor and product, the number of the interface, and the serial number. A device that copies all of it, in the same place,
/// is the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(String);

impl Identity {
    /// Reads an identity. `None` when it is empty, too long, or holds anything but visible ASCII
    /// characters and single spaces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LENGTH_MAX).contains(&text.len());
        let plain = text
            .split(' ')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()));
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// The identity of what several words tell. What no identity may hold becomes `_`, so that
    /// devices whose names differ only there are taken for one another.
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

    /// That of recordings.
    #[must_use]
    pub fn recording() -> Self {
        Self(RECORDING.to_owned())
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_line_is_refused() {
        let long = "x".repeat(LENGTH_MAX + 1);
        for text in ["", " ", "a  b", "a b ", "a\tb", "a\n", "kamera-ä", long.as_str()] {
            assert_eq!(Identity::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_made_of_words_reads_back() {
        let long = "x".repeat(LENGTH_MAX + 1);
        for words in [
            ["uvcvideo", "usb-0000:00:14.0-5", "046d:0825", "A1B2"],
            ["v4l2 loopback", "", "\u{7f}\n", "ä"],
            [long.as_str(), "", "", ""],
        ] {
            let identity = Identity::of(&words);
            assert_eq!(Identity::parse(identity.as_str()), Some(identity.clone()), "{identity}");
        }
        assert_eq!(Identity::of(&["v4l2 loopback", "", "a\tb"]).as_str(), "v4l2_loopback - a_b");
        assert_eq!(Identity::parse("recording"), Some(Identity::recording()));
    }
}
