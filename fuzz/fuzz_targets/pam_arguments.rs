//! The arguments of the PAM line. A zero byte ends an argument, as in the host process.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use libfuzzer_sys::fuzz_target;

#[path = "../../pam-fpass/src/options.rs"]
mod options;

use options::{Mode, Options};

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    let arguments: Vec<&str> = line.split('\0').collect();
    let bounds = Bounds { bytes: 64 * KIB + 32 * line.len(), time: Duration::from_millis(5) };
    match bounded(bounds, || Options::parse(&arguments)) {
        Ok(options) => {
            assert!((1..=30).contains(&options.timeout.as_secs()));
            assert_eq!(options.timeout.subsec_nanos(), 0);
            assert_eq!(Options::parse(&written(&options)), Ok(options));
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.chars().any(char::is_control) && line.len() < 1024, "{line:?}");
        }
    }
});

/// A line that says the same.
fn written(options: &Options) -> Vec<String> {
    let flags = [
        (options.mode == Mode::Prewarm, "prewarm"),
        (options.nullok, "nullok"),
        (options.quiet, "quiet"),
        (options.debug, "debug"),
        (options.sole_factor, "sole_factor"),
        (options.recovery.is_some(), "recovery"),
    ];
    let mut line: Vec<String> =
        flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| (*flag).to_owned()).collect();
    if options.mode == Mode::Verify {
        line.push(format!("timeout={}", options.timeout.as_secs()));
    }
    if let Some(services) = &options.services {
        let names: Vec<&str> = services.iter().map(|service| service.as_str()).collect();
        line.push(format!("service_ok={}", names.join(",")));
    }
    line
}
