//! Waiting for what a running machine does by itself.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::Ground;

/// How long something may take before the test counts it as never.
const NEVER: Duration = Duration::from_secs(30);

/// Waits until `condition` holds.
///
/// # Panics
/// After 30 seconds, naming `what` was waited for.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < NEVER, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether the daemon is taking frames: it holds its camera open for as long as it does.
pub fn camera_is_on(ground: &Ground) -> bool {
    let Some(id) = ground.daemon_id() else {
        return false;
    };
    let Ok(descriptors) = fs::read_dir(format!("/proc/{id}/fd")) else {
        return false;
    };
    descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| target.to_string_lossy().contains("scene.y4m"))
}

/// Waits until an attempt has begun.
///
/// # Panics
/// As [`wait_until`].
pub fn wait_for_attempt(ground: &Ground) {
    wait_until("the camera is on", || camera_is_on(ground));
}
