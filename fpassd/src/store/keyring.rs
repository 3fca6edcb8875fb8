//! The keys that open records. The first one also seals them.

use chacha20poly1305::{XChaCha20Poly1305, aead::KeyInit};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{FolderError, StoreError};

/// Length of a key in bytes.
pub(super) const KEY_LENGTH: usize = 32;
/// Digested before a key, so that its id differs from any other digest of the key.
const ID_DOMAIN: &[u8] = b"fpass key id";

/// Identifies a key in the records that it seals: the first bytes of a digest of the key. The key
/// is random, so the id reveals nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; 8]);

impl KeyId {
    fn of(key: &[u8]) -> Self {
        let digest: [u8; 32] =
            Sha256::new().chain_update(ID_DOMAIN).chain_update(key).finalize().into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        Self([a, b, c, d, e, f, g, h])
    }
}

/// One key, ready to be used.
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) cipher: XChaCha20Poly1305,
}

/// The current key, and during a rotation the former one.
pub(super) struct Keyring {
    current: Key,
    former: Option<Key>,
}

impl Keyring {
    /// Reads one key, or during a rotation two: first the current, then the former.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let (keys, rest) = bytes.as_chunks::<KEY_LENGTH>();
        match (keys, rest) {
            ([current], []) => Ok(Self { current: key(current)?, former: None }),
            ([current, former], []) => {
                Ok(Self { current: key(current)?, former: Some(key(former)?) })
            }
            _ => Err(StoreError::KeyLength),
        }
    }

    /// The key that seals.
    pub(super) fn current(&self) -> &Key {
        &self.current
    }

    /// Whether a rotation is unfinished.
    pub(super) fn is_rotating(&self) -> bool {
        self.former.is_some()
    }

    /// Every key.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.former)
    }
}

fn key(bytes: &[u8; KEY_LENGTH]) -> Result<Key, StoreError> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(StoreError::Key(FolderError::Irregular));
    }
    let cipher = XChaCha20Poly1305::new_from_slice(bytes).map_err(|_| StoreError::KeyLength)?;
    Ok(Key { id: KeyId::of(bytes), cipher })
}

/// A new random key.
pub(super) fn random_key() -> Result<Zeroizing<[u8; KEY_LENGTH]>, StoreError> {
    let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| StoreError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lengths_and_zeros_are_refused() {
        for length in [0, 1, 31, 33, 63, 65, 96] {
            let refused = Keyring::read(&vec![7; length]);
            assert!(matches!(refused, Err(StoreError::KeyLength)), "{length}");
        }
        for bytes in [[[0; 32], [7; 32]], [[7; 32], [0; 32]]] {
            let refused = Keyring::read(bytes.as_flattened());
            assert!(matches!(refused, Err(StoreError::Key(FolderError::Irregular))));
        }
        assert!(Keyring::read(&[0; 32]).is_err());
    }

    #[test]
    fn the_first_of_two_keys_seals() {
        let bytes = [[1; 32], [2; 32]];
        let ring = Keyring::read(bytes.as_flattened()).unwrap();
        assert!(ring.is_rotating());
        assert_eq!(ring.current().id, Keyring::read(&[1; 32]).unwrap().current().id);
        assert_ne!(ring.current().id, Keyring::read(&[2; 32]).unwrap().current().id);
    }

    #[test]
    fn fresh_keys_differ() {
        assert_ne!(random_key().unwrap(), random_key().unwrap());
    }
}
