//! Every record sealed anew, with the daemon stopped: under a fresh key, or in an older format.
//!
//! A rotation goes through three states of the key file, each put in place as a whole: the old key;
//! the new and the old one; the new one. Records are sealed anew in between, each replaced as a
//! whole. Wherever it is cut off, the keys in the file open every record, and the next rotation
//! goes on from there.

use std::path::Path;

use fpass_proto::Uid;
use zeroize::Zeroizing;

use super::{
    SUFFIX, StoreError, key,
    keyring::{KEY_LENGTH, Keyring, random_key},
    lock, record, scrub,
    seal::{self, Binding, Format, Opened},
    user_of,
};
use crate::folder::Folder;

/// Replaces the key in the key file by a fresh one, or finishes a rotation that was cut off; the
/// number of records.
///
/// # Errors
/// [`StoreError::Unopened`] when a record does not open: the old key then stays beside the new one,
/// as nothing is lost that may still be wanted.
pub(crate) fn rotate_key(directory: &Path, binding: &Binding) -> Result<usize, StoreError> {
    let folder = Folder::open(directory).map_err(StoreError::Directory)?;
    let _lock = lock(&folder)?;
    scrub::after(|| rotate(&folder, binding))
}

fn rotate(folder: &Folder, binding: &Binding) -> Result<usize, StoreError> {
    let mut keys = key::read_file(folder)?.ok_or(StoreError::KeyMissing)?;
    if !Keyring::read(&keys)?.is_rotating() {
        let mut both = Zeroizing::new(Vec::with_capacity(2 * KEY_LENGTH));
        both.extend_from_slice(random_key()?.as_slice());
        both.extend_from_slice(&keys);
        key::write_file(folder, &both)?;
        keys = both;
    }
    let ring = Keyring::read(&keys)?;
    let count = reseal(folder, &ring, binding, Format::CURRENT)?;
    let current = keys.get(..KEY_LENGTH).ok_or(StoreError::KeyLength)?;
    key::write_file(folder, current)?;
    Ok(count)
}

/// Writes every record in an older format, for a version of F-pass that knows no newer one; the
/// number of records.
///
/// # Errors
/// [`StoreError::Rotating`] between the two halves of a rotation, [`StoreError::Unopened`] when a
/// record does not open. That one stays as it is.
pub(crate) fn downgrade(
    directory: &Path,
    binding: &Binding,
    format: Format,
) -> Result<usize, StoreError> {
    let folder = Folder::open(directory).map_err(StoreError::Directory)?;
    let _lock = lock(&folder)?;
    let ring = key::load_file(&folder)?.ok_or(StoreError::KeyMissing)?;
    if ring.is_rotating() {
        return Err(StoreError::Rotating);
    }
    scrub::after(|| reseal(&folder, &ring, binding, format))
}

fn reseal(
    folder: &Folder,
    ring: &Keyring,
    binding: &Binding,
    format: Format,
) -> Result<usize, StoreError> {
    let names = folder.names(|name| name.ends_with(SUFFIX)).map_err(StoreError::Directory)?;
    let mut unopened = 0;
    for name in &names {
        match open(folder, ring, binding, name) {
            Ok((_, opened)) if opened.by_current_key && opened.format == format => {}
            Ok((uid, Opened { generation, plaintext, .. })) => {
                let content = match format {
                    Format::V3 | Format::V4 => record::without_cameras(&plaintext)?,
                    Format::V5 => &plaintext,
                };
                let sealed = seal::seal(ring, format, binding, uid, generation, content)?;
                folder.write(name, &sealed).map_err(StoreError::Write)?;
            }
            Err(error) => {
                tracing::error!(%error, name, "a record stays as it is");
                unopened += 1;
            }
        }
    }
    if unopened > 0 { Err(StoreError::Unopened(unopened)) } else { Ok(names.len()) }
}

fn open(
    folder: &Folder,
    ring: &Keyring,
    binding: &Binding,
    name: &str,
) -> Result<(Uid, Opened), StoreError> {
    let uid = user_of(name).ok_or(StoreError::Malformed)?;
    let sealed = folder.read(name).map_err(StoreError::Record)?.ok_or(StoreError::Truncated)?;
    Ok((uid, seal::open(ring, binding, uid, &sealed)?))
}

#[cfg(test)]
mod tests;
