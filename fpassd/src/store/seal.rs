//! The sealed form of one user's record: a plain header, then XChaCha20-Poly1305.
//!
//! Layout, integers little-endian: magic (8 bytes), format (2), uid (4), generation (8),
//! nonce (24), ciphertext with its 16-byte tag. Header, machine id and the fingerprint of the
//! models are the associated data, so a record opens for one user, on one machine, with the very
//! models that computed its embeddings.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use fpass_proto::Uid;
use zeroize::Zeroizing;

use super::StoreError;

const MAGIC: &[u8; 8] = b"FPASSREC";
const FORMAT: u16 = 3;
const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;
/// Bytes before the ciphertext.
const HEADER_LENGTH: usize = 8 + 2 + 4 + 8 + NONCE_LENGTH;

/// What a record is bound to besides its user.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// `/etc/machine-id` as text.
    pub(crate) machine_id: String,
    /// Fingerprint of the verified models.
    pub(crate) models: [u8; 32],
}

/// An opened record.
pub(super) struct Opened {
    pub(super) generation: u64,
    pub(super) plaintext: Zeroizing<Vec<u8>>,
}

/// Seals `plaintext` under a fresh nonce.
pub(super) fn seal(
    cipher: &XChaCha20Poly1305,
    binding: &Binding,
    uid: Uid,
    generation: u64,
    plaintext: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0_u8; NONCE_LENGTH];
    getrandom::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
    let mut sealed = Vec::with_capacity(HEADER_LENGTH + plaintext.len() + TAG_LENGTH);
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&FORMAT.to_le_bytes());
    sealed.extend_from_slice(&uid.0.to_le_bytes());
    sealed.extend_from_slice(&generation.to_le_bytes());
    sealed.extend_from_slice(&nonce);
    let aad = associated(&sealed, binding);
    let ciphertext = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| StoreError::Altered)?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens a sealed record that must belong to `uid`.
pub(super) fn open(
    cipher: &XChaCha20Poly1305,
    binding: &Binding,
    uid: Uid,
    sealed: &[u8],
) -> Result<Opened, StoreError> {
    let header = Header::read(sealed)?;
    if header.uid != uid {
        return Err(StoreError::Swapped);
    }
    let (plain_header, ciphertext) =
        sealed.split_at_checked(HEADER_LENGTH).ok_or(StoreError::Truncated)?;
    if ciphertext.len() < TAG_LENGTH {
        return Err(StoreError::Truncated);
    }
    let aad = associated(plain_header, binding);
    let plaintext = cipher
        .decrypt(&XNonce::from(header.nonce), Payload { msg: ciphertext, aad: &aad })
        .map_err(|_| StoreError::Altered)?;
    Ok(Opened { generation: header.generation, plaintext: Zeroizing::new(plaintext) })
}

/// Generation that a record claims, without opening it; zero when it has none.
pub(super) fn claimed_generation(sealed: &[u8]) -> u64 {
    Header::read(sealed).map_or(0, |header| header.generation)
}

struct Header {
    uid: Uid,
    generation: u64,
    nonce: [u8; NONCE_LENGTH],
}

impl Header {
    fn read(sealed: &[u8]) -> Result<Self, StoreError> {
        let mut rest = sealed;
        if take::<8>(&mut rest)? != *MAGIC {
            return Err(StoreError::UnknownFormat);
        }
        if u16::from_le_bytes(take(&mut rest)?) != FORMAT {
            return Err(StoreError::UnknownFormat);
        }
        Ok(Self {
            uid: Uid(u32::from_le_bytes(take(&mut rest)?)),
            generation: u64::from_le_bytes(take(&mut rest)?),
            nonce: take(&mut rest)?,
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(StoreError::Truncated)?;
    *rest = tail;
    Ok(*head)
}

fn associated(header: &[u8], binding: &Binding) -> Vec<u8> {
    let mut aad = Vec::with_capacity(header.len() + binding.machine_id.len() + 32);
    aad.extend_from_slice(header);
    aad.extend_from_slice(&binding.models);
    aad.extend_from_slice(binding.machine_id.as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::KeyInit;
    use proptest::prelude::*;

    use super::*;

    fn cipher(byte: u8) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&[byte; 32].into())
    }

    fn binding() -> Binding {
        Binding { machine_id: "0123456789abcdef0123456789abcdef".into(), models: [7; 32] }
    }

    fn sealed() -> Vec<u8> {
        seal(&cipher(1), &binding(), Uid(1000), 3, b"embeddings").unwrap()
    }

    fn error(uid: u32, binding: &Binding, key: u8, bytes: &[u8]) -> StoreError {
        open(&cipher(key), binding, Uid(uid), bytes).err().unwrap()
    }

    #[test]
    fn another_user_machine_model_or_key_does_not_open_it() {
        let sealed = sealed();
        assert!(matches!(error(1001, &binding(), 1, &sealed), StoreError::Swapped));
        assert!(matches!(error(1000, &binding(), 2, &sealed), StoreError::Altered));
        let machine = Binding { machine_id: "f".repeat(32), ..binding() };
        assert!(matches!(error(1000, &machine, 1, &sealed), StoreError::Altered));
        let models = Binding { models: [8; 32], ..binding() };
        assert!(matches!(error(1000, &models, 1, &sealed), StoreError::Altered));
    }

    #[test]
    fn no_flipped_bit_and_no_shorter_form_opens() {
        let sealed = sealed();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&cipher(1), &binding(), Uid(1000), &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&cipher(1), &binding(), Uid(1000), &sealed[..length]).is_err());
        }
        assert!(matches!(error(1000, &binding(), 1, &sealed[..20]), StoreError::Truncated));
    }

    #[test]
    fn the_uid_in_the_header_cannot_be_rewritten() {
        let mut moved = sealed();
        moved[10..14].copy_from_slice(&1001_u32.to_le_bytes());
        assert!(matches!(error(1001, &binding(), 1, &moved), StoreError::Altered));
    }

    #[test]
    fn an_unknown_format_is_refused_as_such() {
        for format in [0, 1, 2, 4] {
            let mut other = sealed();
            other[8] = format;
            assert!(matches!(error(1000, &binding(), 1, &other), StoreError::UnknownFormat));
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_and_bytes_from_elsewhere_do_not(
            plaintext in proptest::collection::vec(any::<u8>(), 0..200),
            generation: u64,
            noise in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let sealed = seal(&cipher(1), &binding(), Uid(7), generation, &plaintext).unwrap();
            let opened = open(&cipher(1), &binding(), Uid(7), &sealed).unwrap();
            prop_assert_eq!(opened.plaintext.as_slice(), plaintext.as_slice());
            prop_assert_eq!(opened.generation, generation);
            prop_assert!(open(&cipher(1), &binding(), Uid(7), &noise).is_err());
        }
    }
}
