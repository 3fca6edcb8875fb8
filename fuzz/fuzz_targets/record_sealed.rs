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

#[path = "../sealed_store.rs"]
mod store;

use store::{Binding, Format, StoreError, open, seal};

const OWNER: Uid = Uid(1000);

fuzz_target!(|bytes: &[u8]| {
    // A key, and one of a rotation before.
    let ring = store::keyring([[7; 32], [8; 32]].as_flattened());
    let binding = Binding { machine_id: "0".repeat(32), models: [9; 32] };
    let bounds = Bounds { bytes: 64 * KIB + 8 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        if let Err(error) = open(&ring, &binding, OWNER, bytes) {
            assert_ne!(error, StoreError::NoRandomness);
        }
        let Some((&[place, value], content)) = bytes.split_first_chunk() else {
            return;
        };
        let generation = u64::from(place);
        let format = Format::of(3 + u16::from(value & 1)).unwrap();
        let mut sealed = seal(&ring, format, &binding, OWNER, generation, content).unwrap();
        assert_eq!(
            open(&ring, &binding, OWNER, &sealed).as_ref().map(|(g, c)| (*g, &c[..])),
            Ok((generation, content))
        );
        assert_eq!(open(&ring, &binding, Uid(1001), &sealed), Err(StoreError::Swapped));
        let place = usize::from(place) % sealed.len();
        assert!(open(&ring, &binding, OWNER, &sealed[..place]).is_err());
        sealed[place] ^= value.max(1);
        assert!(open(&ring, &binding, OWNER, &sealed).is_err());
    });
});
