//! Memory, descriptors and threads of the daemon after many attempts. `scripts/soak-daemon` runs
//! the full length.

use fpass_tests::{
    figures,
    soak::{BLOCKING_MAX, prepare, soak},
};

use crate::FIGURES;

/// Attempts in an ordinary test run.
const ATTEMPTS: u32 = 100;
/// Attempts before the first measurement.
const WARM_UP: u32 = 20;
/// Largest resident memory of the daemon in KiB.
const RESIDENT_MAX: u64 = 200 * 1024;

#[test]
fn attempts_leave_no_descriptor_and_no_thread_behind() {
    let testbed = prepare().unwrap();
    soak(&testbed, WARM_UP, WARM_UP, |_| {}).unwrap();
    let seen = soak(&testbed, ATTEMPTS, ATTEMPTS, |_| {}).unwrap();
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
