//! A file of recovery codes, and a code that a user typed.
//!
//! The bytes are read as a file, as the content of a file with a correct checksum, and as a typed
//! code. What is read is written as the same bytes, and belongs to one user.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpassd::fuzzing::check_recovery;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { bytes: 64 * KIB + 4 * bytes.len(), time: Duration::from_millis(20) };
    bounded(bounds, || check_recovery(bytes));
});
