//! Small files with a checksum.
//!
//! Layout: four letters for the kind, a version (1 byte), the content, and the SHA-256 of all that
//! (32 bytes). The checksum finds damage, not forgery: it has no key, and anyone who can write into
//! the directory can also compute it.

use sha2::{Digest, Sha256};

/// Bytes of the kind and the version.
const MAGIC_LENGTH: usize = 5;
/// Bytes of the checksum.
const CHECKSUM_LENGTH: usize = 32;
/// Bytes of the checksum in former layouts.
const FORMER_LENGTH: usize = 8;

/// One kind of file.
pub(crate) struct FileKind {
    /// First bytes of the layout that is written.
    magic: &'static [u8; MAGIC_LENGTH],
    /// An older layout with the same content, which is still read.
    former: Option<FormerLayout>,
}

/// A layout that differs in version and checksum only.
struct FormerLayout {
    magic: &'static [u8; MAGIC_LENGTH],
    checksum: fn(&[u8]) -> [u8; FORMER_LENGTH],
}

/// Failures of one user in a row.
pub(crate) const FAILURE_COUNTER: FileKind = FileKind {
    magic: b"FPTC\x02",
    former: Some(FormerLayout { magic: b"FPTC\x01", checksum: fnv_1a }),
};

/// The head of the audit log.
pub(crate) const AUDIT_HEAD: FileKind = FileKind {
    magic: b"FPAH\x02",
    former: Some(FormerLayout { magic: b"FPAH\x01", checksum: short_sha_256 }),
};

/// Hashes of the recovery codes of one user. The version also says how the hashes are computed.
pub(crate) const RECOVERY_CODES: FileKind = FileKind { magic: b"FPRC\x01", former: None };

impl FileKind {
    /// The whole file.
    pub(crate) fn encode(&self, content: &[u8]) -> Vec<u8> {
        let mut file = [self.magic.as_slice(), content].concat();
        file.extend(sha_256(&file));
        file
    }

    /// The content of a file, or `None` if it is damaged or of another kind.
    pub(crate) fn decode<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        self.decode_current(file)
            .or_else(|| self.former.as_ref().and_then(|former| former.decode(file)))
    }

    /// A file of this kind in the former layout, or `None` if it does not exist or is not in
    /// the layout that is written.
    fn downgrade(&self, file: &[u8]) -> Option<Vec<u8>> {
        let former = self.former.as_ref()?;
        self.decode_current(file).map(|content| former.encode(content))
    }

    fn decode_current<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let (checked, checksum) = file.split_last_chunk::<CHECKSUM_LENGTH>()?;
        checked.strip_prefix(self.magic).filter(|_| sha_256(checked) == *checksum)
    }
}

impl FormerLayout {
    fn encode(&self, content: &[u8]) -> Vec<u8> {
        let mut file = [self.magic.as_slice(), content].concat();
        file.extend((self.checksum)(&file));
        file
    }

    fn decode<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let (checked, checksum) = file.split_last_chunk::<FORMER_LENGTH>()?;
        checked.strip_prefix(self.magic).filter(|_| (self.checksum)(checked) == *checksum)
    }
}

/// A file of any kind in its former layout, for a version of F-pass that knows no newer one. `None`
/// if nothing needs to change.
pub(crate) fn downgrade(file: &[u8]) -> Option<Vec<u8>> {
    [FAILURE_COUNTER, AUDIT_HEAD, RECOVERY_CODES].iter().find_map(|kind| kind.downgrade(file))
}

fn sha_256(bytes: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    Sha256::digest(bytes).into()
}

/// The first bytes of the SHA-256.
fn short_sha_256(bytes: &[u8]) -> [u8; FORMER_LENGTH] {
    sha_256(bytes).first_chunk().copied().unwrap_or_default()
}

/// FNV-1a, 64 bits, little-endian (Fowler, Noll, Vo).
fn fnv_1a(bytes: &[u8]) -> [u8; FORMER_LENGTH] {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [FileKind; 3] = [FAILURE_COUNTER, AUDIT_HEAD, RECOVERY_CODES];

    /// A file in every layout that is read.
    fn layouts(kind: &FileKind, content: &[u8]) -> Vec<Vec<u8>> {
        let former = kind.former.as_ref().map(|former| former.encode(content));
        std::iter::once(kind.encode(content)).chain(former).collect()
    }

    #[test]
    fn a_flipped_bit_or_a_missing_byte_is_found_in_every_layout() {
        for kind in &KINDS {
            for file in layouts(kind, b"content") {
                assert_eq!(kind.decode(&file), Some(b"content".as_slice()));
                for length in 0..file.len() {
                    assert_eq!(kind.decode(&file[..length]), None, "{length}");
                }
                for bit in 0..file.len() * 8 {
                    let mut damaged = file.clone();
                    damaged[bit / 8] ^= 1 << (bit % 8);
                    assert_eq!(kind.decode(&damaged), None, "{bit}");
                }
                assert_eq!(kind.decode(&[file.as_slice(), &[0]].concat()), None);
            }
        }
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        for (n, kind) in KINDS.iter().enumerate() {
            for (other, file) in KINDS
                .iter()
                .map(|kind| layouts(kind, b"content"))
                .enumerate()
                .filter(|(m, _)| *m != n)
            {
                assert!(file.iter().all(|file| kind.decode(file).is_none()), "{n} {other}");
            }
        }
    }

    #[test]
    fn a_downgrade_writes_the_former_layout_where_there_is_one() {
        for kind in [FAILURE_COUNTER, AUDIT_HEAD] {
            let [current, former] = layouts(&kind, b"content").try_into().unwrap();
            assert_eq!(downgrade(&current), Some(former.clone()));
            assert_eq!(downgrade(&former), None);
        }
        assert_eq!(downgrade(&RECOVERY_CODES.encode(b"content")), None);
        assert_eq!(downgrade(b"anything else"), None);
    }

    /// Fowler, Noll, Vo: the offset basis for no input, and the published value for "foobar".
    #[test]
    fn the_former_checksum_of_counters_is_fnv_1a() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325_u64.to_le_bytes());
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8_u64.to_le_bytes());
    }
}
