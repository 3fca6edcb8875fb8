//! The sealed form of a record.
//!
//! The bytes are opened as they are, and sealed as content: the result opens for its user and
//! generation only, and in no altered form.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpassd::fuzzing::SealedStore;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let store = SealedStore::default();
    let bounds = Bounds { bytes: 64 * KIB + 8 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || store.check(bytes));
});
