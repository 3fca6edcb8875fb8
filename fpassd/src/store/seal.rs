//! The sealed form of one user's record: a plain header, then XChaCha20-Poly1305.
//!
//! Layout, integers little-endian: magic (8 bytes), format (2), uid (4), generation (8), id of the
//! key (8, from format 4 on), fingerprint of what shapes the features (32, from format 6 on), nonce
//! (24), ciphertext with its 16-byte tag. The header and the machine id are the associated data; in
//! formats before 6 also the fingerprint of all models. So a record opens only for its user, on its
//! machine, and with the networks that computed its embeddings.

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
const FINGERPRINT_LENGTH: usize = 32;
/// Bytes before the ciphertext in the longest format.
const HEADER_MAX: usize = 8 + 2 + 4 + 8 + 8 + FINGERPRINT_LENGTH + NONCE_LENGTH;

/// A format of records that this version reads and can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// Without the id of the key.
    V3,
    /// With the id of the key.
    V4,
    /// May also contain the camera of each template.
    V5,
    /// Bound to what shapes the features only. May also contain the rotation of each camera.
    V6,
}

impl Format {
    /// Every format, the oldest first.
    pub(super) const ALL: [Self; 4] = [Self::V3, Self::V4, Self::V5, Self::V6];

    /// The format that the daemon writes.
    pub(crate) const CURRENT: Self = Self::V6;

    /// The number in the header.
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
            Self::V5 => 5,
            Self::V6 => 6,
        }
    }

    /// The format with this number, or `None` if it is unknown.
    pub(crate) fn of(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.number() == number)
    }

    /// Whether the header has the id of the key.
    fn has_key_id(self) -> bool {
        match self {
            Self::V3 => false,
            Self::V4 | Self::V5 | Self::V6 => true,
        }
    }

    /// Whether the header has the fingerprint of what shapes the features. Otherwise the record is
    /// bound to all models.
    fn has_fingerprint(self) -> bool {
        match self {
            Self::V3 | Self::V4 | Self::V5 => false,
            Self::V6 => true,
        }
    }
}

/// What a record is bound to in addition to its user.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// `/etc/machine-id` as text.
    pub(crate) machine_id: String,
    /// Fingerprint of what shapes the features.
    pub(crate) features: [u8; FINGERPRINT_LENGTH],
    /// Fingerprint of all models of the versions that wrote formats before 6; `None` when those
    /// versions computed other features.
    pub(crate) former: Option<[u8; FINGERPRINT_LENGTH]>,
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
    if format.has_key_id() {
        sealed.extend_from_slice(&key.id.0);
    }
    if format.has_fingerprint() {
        sealed.extend_from_slice(&binding.features);
    }
    sealed.extend_from_slice(&nonce);
    let aad = associated(&sealed, format, binding)?;
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
    if header.features.is_some_and(|features| features != binding.features) {
        return Err(StoreError::OtherModels);
    }
    if ciphertext.len() < TAG_LENGTH {
        return Err(StoreError::Truncated);
    }
    let length = sealed.len() - ciphertext.len();
    let plain = sealed.get(..length).ok_or(StoreError::Truncated)?;
    let aad = associated(plain, header.format, binding)?;
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
    features: Option<[u8; FINGERPRINT_LENGTH]>,
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
        let key = if format.has_key_id() { Some(KeyId(take(&mut rest)?)) } else { None };
        let features = if format.has_fingerprint() { Some(take(&mut rest)?) } else { None };
        let nonce = take(&mut rest)?;
        Ok((Self { format, uid, generation, key, features, nonce }, rest))
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(StoreError::Truncated)?;
    *rest = tail;
    Ok(*head)
}

fn associated(header: &[u8], format: Format, binding: &Binding) -> Result<Vec<u8>, StoreError> {
    let mut aad = header.to_vec();
    if !format.has_fingerprint() {
        aad.extend_from_slice(&binding.former.ok_or(StoreError::OtherModels)?);
    }
    aad.extend_from_slice(binding.machine_id.as_bytes());
    Ok(aad)
}

#[cfg(test)]
mod tests;
