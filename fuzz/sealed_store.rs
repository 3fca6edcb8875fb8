//! The sealed form of a record and its keys, as the daemon has them, with the errors that they
//! name.

#[path = "../fpassd/src/store/keyring.rs"]
mod keyring;
#[path = "../fpassd/src/store/seal.rs"]
mod seal;

use fpass_proto::Uid;

pub(crate) use seal::{Binding, Format};

/// What is wrong with a key of zeros.
#[derive(Debug, PartialEq)]
pub(crate) enum FolderError {
    Irregular,
}

/// The errors of a sealed record.
#[derive(Debug, PartialEq)]
pub(crate) enum StoreError {
    NoRandomness,
    Truncated,
    Altered,
    Swapped,
    UnknownFormat,
    ForeignKey,
    KeyLength,
    Key(FolderError),
}

pub(crate) struct Keyring(keyring::Keyring);

/// The keys of a file, the one that seals first.
pub(crate) fn keyring(bytes: &[u8]) -> Keyring {
    Keyring(keyring::Keyring::read(bytes).unwrap())
}

/// Generation and content.
pub(crate) fn open(
    ring: &Keyring,
    binding: &Binding,
    uid: Uid,
    sealed: &[u8],
) -> Result<(u64, Vec<u8>), StoreError> {
    let opened = seal::open(&ring.0, binding, uid, sealed)?;
    assert_eq!(seal::claimed_generation(sealed), opened.generation);
    Ok((opened.generation, opened.plaintext.to_vec()))
}

pub(crate) fn seal(
    ring: &Keyring,
    format: Format,
    binding: &Binding,
    uid: Uid,
    generation: u64,
    content: &[u8],
) -> Result<Vec<u8>, StoreError> {
    seal::seal(&ring.0, format, binding, uid, generation, content)
}
