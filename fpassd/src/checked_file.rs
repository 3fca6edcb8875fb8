//! Small files with a checksum, written in place.
//!
//! A file has two slots of one disk block each. A slot holds four letters for the kind, a version
//! (1 byte), a generation (8 bytes, little-endian), the length of the content (2 bytes), the
//! content, zeros, and the SHA-256 of all that (32 bytes). The valid slot with the higher
//! generation counts.
//!
//! A change overwrites the other slot, so it needs no free space: a user who fills the disk stops
//! no login. A crash during a change damages that slot only, and the file keeps its old content.
//!
//! The checksum finds damage, not forgery: it has no key, and anyone who can write into the
//! directory can also compute it.

use std::{fs::File, io, os::unix::fs::FileExt};

use sha2::{Digest, Sha256};

use crate::folder::{Folder, FolderError};

/// Bytes of a slot: one block of most file systems, so that slots do not share a block.
const SLOT: usize = 4096;
/// Bytes of the kind and the version.
const MAGIC_LENGTH: usize = 5;
/// Bytes of the checksum.
const CHECKSUM_LENGTH: usize = 32;
/// Bytes of zeros and content in a slot.
const ROOM: usize = SLOT - MAGIC_LENGTH - 8 - 2 - CHECKSUM_LENGTH;
/// Generations of the slots of a new file. Both have its content.
const FIRST: [u64; 2] = [1, 0];

/// One kind of file.
pub(crate) struct FileKind {
    /// First bytes of each slot.
    magic: &'static [u8; MAGIC_LENGTH],
    /// Older layouts with the same content, which are still read; the newest one first.
    former: &'static [FormerLayout],
}

/// A layout without slots: the kind, a version, the content, and a checksum of all that.
struct FormerLayout {
    magic: &'static [u8; MAGIC_LENGTH],
    checksum: fn(&[u8]) -> Vec<u8>,
}

/// Failures of one user in a row.
pub(crate) const FAILURE_COUNTER: FileKind = FileKind {
    magic: b"FPTC\x03",
    former: &[
        FormerLayout { magic: b"FPTC\x02", checksum: sha_256 },
        FormerLayout { magic: b"FPTC\x01", checksum: fnv_1a },
    ],
};

/// The head of the audit log.
pub(crate) const AUDIT_HEAD: FileKind = FileKind {
    magic: b"FPAH\x03",
    former: &[
        FormerLayout { magic: b"FPAH\x02", checksum: sha_256 },
        FormerLayout { magic: b"FPAH\x01", checksum: short_sha_256 },
    ],
};

/// Hashes of the recovery codes of one user. The version also says how the hashes are computed.
pub(crate) const RECOVERY_CODES: FileKind = FileKind {
    magic: b"FPRC\x02",
    former: &[FormerLayout { magic: b"FPRC\x01", checksum: sha_256 }],
};

/// The last attempts of one user, sealed.
pub(crate) const ATTEMPT_HISTORY: FileKind = FileKind { magic: b"FPAT\x01", former: &[] };

/// A valid slot.
struct Slot<'a> {
    generation: u64,
    content: &'a [u8],
}

impl FileKind {
    /// The whole file, as it is created.
    pub(crate) fn encode(&self, content: &[u8]) -> Option<Vec<u8>> {
        let [first, second] = FIRST;
        Some([self.encode_slot(first, content)?, self.encode_slot(second, content)?].concat())
    }

    /// The content of a file, or `None` if it is damaged or of another kind.
    pub(crate) fn decode<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        match self.newest(file) {
            Some((_, slot)) => Some(slot.content),
            None => self.former.iter().find_map(|former| former.decode(file)),
        }
    }

    /// Replaces the content of a file; on return it is on the disk. After a crash or an error the
    /// file has its old content. A file with slots is overwritten in place; any other is replaced.
    ///
    /// # Errors
    /// The file cannot be written, or the content is too long for a slot.
    pub(crate) fn save(
        &self,
        folder: &Folder,
        name: &str,
        content: &[u8],
    ) -> Result<(), FolderError> {
        if let Ok(Some(bytes)) = folder.read(name)
            && let Some((newest, slot)) = self.newest(&bytes)
        {
            let generation = slot.generation.wrapping_add(1);
            let written = self.encode_slot(generation, content).ok_or(FolderError::TooLarge)?;
            let offset = if newest == 0 { SLOT } else { 0 };
            let old = bytes.get(offset..).and_then(|rest| rest.get(..SLOT)).unwrap_or_default();
            return Ok(overwrite(&folder.open_to_write(name)?, offset as u64, old, &written)?);
        }
        folder.create(name, &self.encode(content).ok_or(FolderError::TooLarge)?)
    }

    /// Whether a file has slots, so that the next change needs no free space.
    pub(crate) fn is_in_place(&self, file: &[u8]) -> bool {
        self.newest(file).is_some()
    }

    /// A file of this kind in the oldest layout, or `None` if it is not in the layout that is
    /// written.
    fn downgrade(&self, file: &[u8]) -> Option<Vec<u8>> {
        let content = self.newest(file).map(|(_, slot)| slot.content).or_else(|| {
            let (_, later) = self.former.split_last()?;
            later.iter().find_map(|former| former.decode(file))
        })?;
        Some(self.former.last()?.encode(content))
    }

    fn encode_slot(&self, generation: u64, content: &[u8]) -> Option<Vec<u8>> {
        let zeros = ROOM.checked_sub(content.len())?;
        let length = u16::try_from(content.len()).ok()?;
        let mut slot = self.magic.to_vec();
        slot.extend(generation.to_le_bytes());
        slot.extend(length.to_le_bytes());
        slot.extend_from_slice(content);
        slot.resize(slot.len() + zeros, 0);
        slot.extend(sha_256(&slot));
        Some(slot)
    }

    fn decode_slot<'a>(&self, slot: &'a [u8]) -> Option<Slot<'a>> {
        let (checked, checksum) = slot.split_last_chunk::<CHECKSUM_LENGTH>()?;
        let rest = checked.strip_prefix(self.magic).filter(|_| sha_256(checked) == checksum)?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (length, room) = rest.split_first_chunk()?;
        let content = room.get(..usize::from(u16::from_le_bytes(*length)))?;
        Some(Slot { generation: u64::from_le_bytes(*generation), content })
    }

    /// The valid slot with the higher generation, and its place.
    fn newest<'a>(&self, file: &'a [u8]) -> Option<(usize, Slot<'a>)> {
        let (first, second) = file.split_at_checked(SLOT).filter(|_| file.len() == 2 * SLOT)?;
        match (self.decode_slot(first), self.decode_slot(second)) {
            (Some(first), Some(second)) if second.generation > first.generation => {
                Some((1, second))
            }
            (Some(first), _) => Some((0, first)),
            (None, second) => second.map(|slot| (1, slot)),
        }
    }
}

/// Writes a slot to the disk. After an error its old bytes are put back, as far as the disk allows.
fn overwrite(file: &File, offset: u64, old: &[u8], new: &[u8]) -> io::Result<()> {
    let written = file.write_all_at(new, offset).and_then(|()| file.sync_data());
    if written.is_err()
        && let Err(error) = file.write_all_at(old, offset)
    {
        tracing::error!(%error, "a failed write could not be undone");
    }
    written
}

impl FormerLayout {
    fn encode(&self, content: &[u8]) -> Vec<u8> {
        let mut file = [self.magic.as_slice(), content].concat();
        file.extend((self.checksum)(&file));
        file
    }

    fn decode<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let length = file.len().checked_sub((self.checksum)(b"").len())?;
        let (checked, checksum) = file.split_at_checked(length)?;
        checked.strip_prefix(self.magic).filter(|_| (self.checksum)(checked) == checksum)
    }
}

/// A file of any kind in its oldest layout, for a version of F-pass that knows no newer one. `None`
/// if nothing needs to change.
pub(crate) fn downgrade(file: &[u8]) -> Option<Vec<u8>> {
    [FAILURE_COUNTER, AUDIT_HEAD, RECOVERY_CODES].iter().find_map(|kind| kind.downgrade(file))
}

fn sha_256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// The first bytes of the SHA-256.
fn short_sha_256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).iter().take(8).copied().collect()
}

/// FNV-1a, 64 bits, little-endian (Fowler, Noll, Vo).
fn fnv_1a(bytes: &[u8]) -> Vec<u8> {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.to_le_bytes().to_vec()
}

#[cfg(test)]
mod tests;
