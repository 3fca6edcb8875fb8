//! Waiting for events of a running machine.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::Testbed;

/// Longest wait for an event.
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

/// Whether the daemon captures frames: it keeps its camera open meanwhile.
pub fn camera_is_on(testbed: &Testbed) -> bool {
    let Some(id) = testbed.daemon_id() else {
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
pub fn wait_for_attempt(testbed: &Testbed) {
    wait_until("the camera is on", || camera_is_on(testbed));
}
