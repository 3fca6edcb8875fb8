//! The text of `fpassd.toml`.

#![no_main]
#![allow(dead_code)]

use std::{path::Path, time::Duration};

use fpass_camera::Source;
use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

use crate::daemon::config;

#[path = "../../fpassd/src"]
mod daemon {
    pub(crate) mod config;
}

#[path = "../../fpassd/src/seat"]
mod seat {
    mod config;

    pub(crate) use config::SeatConfig;
}

const PATH: &str = "/etc/fpass/fpassd.toml";
const BOUNDS: Bounds = Bounds { bytes: 16 * MIB, time: Duration::from_millis(50) };

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let parsed = bounded(BOUNDS, || config::Config::parse(text, Path::new(PATH)));
    match parsed {
        Ok(config) => check(&config),
        Err(error) => assert!(error.to_string().starts_with(PATH), "{error}"),
    }
});

/// The ranges that `fpassd.toml(5)` gives.
fn check(config: &config::Config) {
    let config::Config { camera, recognition, verification, enrolment, adaptation, .. } = config;
    assert!((160..=1920).contains(&camera.width) && (120..=1080).contains(&camera.height));
    assert!((1..=120).contains(&camera.frame_rate) && camera.warm_up_frames <= 60);
    assert!((100..=10_000).contains(&camera.frame_timeout_ms));
    assert!((80..=1920).contains(&recognition.detection_side));
    assert!((1e-6..=1e-3).contains(&recognition.false_match_rate));
    assert!((500..=30_000).contains(&verification.timeout_ms));
    assert!((1..=10).contains(&verification.agreeing_frames));
    assert!((verification.agreeing_frames..=100).contains(&verification.judged_frames));
    assert!((5..=20).contains(&enrolment.frames));
    assert!((5_000..=300_000).contains(&enrolment.timeout_ms));
    assert!((1..=3650).contains(&adaptation.expiry_days));
    match config.source() {
        Source::V4l2(settings) => assert!(settings.frame_timeout <= Duration::from_secs(10)),
        Source::Recorded(settings) => assert!(!settings.path.as_os_str().is_empty()),
    }
}
