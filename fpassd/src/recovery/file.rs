//! The recovery codes of one user on the disk: their salts and hashes, and which are used.
//!
//! Content of the checked file: the user id (4 bytes, little-endian), then for each of ten codes
//! one byte (1: unused, 0: used), a salt (16 bytes) and a hash (32 bytes, zeros for a used code).

use fpass_proto::{Uid, limits};

use crate::checked_file::RECOVERY_CODES;

/// Bytes of a salt.
pub(crate) const SALT: usize = 16;
/// Bytes of a hash.
pub(crate) const HASH: usize = 32;

/// Salt and hash of one code.
#[derive(Clone, PartialEq, Eq)]
struct Slot {
    salt: [u8; SALT],
    /// `None` for a used code.
    hash: Option<[u8; HASH]>,
}

/// Salts and hashes of the codes of one user.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Codes([Slot; limits::RECOVERY_CODES]);

/// Name of the file.
pub(crate) fn name(uid: Uid) -> String {
    format!("{uid}.recovery")
}

impl Codes {
    /// Unused codes with these salts and hashes.
    pub(crate) fn new(checks: [([u8; SALT], [u8; HASH]); limits::RECOVERY_CODES]) -> Self {
        Self(checks.map(|(salt, hash)| Slot { salt, hash: Some(hash) }))
    }

    /// Number of unused codes.
    pub(crate) fn left(&self) -> u32 {
        let left = self.0.iter().filter(|slot| slot.hash.is_some()).count();
        u32::try_from(left).unwrap_or_default()
    }

    /// The salt of a code, used or not.
    pub(crate) fn salt(&self, number: usize) -> Option<&[u8; SALT]> {
        self.0.get(number).map(|slot| &slot.salt)
    }

    /// Marks the code with this number and hash as used. Returns `false`, and changes nothing, for
    /// a wrong hash or a used code.
    #[must_use]
    pub(crate) fn mark_used(&mut self, number: usize, hash: &[u8; HASH]) -> bool {
        let Some(slot) = self.0.get_mut(number) else { return false };
        let right = slot.hash.as_ref().is_some_and(|wanted| equal(wanted, hash));
        if right {
            slot.hash = None;
        }
        right
    }

    /// The content of the checked file.
    pub(crate) fn encode(&self, uid: Uid) -> Vec<u8> {
        let mut content = uid.0.to_le_bytes().to_vec();
        for Slot { salt, hash } in &self.0 {
            content.push(u8::from(hash.is_some()));
            content.extend_from_slice(salt);
            content.extend_from_slice(&hash.unwrap_or_default());
        }
        content
    }

    /// Reads the file of a user. `None` for any bytes that [`encode`](Self::encode) does not write
    /// for this user.
    pub(crate) fn decode(bytes: &[u8], uid: Uid) -> Option<Self> {
        let (owner, mut rest) = RECOVERY_CODES.decode(bytes)?.split_first_chunk()?;
        if u32::from_le_bytes(*owner) != uid.0 {
            return None;
        }
        let used = || Slot { salt: [0; SALT], hash: None };
        let mut slots: [Slot; limits::RECOVERY_CODES] = std::array::from_fn(|_| used());
        for slot in &mut slots {
            let ([usable], after) = rest.split_first_chunk()?;
            let (salt, after) = after.split_first_chunk()?;
            let (hash, after) = after.split_first_chunk::<HASH>()?;
            slot.salt = *salt;
            slot.hash = match usable {
                1 => Some(*hash),
                0 if *hash == [0; HASH] => None,
                _ => return None,
            };
            rest = after;
        }
        rest.is_empty().then_some(Self(slots))
    }
}

/// Compares in constant time.
fn equal(left: &[u8; HASH], right: &[u8; HASH]) -> bool {
    std::hint::black_box(left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b))) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALICE: Uid = Uid(1000);

    fn codes() -> Codes {
        Codes::new(std::array::from_fn(|n| {
            let n = u8::try_from(n).unwrap();
            ([n; SALT], [n + 100; HASH])
        }))
    }

    /// The file of a user's codes.
    fn file_of(codes: &Codes, uid: Uid) -> Vec<u8> {
        RECOVERY_CODES.encode(&codes.encode(uid)).unwrap()
    }

    fn decodes(bytes: &[u8], uid: Uid) -> bool {
        Codes::decode(bytes, uid).is_some()
    }

    #[test]
    fn codes_of_another_user_are_refused() {
        assert!(!decodes(&file_of(&codes(), ALICE), Uid(1001)));
        assert!(Codes::decode(&file_of(&codes(), ALICE), ALICE) == Some(codes()));
    }

    #[test]
    fn a_code_is_used_once_and_only_with_its_own_hash() {
        let mut codes = codes();
        assert!(!codes.mark_used(3, &[102; HASH]));
        assert!(!codes.mark_used(10, &[110; HASH]));
        assert_eq!(codes.left(), 10);
        assert!(codes.mark_used(3, &[103; HASH]));
        assert_eq!(codes.left(), 9);
        assert!(!codes.mark_used(3, &[103; HASH]));
        assert!(!codes.mark_used(3, &[0; HASH]), "the hash in the file of a used code");
        let read = Codes::decode(&file_of(&codes, ALICE), ALICE).unwrap();
        assert!(read == codes && read.left() == 9);
        assert!(read.salt(3).is_some() && read.salt(10).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_decoded_codes_encode_to_the_same_bytes(
            content in proptest::collection::vec(any::<u8>(), 480..500),
            usable in any::<bool>(),
        ) {
            decodes(&content, ALICE);
            let mut content = [ALICE.0.to_le_bytes().as_slice(), &content].concat();
            for slot in content[4..].chunks_mut(1 + SALT + HASH) {
                slot[0] = u8::from(usable);
            }
            let framed = RECOVERY_CODES.encode(&content).unwrap();
            if let Some(codes) = Codes::decode(&framed, ALICE) {
                prop_assert_eq!(codes.encode(ALICE), content);
            }
        }
    }
}
