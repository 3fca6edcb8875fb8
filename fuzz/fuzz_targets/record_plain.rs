//! The content of an opened record.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpassd::fuzzing::decode_record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // serde allocates up to 1 MiB in advance for each open list.
    let bounds = Bounds { bytes: 8 * MIB + 64 * bytes.len(), time: Duration::from_millis(50) };
    if let Some(record) = bounded(bounds, || decode_record(bytes)) {
        record.check();
    }
});
