//! The key that seals templates: 32 random bytes in a file of the store.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use zeroize::Zeroizing;

use super::StoreError;
use super::folder::{Folder, FolderError};

/// Name of the key file inside the store.
const FILE: &str = "key";
/// Length of the key in bytes.
const LENGTH: usize = 32;

/// Opens the key, or `None` when there is no key file.
pub(super) fn load(folder: &Folder) -> Result<Option<XChaCha20Poly1305>, StoreError> {
    let bytes = folder.read(FILE).map_err(StoreError::Key)?;
    bytes.map(|bytes| cipher(&bytes)).transpose()
}

/// Creates the key file. The caller has made sure that nothing sealed depends on an older one.
pub(super) fn create(folder: &Folder) -> Result<(), StoreError> {
    let mut bytes = Zeroizing::new([0_u8; LENGTH]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| StoreError::NoRandomness)?;
    folder.write(FILE, bytes.as_slice()).map_err(StoreError::Write)
}

fn cipher(bytes: &[u8]) -> Result<XChaCha20Poly1305, StoreError> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(StoreError::Key(FolderError::Irregular));
    }
    XChaCha20Poly1305::new_from_slice(bytes).map_err(|_| StoreError::KeyLength)
}
