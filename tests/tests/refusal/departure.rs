//! Callers who leave or change their mind while the camera is on. The room is empty, so that an
//! attempt lasts as long as it may: 30 seconds, and the tests wait for none of them.

use std::{fs, thread};

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, OBJECT_PATH, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, BOB, Beside, Ground, Reply, Scene,
    scene::OBAMA,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};
use nix::sys::signal::Signal;

use crate::{answered, in_state, matched, refused, state, uid, verify, with_alice};

/// Alice is enrolled, and the camera shows an empty room for as long as an attempt may take.
fn waiting_room() -> Ground {
    let mut ground = with_alice();
    ground.stop_daemon().unwrap();
    ground
        .configure("[verification]\ntimeout_ms = 30000\n[enrolment]\ntimeout_ms = 300000\n")
        .unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::nobody()).unwrap();
    ground
}

/// Asks for a verdict about alice, as root, and leaves the bus when it is killed.
fn ask_for_alice() -> Beside {
    let words = [
        "--system",
        "--print-reply",
        "--reply-timeout=60000",
        &format!("--dest={BUS_NAME}"),
        OBJECT_PATH,
        &format!("{VERIFICATION_INTERFACE}.Verify"),
        &uid(ALICE),
        "string:alice",
        "string:login",
        "string:tty1",
        "uint32:30000",
    ];
    Beside::start("root", "/usr/bin/dbus-send", &words).unwrap()
}

/// Asks for a verdict about alice within so many milliseconds.
fn verify_for(ground: &Ground, caller: &str, timeout: u32) -> Reply {
    let timeout = format!("uint32:{timeout}");
    let arguments = [&uid(ALICE), "string:alice", "string:", "string:", &timeout];
    ground.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

/// How many attempts or enrolments the journal says were cancelled.
fn cancelled(ground: &Ground) -> usize {
    ground.daemon_log().matches(Refusal::Cancelled.error_name()).count()
}

/// The attempt ends as cancelled, and the camera serves the next one.
fn frees_the_camera(ground: &mut Ground, what: &str, leave: impl FnOnce() -> nix::Result<()>) {
    wait_for_attempt(ground);
    let before = cancelled(ground);
    leave().unwrap();
    wait_until(&format!("the journal says that {what}"), || cancelled(ground) > before);
    wait_until(&format!("the camera is off after {what}"), || !camera_is_on(ground));
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(ground, ALICE), matched(), "after {what}");
    ground.camera_shows(&Scene::nobody()).unwrap();
}

#[test]
fn an_attempt_ends_with_its_caller() {
    let mut ground = waiting_room();

    let caller = ask_for_alice();
    frees_the_camera(&mut ground, "its caller was killed", || caller.signal(Signal::SIGKILL));

    let mut caller = Beside::start("alice", "/usr/bin/fpass-enroll", &["verify"]).unwrap();
    frees_the_camera(&mut ground, "its caller cancelled it", || caller.signal(Signal::SIGINT));
    assert_eq!(caller.code(), Some(130));
}

#[test]
fn an_enrolment_ends_with_its_caller_and_stores_nothing() {
    let mut ground = waiting_room();
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let caller = Beside::start("bob", "/usr/bin/fpass-enroll", &["add"]).unwrap();
        frees_the_camera(&mut ground, "its caller left", || caller.signal(signal));
        assert_eq!(state(&ground, BOB), in_state(EnrolmentState::NeverEnrolled), "{signal}");
        assert!(!fs::exists(format!("/var/lib/fpass/{}.fpass", BOB.uid)).unwrap(), "{signal}");
    }
}

#[test]
fn nobody_cancels_what_another_connection_started() {
    let mut ground = waiting_room();
    let caller = ask_for_alice();
    wait_for_attempt(&ground);
    for user in ["bob", "alice", "root"] {
        let reply = ground.call(user, VERIFICATION_INTERFACE, "Cancel", &[]).unwrap();
        assert_eq!(reply, answered(""), "{user}");
    }
    assert!(camera_is_on(&ground));
    assert_eq!(cancelled(&ground), 0);
    frees_the_camera(&mut ground, "its own caller left", || caller.signal(Signal::SIGKILL));
}

#[test]
fn a_login_does_not_wait_for_a_self_test() {
    let mut ground = waiting_room();
    thread::scope(|scope| {
        let own_test = scope.spawn(|| verify_for(&ground, "alice", 30_000));
        wait_for_attempt(&ground);
        // The login has its own answer to give, and would have none if it had waited.
        assert_eq!(verify_for(&ground, "root", 3000), refused(Refusal::NoFace));
        assert_eq!(own_test.join().unwrap(), refused(Refusal::Cancelled));
    });
    assert!(ground.daemon_lives());
}

#[test]
fn a_daemon_that_is_told_to_end_ends_in_the_middle_of_an_attempt() {
    let mut ground = waiting_room();
    let mut caller = ask_for_alice();
    wait_for_attempt(&ground);
    assert_eq!(ground.stop_daemon().unwrap(), Some(0));
    assert_eq!(caller.code(), Some(1), "the caller is told");
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verify(&ground, ALICE), matched());
}
