//! An engine thread that hangs in a system call, as a driver can cause it: `strace` delays the
//! opening of the camera.

use std::{fs, path::Path, time::Instant};

use fpass_proto::{Refusal, names::VERIFICATION_INTERFACE};
use fpass_tests::{
    ALICE, Reply, Testbed, figures,
    strace::{Strace, tracer},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::FIGURES;

/// Duration of the system call in microseconds: longer than any test.
const FOR_EVER: &str = "600000000";
/// The journal's message about it.
const STUCK: &str = "the engine is stuck";

/// Delays the serving engine thread, the one that is not delayed yet, when it next opens a file.
fn hold_up(testbed: &Testbed) -> Strace {
    let daemon = testbed.daemon_id().unwrap();
    let is_free =
        |thread: &u32| tracer(Path::new(&format!("/proc/{daemon}/task/{thread}"))) == Some(0);
    let thread = engines(testbed).into_iter().find(is_free).unwrap();
    Strace::attach_to_thread(daemon, thread, &format!("openat:delay_enter={FOR_EVER}")).unwrap()
}

/// The engine threads.
fn engines(testbed: &Testbed) -> Vec<u32> {
    let tasks = format!("/proc/{}/task", testbed.daemon_id().unwrap());
    fs::read_dir(tasks)
        .unwrap()
        .filter_map(|task| {
            let path = task.ok()?.path();
            let name = fs::read_to_string(path.join("comm")).ok()?;
            (name.trim() == "engine").then_some(())?;
            path.file_name()?.to_str()?.parse().ok()
        })
        .collect()
}

fn verify_for(testbed: &Testbed, milliseconds: u32) -> Reply {
    let arguments = [
        &format!("uint32:{}", ALICE.uid),
        "string:alice",
        "string:login",
        "string:tty1",
        &format!("uint32:{milliseconds}"),
    ];
    testbed.call("root", VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

fn times_stuck(testbed: &Testbed) -> usize {
    testbed.daemon_log().matches(STUCK).count()
}

/// Waits until the daemon has ended, except for the threads that `strace` delays; only `strace` can
/// let them end.
fn wait_for_end(testbed: &Testbed) {
    let status = format!("/proc/{}/status", testbed.daemon_id().unwrap());
    wait_until("the daemon ends", || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        !status.lines().any(|line| line.starts_with("State:") && !line.contains("zombie"))
    });
}

fn failed() -> Reply {
    Reply::refused(Refusal::EngineFailed)
}

#[test]
fn the_attempt_after_a_stuck_one_works() {
    let testbed = Testbed::with_alice().unwrap();
    let held_up = hold_up(&testbed);
    assert_eq!(verify_for(&testbed, 500), failed());
    wait_until("the engine is replaced", || times_stuck(&testbed) == 1);
    assert_eq!(verify_for(&testbed, 10_000), Reply::matched());
    assert_eq!(engines(&testbed).len(), 2, "the stuck one is left behind");
    // The delayed thread returns: it must not answer, serve or stay.
    let answers = testbed.daemon_log().matches("attempt for uid").count();
    drop(held_up);
    wait_until("the late thread ends", || engines(&testbed).len() == 1);
    assert_eq!(testbed.daemon_log().matches("attempt for uid").count(), answers);
    assert_eq!(verify_for(&testbed, 10_000), Reply::matched());
}

#[test]
fn a_daemon_with_a_stuck_engine_ends_when_it_is_told_to() {
    let mut testbed = Testbed::with_alice().unwrap();
    let held_up = hold_up(&testbed);
    assert_eq!(verify_for(&testbed, 500), failed());
    let told = Instant::now();
    testbed.signal_daemon(Signal::SIGTERM).unwrap();
    wait_for_end(&testbed);
    let text = format!(
        "a daemon with a stuck engine ended {} ms after SIGTERM; wanted: 5000 ms",
        told.elapsed().as_millis()
    );
    drop(held_up);
    assert_eq!(testbed.stop_daemon().unwrap(), Some(0));
    figures::note(FIGURES, &text).unwrap();
}

#[test]
fn a_daemon_whose_engine_is_stuck_again_and_again_ends_with_an_error() {
    let mut testbed = Testbed::with_alice().unwrap();
    let mut held_up = Vec::new();
    for times in 1..=3 {
        // The serving thread has loaded its models.
        assert_eq!(verify_for(&testbed, 10_000), Reply::matched());
        held_up.push(hold_up(&testbed));
        assert_eq!(verify_for(&testbed, 500), failed());
        wait_until("the engine is given up", || times_stuck(&testbed) == times);
    }
    wait_for_end(&testbed);
    drop(held_up);
    assert_eq!(testbed.stop_daemon().unwrap(), Some(1));
    assert!(testbed.daemon_log().contains("stuck for good"), "{}", testbed.daemon_log());
    testbed.start_daemon().unwrap();
    assert_eq!(verify_for(&testbed, 10_000), Reply::matched());
}
