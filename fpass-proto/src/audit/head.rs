//! The head of the chain: its last record.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::Hash;

/// Position and hash of the last record. `Display` gives `SEQUENCE:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its position, from 1; 0 before the first record.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The text is not a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a head is a number, a colon and 64 hexadecimal digits; copy it whole")]
pub struct HeadError;

impl Head {
    /// Before the first record.
    pub const NONE: Self = Self { sequence: 0, hash: Hash::NONE };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (sequence, hash) = text.split_once(':').ok_or(HeadError)?;
        let hash = hash.parse().map_err(|_| HeadError)?;
        let head = Self { sequence: sequence.parse().map_err(|_| HeadError)?, hash };
        // One text for each head: no sign and no leading zeros.
        if head.to_string() == text { Ok(head) } else { Err(HeadError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_and_no_other_text_is_accepted() {
        let head = Head { sequence: 7, hash: Hash([0xab; 32]) };
        let text = head.to_string();
        assert_eq!(text.parse(), Ok(head));
        for wrong in ["", "7", ":", &format!("+{text}"), &format!("0{text}"), &text[1..]] {
            assert_eq!(wrong.parse::<Head>(), Err(HeadError), "{wrong:?}");
        }
    }
}
