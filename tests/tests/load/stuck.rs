//! An engine thread that hangs in a system call, as a driver can make it: `strace` holds it up at the
//! opening of the camera.

use std::{fs, path::Path, time::Instant};

use fpass_proto::{Refusal, names::VERIFICATION_INTERFACE};
use fpass_tests::{
    ALICE, Ground, Reply, Scene, figures,
    scene::OBAMA,
    strace::{Strace, tracer},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::FIGURES;

/// How long the system call takes, in microseconds: longer than any test.
const FOR_EVER: &str = "600000000";
/// What the journal says about it.
const STUCK: &str = "the engine is stuck";

/// Holds up the engine thread that serves, the one that is not held up yet, at its next opening of a
/// file.
fn hold_up(ground: &Ground) -> Strace {
    let daemon = ground.daemon_id().unwrap();
    let is_free =
        |thread: &u32| tracer(Path::new(&format!("/proc/{daemon}/task/{thread}"))) == Some(0);
    let thread = engines(ground).into_iter().find(is_free).unwrap();
    Strace::attach_to_thread(daemon, thread, &format!("openat:delay_enter={FOR_EVER}")).unwrap()
}

/// The engine threads.
fn engines(ground: &Ground) -> Vec<u32> {
    let tasks = format!("/proc/{}/task", ground.daemon_id().unwrap());
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

/// A machine on which alice is enrolled and sits before the camera.
fn with_alice() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground
}

fn verify_for(ground: &Ground, milliseconds: u32) -> Reply {
    let arguments = [
        &format!("uint32:{}", ALICE.uid),
        "string:alice",
        "string:login",
        "string:tty1",
        &format!("uint32:{milliseconds}"),
    ];
    ground.call("root", VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

fn times_stuck(ground: &Ground) -> usize {
    ground.daemon_log().matches(STUCK).count()
}

/// Waits until the daemon has ended but for the threads that `strace` holds; their end is its to allow.
fn wait_for_end(ground: &Ground) {
    let status = format!("/proc/{}/status", ground.daemon_id().unwrap());
    wait_until("the daemon ends", || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        !status.lines().any(|line| line.starts_with("State:") && !line.contains("zombie"))
    });
}

fn failed() -> Reply {
    Reply::Error(Refusal::EngineFailed.error_name().to_owned())
}

#[test]
fn the_attempt_after_a_stuck_one_works() {
    let ground = with_alice();
    let held_up = hold_up(&ground);
    assert_eq!(verify_for(&ground, 500), failed());
    wait_until("the engine is replaced", || times_stuck(&ground) == 1);
    assert_eq!(verify_for(&ground, 10_000), Reply::Answer("match".to_owned()));
    assert_eq!(engines(&ground).len(), 2, "the stuck one is left behind");
    // The late one comes back: it must not answer, serve or stay.
    let answers = ground.daemon_log().matches("attempt for uid").count();
    drop(held_up);
    wait_until("the late thread ends", || engines(&ground).len() == 1);
    assert_eq!(ground.daemon_log().matches("attempt for uid").count(), answers);
    assert_eq!(verify_for(&ground, 10_000), Reply::Answer("match".to_owned()));
}

#[test]
fn a_daemon_with_a_stuck_engine_ends_when_it_is_told_to() {
    let mut ground = with_alice();
    let held_up = hold_up(&ground);
    assert_eq!(verify_for(&ground, 500), failed());
    let told = Instant::now();
    ground.signal_daemon(Signal::SIGTERM).unwrap();
    wait_for_end(&ground);
    let text = format!(
        "a daemon with a stuck engine ended {} ms after SIGTERM; wanted: 5000 ms",
        told.elapsed().as_millis()
    );
    drop(held_up);
    assert_eq!(ground.stop_daemon().unwrap(), Some(0));
    figures::note(FIGURES, &text).unwrap();
}

#[test]
fn a_daemon_whose_engine_is_stuck_again_and_again_ends_with_an_error() {
    let mut ground = with_alice();
    let mut held_up = Vec::new();
    for times in 1..=3 {
        // The thread that serves has loaded its models.
        assert_eq!(verify_for(&ground, 10_000), Reply::Answer("match".to_owned()));
        held_up.push(hold_up(&ground));
        assert_eq!(verify_for(&ground, 500), failed());
        wait_until("the engine is given up", || times_stuck(&ground) == times);
    }
    wait_for_end(&ground);
    drop(held_up);
    assert_eq!(ground.stop_daemon().unwrap(), Some(1));
    assert!(ground.daemon_log().contains("stuck for good"), "{}", ground.daemon_log());
    ground.start_daemon().unwrap();
    assert_eq!(verify_for(&ground, 10_000), Reply::Answer("match".to_owned()));
}
