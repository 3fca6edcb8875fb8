//! The sealed form of one user's record: a plain header, then XChaCha20-Poly1305.
//!
//! Layout, integers little-endian: magic (8 bytes), format (2), uid (4), generation (8), id of the
//! key (8, from format 4 on), nonce (24), ciphertext with its 16-byte tag. The header, the machine
//! id and the fingerprint of the models are the associated data. So a record opens only for its
//! user, on its machine, and with the models that computed its embeddings.

use chacha20poly1305::{
    XNonce,
    aead::{Aead, Payload},
};
use fpass_proto::Uid;
use zeroize::Zeroizing;

use super::{
    StoreError,
    keyring::{Key, KeyId, Keyring},
};

const MAGIC: &[u8; 8] = b"FPASSREC";
const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;
/// Bytes before the ciphertext in the longest format.
const HEADER_MAX: usize = 8 + 2 + 4 + 8 + 8 + NONCE_LENGTH;

/// A format of records that this version reads and can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// Without the id of the key.
    V3,
    /// With the id of the key.
    V4,
    /// May also contain the camera of each template.
    V5,
}

impl Format {
    /// The format that the daemon writes.
    pub(crate) const CURRENT: Self = Self::V5;

    /// The number in the header.
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }

    /// The format with this number, or `None` if it is unknown.
    pub(crate) fn of(number: u16) -> Option<Self> {
        [Self::V3, Self::V4, Self::V5].into_iter().find(|format| format.number() == number)
    }
}

/// What a record is bound to in addition to its user.
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
    pub(super) format: Format,
    /// Whether the current key sealed it.
    pub(super) by_current_key: bool,
    pub(super) plaintext: Zeroizing<Vec<u8>>,
}

/// Seals `plaintext` with the current key and a new random nonce.
pub(super) fn seal(
    ring: &Keyring,
    format: Format,
    binding: &Binding,
    uid: Uid,
    generation: u64,
    plaintext: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let key = ring.current();
    let mut nonce = [0_u8; NONCE_LENGTH];
    getrandom::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
    let mut sealed = Vec::with_capacity(HEADER_MAX + plaintext.len() + TAG_LENGTH);
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&format.number().to_le_bytes());
    sealed.extend_from_slice(&uid.0.to_le_bytes());
    sealed.extend_from_slice(&generation.to_le_bytes());
    match format {
        Format::V3 => {}
        Format::V4 | Format::V5 => sealed.extend_from_slice(&key.id.0),
    }
    sealed.extend_from_slice(&nonce);
    let aad = associated(&sealed, binding);
    let ciphertext = key
        .cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &aad })
        .map_err(|_| StoreError::Altered)?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens a sealed record that must belong to `uid`.
pub(super) fn open(
    ring: &Keyring,
    binding: &Binding,
    uid: Uid,
    sealed: &[u8],
) -> Result<Opened, StoreError> {
    let (header, ciphertext) = Header::read(sealed)?;
    if header.uid != uid {
        return Err(StoreError::Swapped);
    }
    if ciphertext.len() < TAG_LENGTH {
        return Err(StoreError::Truncated);
    }
    let length = sealed.len() - ciphertext.len();
    let aad = associated(sealed.get(..length).ok_or(StoreError::Truncated)?, binding);
    let unlock = |key: &Key| {
        let payload = Payload { msg: ciphertext, aad: &aad };
        key.cipher.decrypt(&XNonce::from(header.nonce), payload).map(Zeroizing::new).ok()
    };
    let (key, plaintext) = match header.key {
        Some(id) => {
            let key = ring.keys().find(|key| key.id == id).ok_or(StoreError::ForeignKey)?;
            (key, unlock(key).ok_or(StoreError::Altered)?)
        }
        None => ring.keys().find_map(|key| Some((key, unlock(key)?))).ok_or(StoreError::Altered)?,
    };
    let by_current_key = key.id == ring.current().id;
    Ok(Opened { generation: header.generation, format: header.format, by_current_key, plaintext })
}

/// Generation in the header of a record that is not opened; zero if the header is malformed.
pub(super) fn claimed_generation(sealed: &[u8]) -> u64 {
    Header::read(sealed).map_or(0, |(header, _)| header.generation)
}

struct Header {
    format: Format,
    uid: Uid,
    generation: u64,
    key: Option<KeyId>,
    nonce: [u8; NONCE_LENGTH],
}

impl Header {
    /// The header, and the ciphertext after it.
    fn read(sealed: &[u8]) -> Result<(Self, &[u8]), StoreError> {
        let mut rest = sealed;
        if take::<8>(&mut rest)? != *MAGIC {
            return Err(StoreError::UnknownFormat);
        }
        let number = u16::from_le_bytes(take(&mut rest)?);
        let format = Format::of(number).ok_or(StoreError::UnknownFormat)?;
        let uid = Uid(u32::from_le_bytes(take(&mut rest)?));
        let generation = u64::from_le_bytes(take(&mut rest)?);
        let key = match format {
            Format::V3 => None,
            Format::V4 | Format::V5 => Some(KeyId(take(&mut rest)?)),
        };
        let nonce = take(&mut rest)?;
        Ok((Self { format, uid, generation, key, nonce }, rest))
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
mod tests;
