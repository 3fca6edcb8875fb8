//! The sealed form of a record.
//!
//! The bytes are opened as they are, and are sealed as content: what comes of that opens for its
//! user and generation only, and in no altered form. The first two bytes say where it is altered.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use fpass_fuzz::{Bounds, KIB, bounded};
use fpass_proto::Uid;
use libfuzzer_sys::fuzz_target;

#[path = "../../fpassd/src/store"]
mod store {
    use chacha20poly1305::XChaCha20Poly1305;
    use fpass_proto::Uid;

    mod seal;

    pub(crate) use seal::Binding;

    /// The errors of a sealed record.
    #[derive(Debug, PartialEq)]
    pub(crate) enum StoreError {
        NoRandomness,
        Truncated,
        Altered,
        Swapped,
        UnknownFormat,
    }

    /// Generation and content.
    pub(crate) fn open(
        cipher: &XChaCha20Poly1305,
        binding: &Binding,
        uid: Uid,
        sealed: &[u8],
    ) -> Result<(u64, Vec<u8>), StoreError> {
        let opened = seal::open(cipher, binding, uid, sealed)?;
        assert_eq!(seal::claimed_generation(sealed), opened.generation);
        Ok((opened.generation, opened.plaintext.to_vec()))
    }

    pub(crate) fn seal(
        cipher: &XChaCha20Poly1305,
        binding: &Binding,
        uid: Uid,
        generation: u64,
        content: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        seal::seal(cipher, binding, uid, generation, content)
    }
}

use store::{Binding, StoreError};

const OWNER: Uid = Uid(1000);

fuzz_target!(|bytes: &[u8]| {
    let cipher = XChaCha20Poly1305::new(&[7; 32].into());
    let binding = Binding { machine_id: "0".repeat(32), models: [9; 32] };
    let bounds = Bounds { bytes: 64 * KIB + 8 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        if let Err(error) = store::open(&cipher, &binding, OWNER, bytes) {
            assert_ne!(error, StoreError::NoRandomness);
        }
        let Some((&[place, value], content)) = bytes.split_first_chunk() else {
            return;
        };
        let generation = u64::from(place);
        let mut sealed = store::seal(&cipher, &binding, OWNER, generation, content).unwrap();
        assert_eq!(
            store::open(&cipher, &binding, OWNER, &sealed).as_ref().map(|(g, c)| (*g, &c[..])),
            Ok((generation, content))
        );
        assert_eq!(store::open(&cipher, &binding, Uid(1001), &sealed), Err(StoreError::Swapped));
        let place = usize::from(place) % sealed.len();
        assert!(store::open(&cipher, &binding, OWNER, &sealed[..place]).is_err());
        sealed[place] ^= value.max(1);
        assert!(store::open(&cipher, &binding, OWNER, &sealed).is_err());
    });
});
