//! A bucket on the disk: one small file for each user and purpose.
//!
//! Layout: four letters, a version, the bucket with whose it is, and a check value over all that. The
//! check value finds damage, not forgery: who can write into the store can also empty it.

use fpass_proto::Uid;
use serde::{Deserialize, Serialize};

use super::{Purpose, ThrottleError, bucket::Bucket};
use crate::store::Folder;

/// First bytes of every file: a name and the version of the format.
const MAGIC: &[u8; 5] = b"FPTC\x01";
/// Length of the check value in bytes.
const CHECK: usize = 8;

#[derive(Serialize, Deserialize)]
struct Content {
    uid: u32,
    purpose: Purpose,
    bucket: Bucket,
}

/// Name of the file.
pub(super) fn name(uid: Uid, purpose: Purpose) -> String {
    format!("{uid}.{}", purpose.as_str())
}

/// Reads a bucket; a file that does not exist is an empty one.
pub(super) fn load(folder: &Folder, uid: Uid, purpose: Purpose) -> Result<Bucket, ThrottleError> {
    match folder.read(&name(uid, purpose)).map_err(ThrottleError::Read)? {
        None => Ok(Bucket::default()),
        Some(bytes) => decode(&bytes, uid, purpose).ok_or(ThrottleError::Malformed),
    }
}

/// Replaces a bucket; on return it is on the disk.
pub(super) fn save(
    folder: &Folder,
    uid: Uid,
    purpose: Purpose,
    bucket: &Bucket,
) -> Result<(), ThrottleError> {
    let bytes = encode(uid, purpose, bucket).ok_or(ThrottleError::Malformed)?;
    folder.write(&name(uid, purpose), &bytes).map_err(ThrottleError::Write)
}

fn encode(uid: Uid, purpose: Purpose, bucket: &Bucket) -> Option<Vec<u8>> {
    let content = Content { uid: uid.0, purpose, bucket: bucket.clone() };
    let mut bytes = postcard::to_extend(&content, MAGIC.to_vec()).ok()?;
    bytes.extend_from_slice(&check(&bytes).to_le_bytes());
    Some(bytes)
}

fn decode(bytes: &[u8], uid: Uid, purpose: Purpose) -> Option<Bucket> {
    let (checked, value) = bytes.split_last_chunk::<CHECK>()?;
    if check(checked) != u64::from_le_bytes(*value) {
        return None;
    }
    let (content, rest) =
        postcard::take_from_bytes::<Content>(checked.strip_prefix(MAGIC)?).ok()?;
    let whose = content.uid == uid.0 && content.purpose == purpose;
    (whose && rest.is_empty() && content.bucket.is_plausible()).then_some(content.bucket)
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

    fn locked() -> Bucket {
        let boot = Some(BootId(u128::MAX));
        Bucket::of(7, Moment { boot, uptime: Duration::from_millis(12_345_678) })
    }

    #[test]
    fn no_flipped_bit_and_no_missing_byte_goes_unnoticed() {
        let bytes = encode(ALICE, Purpose::Login, &locked()).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length], ALICE, Purpose::Login), None, "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&damaged, ALICE, Purpose::Login), None, "{bit}");
        }
        assert_eq!(decode(&[&bytes[..], &[0]].concat(), ALICE, Purpose::Login), None);
        assert_eq!(decode(&bytes, ALICE, Purpose::Login), Some(locked()));
    }

    #[test]
    fn nobody_s_bucket_serves_for_another_one() {
        let bytes = encode(ALICE, Purpose::Login, &Bucket::default()).unwrap();
        assert_eq!(decode(&bytes, Uid(1001), Purpose::Login), None);
        assert_eq!(decode(&bytes, ALICE, Purpose::SelfTest), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, ALICE, Purpose::Login);
            // With a check value that is right.
            let mut framed = [MAGIC.as_slice(), &bytes].concat();
            framed.extend(check(&framed).to_le_bytes());
            if let Some(bucket) = decode(&framed, ALICE, Purpose::Login) {
                prop_assert!(bucket.is_plausible());
            }
        }
    }
}
