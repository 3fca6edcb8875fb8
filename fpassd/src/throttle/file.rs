//! A failure counter on the disk: one checked file for each user and kind of attempt.

use fpass_proto::Uid;
use serde::{Deserialize, Serialize};

use super::{AttemptKind, ThrottleError, failure_counter::FailureCounter};
use crate::{checked_file::FAILURE_COUNTER, folder::Folder};

/// Content of the file, encoded by postcard.
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

/// Reads a counter; without a file it is zero.
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

/// Replaces a counter; on return it is on the disk.
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
    Some(FAILURE_COUNTER.encode(&postcard::to_allocvec(&content).ok()?))
}

fn decode(bytes: &[u8], uid: Uid, kind: AttemptKind) -> Option<FailureCounter> {
    let content = FAILURE_COUNTER.decode(bytes)?;
    let (content, rest) = postcard::take_from_bytes::<Content>(content).ok()?;
    let is_wanted = content.uid == uid.0 && content.kind == kind;
    (is_wanted && rest.is_empty() && content.counter.is_plausible()).then_some(content.counter)
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

    /// Alice's file of [`locked`] logins in the first layout.
    const FORMER: &[u8] =
        b"FPTC\x01\xe8\x07\x00\x07\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
        \xff\xff\xff\xff\xff\xff\x03\xb9`\x80\xeb\xa5\xc3\x02x\x00\xd046\x8d\xff$\xa2\
        \xd6";

    #[test]
    fn a_counter_is_read_in_both_layouts_and_written_in_the_newer_one() {
        assert_eq!(decode(FORMER, ALICE, AttemptKind::Login), Some(locked()));
        let bytes = encode(ALICE, AttemptKind::Login, &locked()).unwrap();
        assert!(bytes.starts_with(b"FPTC\x02"));
        assert_eq!(decode(&bytes, ALICE, AttemptKind::Login), Some(locked()));
        assert_eq!(crate::checked_file::downgrade(&bytes).as_deref(), Some(FORMER));
    }

    #[test]
    fn a_flipped_bit_or_a_missing_byte_is_found() {
        for bytes in [FORMER.to_vec(), encode(ALICE, AttemptKind::Login, &locked()).unwrap()] {
            for length in 0..bytes.len() {
                assert_eq!(decode(&bytes[..length], ALICE, AttemptKind::Login), None, "{length}");
            }
            for bit in 0..bytes.len() * 8 {
                let mut damaged = bytes.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(decode(&damaged, ALICE, AttemptKind::Login), None, "{bit}");
            }
            assert_eq!(decode(&[&bytes[..], &[0]].concat(), ALICE, AttemptKind::Login), None);
        }
    }

    #[test]
    fn the_counter_of_another_user_or_kind_is_refused() {
        let bytes = encode(ALICE, AttemptKind::Login, &FailureCounter::default()).unwrap();
        assert_eq!(decode(&bytes, Uid(1001), AttemptKind::Login), None);
        assert_eq!(decode(&bytes, ALICE, AttemptKind::SelfTest), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, ALICE, AttemptKind::Login);
            // With a right checksum.
            let framed = FAILURE_COUNTER.encode(&bytes);
            if let Some(counter) = decode(&framed, ALICE, AttemptKind::Login) {
                prop_assert!(counter.is_plausible());
            }
        }
    }
}
