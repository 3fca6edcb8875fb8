//! The arguments of the PAM line. A zero byte ends an argument, as in the host process.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpass_proto::{PamArguments, limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = line.split('\0').collect();
    let bounds = Bounds { bytes: 64 * KIB + 32 * line.len(), time: Duration::from_millis(5) };
    match bounded(bounds, || PamArguments::parse_auth(&words)) {
        Ok(arguments) => {
            let deadlines = limits::DEADLINE_FLOOR..=limits::DEADLINE_CAP;
            assert!(deadlines.contains(&arguments.timeout));
            assert_eq!(arguments.timeout.subsec_nanos(), 0);
            assert_eq!(PamArguments::parse_auth(&written(&arguments)), Ok(arguments));
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.chars().any(char::is_control) && line.len() < 1024, "{line:?}");
        }
    }
});

/// A line that says the same.
fn written(arguments: &PamArguments) -> Vec<String> {
    let flags = [
        (arguments.prewarm, "prewarm"),
        (arguments.nullok, "nullok"),
        (arguments.quiet, "quiet"),
        (arguments.announce, "announce"),
        (arguments.debug, "debug"),
        (arguments.sole_factor, "sole_factor"),
        (arguments.recovery.is_some(), "recovery"),
        (arguments.enroll, "enroll=required"),
    ];
    let mut line: Vec<String> =
        flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| (*flag).to_owned()).collect();
    if !arguments.prewarm {
        line.push(format!("timeout={}", arguments.timeout.as_secs()));
    }
    if let Some(services) = &arguments.services {
        let names: Vec<&str> = services.iter().map(|service| service.as_str()).collect();
        line.push(format!("service_ok={}", names.join(",")));
    }
    line
}
