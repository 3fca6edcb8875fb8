//! The hash of a record.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::hex;

/// Length in bytes.
const LENGTH: usize = 32;

/// SHA-256 over a record. `Display` gives 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; LENGTH]);

/// The text is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a hash has 64 lower-case hexadecimal digits; copy it whole")]
pub struct HashError;

impl Hash {
    /// Used as the previous hash of the first record.
    pub const NONE: Self = Self([0; LENGTH]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    /// Reads only the form that `Display` gives, so that each hash has one text.
    fn from_str(text: &str) -> Result<Self, HashError> {
        hex::parse(text).map(Self).ok_or(HashError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_read() {
        let hash = Hash(std::array::from_fn(|index| u8::try_from(index * 7).unwrap()));
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        let wrong = [
            text.to_uppercase(),
            text[1..].to_owned(),
            format!("{text}0"),
            format!(" {}", &text[1..]),
            "ä".repeat(32),
            String::new(),
        ];
        for text in wrong {
            assert_eq!(text.parse::<Hash>(), Err(HashError), "{text:?}");
        }
    }
}
