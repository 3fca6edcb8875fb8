//! The identity of a computer towards the other computers of its owner.

use std::fmt;

use thiserror::Error;

use crate::hex;

/// Prefix of the text of an identity.
const PREFIX: &str = "fpass1-";
/// Length of either public key in bytes.
const KEY: usize = 32;

/// The text is not an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "this is not the identity of a machine; copy the whole line that fpass-enroll fleet identity prints"
)]
pub struct MachineIdentityError;

/// The public keys of a computer. `Display` gives the text that is copied to other computers:
/// `fpass1-` and 128 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineIdentity {
    /// Ed25519 key that verifies its signatures.
    pub signing: [u8; KEY],
    /// X25519 key to which bundles for it are encrypted.
    pub receiving: [u8; KEY],
}

impl MachineIdentity {
    /// Reads the text.
    ///
    /// # Errors
    /// [`MachineIdentityError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, MachineIdentityError> {
        let digits = text.strip_prefix(PREFIX).ok_or(MachineIdentityError)?;
        let keys: [u8; 2 * KEY] = hex::parse(digits).ok_or(MachineIdentityError)?;
        let (signing, receiving) = keys.split_first_chunk().ok_or(MachineIdentityError)?;
        let receiving = receiving.try_into().map_err(|_| MachineIdentityError)?;
        Ok(Self { signing: *signing, receiving })
    }
}

impl fmt::Display for MachineIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        hex::write(f, &self.signing)?;
        hex::write(f, &self.receiving)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_reads_back() {
        let identity = MachineIdentity { signing: [0xa0; KEY], receiving: [0x0f; KEY] };
        let text = identity.to_string();
        assert_eq!(text.len(), 135);
        assert_eq!(MachineIdentity::parse(&text), Ok(identity));
    }

    #[test]
    fn any_other_text_is_refused() {
        let text = MachineIdentity { signing: [0xa0; KEY], receiving: [0x0f; KEY] }.to_string();
        for wrong in [
            String::new(),
            text.to_uppercase(),
            text.replace('a', "A"),
            text.replace("fpass1", "fpass2"),
            format!("{text}0"),
            format!(" {text}"),
            text[..134].to_owned(),
            text.replace('a', "g"),
            format!("fpass1-{}", "é".repeat(64)),
        ] {
            assert_eq!(MachineIdentity::parse(&wrong), Err(MachineIdentityError), "{wrong}");
        }
    }
}
