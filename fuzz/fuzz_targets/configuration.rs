//! The text of `fpassd.toml`.

#![no_main]

use std::{path::Path, time::Duration};

use fpass_fuzz::{Bounds, MIB, bounded};
use fpassd::fuzzing::parse_configuration;
use libfuzzer_sys::fuzz_target;

const PATH: &str = "/etc/fpass/fpassd.toml";
const BOUNDS: Bounds = Bounds { bytes: 16 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match bounded(BOUNDS, || parse_configuration(text, Path::new(PATH))) {
        Ok(configuration) => configuration.check(),
        Err(sentence) => assert!(sentence.starts_with(PATH), "{sentence}"),
    }
});
