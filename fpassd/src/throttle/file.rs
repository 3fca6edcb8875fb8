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
    let content = encode(uid, kind, counter).ok_or(ThrottleError::Malformed)?;
    FAILURE_COUNTER.save(folder, &name(uid, kind), &content).map_err(ThrottleError::Write)
}

/// Gives a counter a file that can be overwritten in place, so that later changes need no free
/// space. A damaged counter stays.
pub(super) fn reserve(folder: &Folder, uid: Uid, kind: AttemptKind) -> Result<(), ThrottleError> {
    let file = folder.read(&name(uid, kind)).map_err(ThrottleError::Read)?;
    if file.is_some_and(|file| FAILURE_COUNTER.is_in_place(&file)) {
        return Ok(());
    }
    save(folder, uid, kind, &load(folder, uid, kind)?)
}

fn encode(uid: Uid, kind: AttemptKind, counter: &FailureCounter) -> Option<Vec<u8>> {
    let content = Content { uid: uid.0, kind, counter: counter.clone() };
    postcard::to_allocvec(&content).ok()
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

    /// The file of a new counter.
    fn file_of(uid: Uid, kind: AttemptKind, counter: &FailureCounter) -> Vec<u8> {
        FAILURE_COUNTER.encode(&encode(uid, kind, counter).unwrap()).unwrap()
    }

    #[test]
    fn a_counter_is_read_in_the_first_layout_and_written_in_the_newest_one() {
        assert_eq!(decode(FORMER, ALICE, AttemptKind::Login), Some(locked()));
        let bytes = file_of(ALICE, AttemptKind::Login, &locked());
        assert!(bytes.starts_with(b"FPTC\x03"));
        assert_eq!(decode(&bytes, ALICE, AttemptKind::Login), Some(locked()));
        assert_eq!(crate::checked_file::downgrade(&bytes).as_deref(), Some(FORMER));
    }

    #[test]
    fn reserving_keeps_the_count_in_every_layout_and_leaves_a_damaged_one() {
        let directory = crate::folder::private_directory();
        let folder = Folder::open(directory.path()).unwrap();
        let name = name(ALICE, AttemptKind::Login);
        reserve(&folder, ALICE, AttemptKind::Login).unwrap();
        let counted = || load(&folder, ALICE, AttemptKind::Login);
        assert_eq!(counted().unwrap(), FailureCounter::default());
        folder.write(&name, FORMER).unwrap();
        for _ in 0..2 {
            reserve(&folder, ALICE, AttemptKind::Login).unwrap();
            assert_eq!(counted().unwrap(), locked());
            assert!(FAILURE_COUNTER.is_in_place(&folder.read(&name).unwrap().unwrap()));
        }
        folder.write(&name, b"damaged").unwrap();
        assert!(reserve(&folder, ALICE, AttemptKind::Login).is_err());
        assert_eq!(folder.read(&name).unwrap().unwrap().as_slice(), b"damaged");
    }

    #[test]
    fn the_counter_of_another_user_or_kind_is_refused() {
        let bytes = file_of(ALICE, AttemptKind::Login, &FailureCounter::default());
        assert_eq!(decode(&bytes, Uid(1001), AttemptKind::Login), None);
        assert_eq!(decode(&bytes, ALICE, AttemptKind::SelfTest), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            decode(&bytes, ALICE, AttemptKind::Login);
            // With a right checksum.
            let framed = FAILURE_COUNTER.encode(&bytes).unwrap();
            if let Some(counter) = decode(&framed, ALICE, AttemptKind::Login) {
                prop_assert!(counter.is_plausible());
            }
        }
    }
}
