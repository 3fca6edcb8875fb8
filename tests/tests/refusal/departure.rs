//! Callers who leave or cancel while the camera is on. The room is empty, so an attempt could last
//! 30 seconds; no test waits for that.

use std::{fs, thread};

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, OBJECT_PATH, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, BOB, Background, Reply, Scene, Testbed,
    scene::OBAMA,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};
use nix::sys::signal::Signal;

use crate::{in_state, state, verify};

/// Alice is enrolled, and the camera shows an empty room for the longest attempt.
fn waiting_room() -> Testbed {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.stop_daemon().unwrap();
    testbed
        .configure("[verification]\ntimeout_ms = 30000\n[enrolment]\ntimeout_ms = 300000\n")
        .unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    testbed
}

/// Asks for a verdict about alice, as root, and leaves the bus when it is killed.
fn ask_for_alice() -> Background {
    let words = [
        "--system",
        "--print-reply",
        "--reply-timeout=60000",
        &format!("--dest={BUS_NAME}"),
        OBJECT_PATH,
        &format!("{VERIFICATION_INTERFACE}.Verify"),
        &ALICE.uid_argument(),
        "string:alice",
        "string:login",
        "string:tty1",
        "uint32:30000",
    ];
    Background::start("root", "/usr/bin/dbus-send", &words).unwrap()
}

/// Requests a verdict about alice within this number of milliseconds.
fn verify_for(testbed: &Testbed, caller: &str, timeout: u32) -> Reply {
    let timeout = format!("uint32:{timeout}");
    let arguments = [&ALICE.uid_argument(), "string:alice", "string:", "string:", &timeout];
    testbed.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

/// The number of attempts or enrolments that the journal reports as cancelled.
fn cancelled(testbed: &Testbed) -> usize {
    testbed.daemon_log().matches(Refusal::Cancelled.error_name()).count()
}

/// The attempt ends as cancelled, and the camera serves the next one.
fn frees_the_camera(testbed: &mut Testbed, what: &str, leave: impl FnOnce() -> nix::Result<()>) {
    wait_for_attempt(testbed);
    let before = cancelled(testbed);
    leave().unwrap();
    wait_until(&format!("the journal says that {what}"), || cancelled(testbed) > before);
    wait_until(&format!("the camera is off after {what}"), || !camera_is_on(testbed));
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(testbed, ALICE), Reply::matched(), "after {what}");
    testbed.camera_shows(&Scene::nobody()).unwrap();
}

#[test]
fn an_attempt_ends_with_its_caller() {
    let mut testbed = waiting_room();

    let caller = ask_for_alice();
    frees_the_camera(&mut testbed, "its caller was killed", || caller.signal(Signal::SIGKILL));

    let mut caller = Background::start("alice", "/usr/bin/fpass-enroll", &["verify"]).unwrap();
    frees_the_camera(&mut testbed, "its caller cancelled it", || caller.signal(Signal::SIGINT));
    assert_eq!(caller.code(), Some(130));
}

#[test]
fn an_enrolment_ends_with_its_caller_and_stores_nothing() {
    let mut testbed = waiting_room();
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let caller = Background::start("bob", "/usr/bin/fpass-enroll", &["add"]).unwrap();
        frees_the_camera(&mut testbed, "its caller left", || caller.signal(signal));
        assert_eq!(state(&testbed, BOB), in_state(EnrolmentState::NeverEnrolled), "{signal}");
        assert!(!fs::exists(format!("/var/lib/fpass/{}.fpass", BOB.uid)).unwrap(), "{signal}");
    }
}

#[test]
fn nobody_cancels_what_another_connection_started() {
    let mut testbed = waiting_room();
    let caller = ask_for_alice();
    wait_for_attempt(&testbed);
    for user in ["bob", "alice", "root"] {
        let reply = testbed.call(user, VERIFICATION_INTERFACE, "Cancel", &[]).unwrap();
        assert_eq!(reply, Reply::word(""), "{user}");
    }
    assert!(camera_is_on(&testbed));
    assert_eq!(cancelled(&testbed), 0);
    frees_the_camera(&mut testbed, "its own caller left", || caller.signal(Signal::SIGKILL));
}

#[test]
fn a_login_does_not_wait_for_a_self_test() {
    let mut testbed = waiting_room();
    thread::scope(|scope| {
        let own_test = scope.spawn(|| verify_for(&testbed, "alice", 30_000));
        wait_for_attempt(&testbed);
        // The login gets its own answer, which it would miss if it had waited.
        assert_eq!(verify_for(&testbed, "root", 3000), Reply::refused(Refusal::NoFace));
        assert_eq!(own_test.join().unwrap(), Reply::refused(Refusal::Cancelled));
    });
    assert!(testbed.daemon_lives());
}

#[test]
fn a_daemon_that_is_told_to_end_ends_in_the_middle_of_an_attempt() {
    let mut testbed = waiting_room();
    let mut caller = ask_for_alice();
    wait_for_attempt(&testbed);
    assert_eq!(testbed.stop_daemon().unwrap(), Some(0));
    assert_eq!(caller.code(), Some(1), "the caller is told");
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}
