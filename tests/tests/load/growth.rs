//! What the daemon holds after many attempts. The whole length is `scripts/soak-daemon`.

use fpass_tests::{
    figures,
    soak::{BLOCKING_MAX, prepare, soak},
};

use crate::FIGURES;

/// Attempts of the share that runs with every test.
const ATTEMPTS: u32 = 100;
/// Attempts before the daemon is looked at first.
const WARM_UP: u32 = 20;
/// Resident memory in KiB that the daemon may have.
const RESIDENT_MAX: u64 = 200 * 1024;

#[test]
fn attempts_leave_no_descriptor_and_no_thread_behind() {
    let ground = prepare().unwrap();
    soak(&ground, WARM_UP, WARM_UP, |_| {}).unwrap();
    let seen = soak(&ground, ATTEMPTS, ATTEMPTS, |_| {}).unwrap();
    let (before, after) = (seen[0], seen[1]);
    assert!(after.descriptors <= before.descriptors, "{before:?} {after:?}");
    assert!(after.threads <= before.threads + BLOCKING_MAX, "{before:?} {after:?}");
    assert!(after.resident < RESIDENT_MAX, "{after:?}");
    let text = format!(
        "{ATTEMPTS} attempts by one daemon: {} to {} KiB resident, {} to {} descriptors",
        before.resident, after.resident, before.descriptors, after.descriptors
    );
    figures::note(FIGURES, &text).unwrap();
}
