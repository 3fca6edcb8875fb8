//! Rewrites every record with a new key or in an older format, while the daemon is stopped.
//!
//! A rotation puts the key file through three states, each written atomically: the old key; the new
//! and the old key; the new key. While both keys are in the file, each record is sealed again and
//! replaced atomically. At every point the keys in the file open every record, so the next rotation
//! can continue an interrupted one.

use std::path::Path;

use fpass_proto::Uid;
use zeroize::Zeroizing;

use super::{
    Record, SUFFIX, StoreError, key,
    keyring::{KEY_LENGTH, Keyring, random_key},
    lock, scrub,
    seal::{self, Binding, Format, Opened},
    user_of,
};
use crate::{
    checked_file,
    folder::{Folder, FolderError},
};

/// Replaces the key in the key file by a new random one, or finishes an interrupted rotation.
/// Returns the number of records.
///
/// # Errors
/// [`StoreError::Unopened`] if a record does not open. Then the old key stays in the file with the
/// new one, because the record may still be wanted.
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

/// Writes every record in an older format, for a version of F-pass that knows no newer one. Returns
/// the number of records.
///
/// # Errors
/// [`StoreError::Rotating`] during an interrupted rotation; [`StoreError::Unopened`] if a record
/// does not open. That record stays as it is.
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
    let resealed = scrub::after(|| reseal(&folder, &ring, binding, format));
    downgrade_checked_files(&folder).map_err(StoreError::Write)?;
    resealed
}

/// Writes counters and the head of the audit log in their former layout. Unreadable files stay.
fn downgrade_checked_files(folder: &Folder) -> Result<(), FolderError> {
    for name in folder.names(|_| true)? {
        let Ok(Some(bytes)) = folder.read(&name) else { continue };
        if let Some(former) = checked_file::downgrade(&bytes) {
            folder.write(&name, &former)?;
        }
    }
    Ok(())
}

/// Writes every record of an older format in the current one, so that it does not depend on the
/// detector any more. Records that do not open stay as they are. Returns the number of records that
/// were written.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) fn migrate(
    folder: &Folder,
    ring: &Keyring,
    binding: &Binding,
) -> Result<usize, StoreError> {
    let names = folder.names(|name| name.ends_with(SUFFIX)).map_err(StoreError::Directory)?;
    let mut written = 0;
    for name in &names {
        let Ok((uid, opened)) = open(folder, ring, binding, name) else {
            continue;
        };
        if opened.format == Format::CURRENT {
            continue;
        }
        let Ok(record) = Record::read(opened.format, &opened.plaintext) else {
            continue;
        };
        let content = record.encode()?;
        let sealed = seal::seal(ring, Format::CURRENT, binding, uid, opened.generation, &content)?;
        folder.write(name, &sealed).map_err(StoreError::Write)?;
        written += 1;
    }
    Ok(written)
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
            Ok((uid, Opened { generation, format: written, plaintext, .. })) => {
                let content = Record::read(written, &plaintext)?.encode_as(format)?;
                let sealed = seal::seal(ring, format, binding, uid, generation, &content)?;
                folder.write(name, &sealed).map_err(StoreError::Write)?;
            }
            Err(error) => {
                tracing::error!(%error, name, "a record could not be opened and stays as it is");
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
