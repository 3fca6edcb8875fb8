//! The head of the chain on the disk: one checked file in the store.
//!
//! Content: the place of the last record (8 bytes, little-endian) and its hash (32 bytes).

use fpass_proto::audit::{Hash, Head};
use thiserror::Error;

use crate::{
    checked_file::AUDIT_HEAD,
    folder::{Folder, FolderError},
};

/// Name of the file.
pub(super) const NAME: &str = "audit-head";

/// Why the head cannot be used.
#[derive(Debug, Error)]
pub(super) enum HeadError {
    #[error("it is damaged")]
    Damaged,
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Reads the head; `None` if there has never been one.
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
    AUDIT_HEAD.save(folder, NAME, &content(head))
}

fn content(head: Head) -> Vec<u8> {
    [head.sequence.to_le_bytes().as_slice(), &head.hash.0].concat()
}

fn decode(bytes: &[u8]) -> Option<Head> {
    let (sequence, hash) = AUDIT_HEAD.decode(bytes)?.split_first_chunk()?;
    Some(Head { sequence: u64::from_le_bytes(*sequence), hash: Hash(hash.try_into().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head { sequence: 7, hash: Hash([0xab; 32]) };

    /// The file of [`HEAD`], as the first layout had it.
    const FORMER: &[u8] =
        b"FPAH\x01\x07\x00\x00\x00\x00\x00\x00\x00\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\
        \xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\xab\
        \xab\xab\xa3\x18\x12\x98\x81x\xd1\xa0";

    #[test]
    fn a_head_is_read_in_the_first_layout_and_written_in_the_newest_one() {
        assert_eq!(decode(FORMER), Some(HEAD));
        let bytes = AUDIT_HEAD.encode(&content(HEAD)).unwrap();
        assert!(bytes.starts_with(b"FPAH\x03"));
        assert_eq!(decode(&bytes), Some(HEAD));
        assert_eq!(crate::checked_file::downgrade(&bytes).as_deref(), Some(FORMER));
    }

    #[test]
    fn content_of_another_length_is_refused() {
        for length in (0..40).chain([41]) {
            assert_eq!(decode(&AUDIT_HEAD.encode(&vec![1; length]).unwrap()), None, "{length}");
        }
    }
}
