//! The head of the chain on the disk: one small file in the store.
//!
//! Layout: four letters, a version, place and hash of the last record, and a check value over all that.
//! It finds damage, not forgery: whoever can write into the store can also write another head.

use fpass_proto::audit::{Hash, Head};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::folder::{Folder, FolderError};

/// Name of the file.
pub(super) const NAME: &str = "audit-head";
/// First bytes: a name and the version of the format.
const MAGIC: &[u8; 5] = b"FPAH\x01";
/// Length of the check value in bytes.
const CHECK: usize = 8;

/// Why there is no head to go on from.
#[derive(Debug, Error)]
pub(super) enum HeadError {
    #[error("it is damaged")]
    Damaged,
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Reads the head; `None` when there has never been one.
pub(super) fn load(folder: &Folder) -> Result<Option<Head>, HeadError> {
    match folder.read(NAME) {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => decode(&bytes).map(Some).ok_or(HeadError::Damaged),
        Err(FolderError::Irregular | FolderError::Misowned | FolderError::TooLarge) => {
            Err(HeadError::Damaged)
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces the head; on return it is on the disk.
pub(super) fn save(folder: &Folder, head: Head) -> Result<(), FolderError> {
    folder.write(NAME, &encode(head))
}

fn encode(head: Head) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(head.sequence.to_le_bytes());
    bytes.extend(head.hash.0);
    bytes.extend(check(&bytes));
    bytes
}

fn decode(bytes: &[u8]) -> Option<Head> {
    let (checked, value) = bytes.split_last_chunk::<CHECK>()?;
    if check(checked) != *value {
        return None;
    }
    let (sequence, hash) = checked.strip_prefix(MAGIC)?.split_first_chunk()?;
    Some(Head { sequence: u64::from_le_bytes(*sequence), hash: Hash(hash.try_into().ok()?) })
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flipped_bit_and_no_missing_byte_goes_unnoticed() {
        let head = Head { sequence: 7, hash: Hash([0xab; 32]) };
        let bytes = encode(head);
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&damaged), None, "{bit}");
        }
        assert_eq!(decode(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(decode(&bytes), Some(head));
    }
}
