//! A bucket on the disk: one small file for each user and purpose.
//!
//! Layout: four letters, a version, the bucket with whose it is, and a check value over all that. The
//! check value finds damage, not forgery: who can write into the store can also empty it.

use fpass_proto::Uid;
use serde::{Deserialize, Serialize};

use super::{AttemptKind, ThrottleError, failure_counter::FailureCounter};
use crate::folder::Folder;

/// First bytes of every file: a name and the version of the format.
const MAGIC: &[u8; 5] = b"FPTC\x01";
/// Length of the check value in bytes.
const CHECK: usize = 8;

#[derive(Serialize, Deserialize)]
struct Content {
    uid: u32,
    kind: AttemptKind,
    counter: FailureCounter,
}

/// Name of the file.
pub(super) fn name(uid: Uid, kind: AttemptKind) -> String {
    format!("{uid}.{}", kind.as_str())
}

/// Reads a bucket; a file that does not exist is an empty one.
pub(super) fn load(
    folder: &Folder,
    uid: Uid,
    kind: AttemptKind,
) -> Result<FailureCounter, ThrottleError> {
    match folder.read(&name(uid, kind)).map_err(ThrottleError::Read)? {
        None => Ok(FailureCounter::default()),
        Some(bytes) => decode(&bytes, uid, kind).ok_or(ThrottleError::Malformed),
    }
}

/// Replaces a bucket; on return it is on the disk.
pub(super) fn save(
    folder: &Folder,
    uid: Uid,
    kind: AttemptKind,
    counter: &FailureCounter,
) -> Result<(), ThrottleError> {
    let bytes = encode(uid, kind, counter).ok_or(ThrottleError::Malformed)?;
    folder.write(&name(uid, kind), &bytes).map_err(ThrottleError::Write)
}

fn encode(uid: Uid, kind: AttemptKind, counter: &FailureCounter) -> Option<Vec<u8>> {
    let content = Content { uid: uid.0, kind, counter: counter.clone() };
    let mut bytes = postcard::to_extend(&content, MAGIC.to_vec()).ok()?;
    bytes.extend_from_slice(&check(&bytes).to_le_bytes());
    Some(bytes)
}

fn decode(bytes: &[u8], uid: Uid, kind: AttemptKind) -> Option<FailureCounter> {
    let (checked, value) = bytes.split_last_chunk::<CHECK>()?;
    if check(checked) != u64::from_le_bytes(*value) {
        return None;
    }
    let (content, rest) =
        postcard::take_from_bytes::<Content>(checked.strip_prefix(MAGIC)?).ok()?;
    let whose = content.uid == uid.0 && content.kind == kind;
    (whose && rest.is_empty() && content.counter.is_plausible()).then_some(content.counter)
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): each step is a bijection, so no damage within one byte is
/// missed.
fn check(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::throttle::clock::{BootId, Moment};

    const ALICE: Uid = Uid(1000);

    fn locked() -> FailureCounter {
        let boot = Some(BootId(u128::MAX));
        FailureCounter::of(7, Moment { boot, uptime: Duration::from_millis(12_345_678) })
    }

    #[test]
    fn no_flipped_bit_and_no_missing_byte_goes_unnoticed() {
        let bytes = encode(ALICE, AttemptKind::Login, &locked()).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length], ALICE, AttemptKind::Login), None, "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&damaged, ALICE, AttemptKind::Login), None, "{bit}");
        }
        assert_eq!(decode(&[&bytes[..], &[0]].concat(), ALICE, AttemptKind::Login), None);
        assert_eq!(decode(&bytes, ALICE, AttemptKind::Login), Some(locked()));
    }

    #[test]
    fn nobody_s_bucket_serves_for_another_one() {
        let bytes = encode(ALICE, AttemptKind::Login, &FailureCounter::default()).unwrap();
        assert_eq!(decode(&bytes, Uid(1001), AttemptKind::Login), None);
        assert_eq!(decode(&bytes, ALICE, AttemptKind::SelfTest), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, ALICE, AttemptKind::Login);
            // With a check value that is right.
            let mut framed = [MAGIC.as_slice(), &bytes].concat();
            framed.extend(check(&framed).to_le_bytes());
            if let Some(counter) = decode(&framed, ALICE, AttemptKind::Login) {
                prop_assert!(counter.is_plausible());
            }
        }
    }
}
