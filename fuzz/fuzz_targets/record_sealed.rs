//! The sealed form of a record.
//!
//! The bytes are opened as they are, and are sealed as content: what comes of that opens for its
//! user and generation only, and in no altered form. The first two bytes say where it is altered.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpass_proto::Uid;
use libfuzzer_sys::fuzz_target;

#[path = "../../fpassd/src/store"]
mod store {
    use fpass_proto::Uid;

    mod keyring;
    mod seal;

    pub(crate) use seal::Binding;

    /// What is wrong with a key of zeros.
    mod folder {
        #[derive(Debug, PartialEq)]
        pub(crate) enum FolderError {
            Irregular,
        }
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
        Key(folder::FolderError),
    }

    pub(crate) struct Keyring(keyring::Keyring);

    /// A key, and one of a rotation before.
    pub(crate) fn keyring() -> Keyring {
        Keyring(keyring::Keyring::read([[7; 32], [8; 32]].as_flattened()).unwrap())
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
        format: u16,
        binding: &Binding,
        uid: Uid,
        generation: u64,
        content: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        seal::seal(&ring.0, seal::Format::of(format).unwrap(), binding, uid, generation, content)
    }
}

use store::{Binding, StoreError};

const OWNER: Uid = Uid(1000);

fuzz_target!(|bytes: &[u8]| {
    let ring = store::keyring();
    let binding = Binding { machine_id: "0".repeat(32), models: [9; 32] };
    let bounds = Bounds { bytes: 64 * KIB + 8 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        if let Err(error) = store::open(&ring, &binding, OWNER, bytes) {
            assert_ne!(error, StoreError::NoRandomness);
        }
        let Some((&[place, value], content)) = bytes.split_first_chunk() else {
            return;
        };
        let generation = u64::from(place);
        let format = 3 + u16::from(value & 1);
        let mut sealed = store::seal(&ring, format, &binding, OWNER, generation, content).unwrap();
        assert_eq!(
            store::open(&ring, &binding, OWNER, &sealed).as_ref().map(|(g, c)| (*g, &c[..])),
            Ok((generation, content))
        );
        assert_eq!(store::open(&ring, &binding, Uid(1001), &sealed), Err(StoreError::Swapped));
        let place = usize::from(place) % sealed.len();
        assert!(store::open(&ring, &binding, OWNER, &sealed[..place]).is_err());
        sealed[place] ^= value.max(1);
        assert!(store::open(&ring, &binding, OWNER, &sealed).is_err());
    });
});
