//! A bundle of templates from another machine.
//!
//! The bytes are opened as they are, and as the content of a bundle with a correct signature: that
//! reaches the code behind the check of the signature. A bundle that opens can be sealed again and
//! opens as the same.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpassd::fuzzing::check_bundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { bytes: 64 * KIB + 8 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || check_bundle(bytes));
});
