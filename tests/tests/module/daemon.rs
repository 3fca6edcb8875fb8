//! A bus or daemon that is missing, stuck, forged or dying. Each is refused, and the host
//! continues.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, chown},
    thread,
};

use fpass_proto::names;
use fpass_tests::{
    ALICE, BOB, Background, CAROL, Login, Reply, Scene, Testbed, Transcript,
    bus::let_own,
    stack,
    watch::{wait_for_attempt, wait_until},
};
use nix::sys::signal::Signal;

use crate::ended_as;

/// Milliseconds from which a call with `timeout=2` counts as one that hangs.
const HANGS: f64 = 10_000.0;

/// Logins of alice, who is enrolled, and of carol, who never was, on a line with a check of two
/// seconds. `nullok` must not let either in without the daemon's answer.
fn impatient(testbed: &mut Testbed) -> [Login; 2] {
    testbed.service("impatient", &stack::own("timeout=2 nullok")).unwrap();
    [ALICE, CAROL].map(|account| Login::of("impatient", account))
}

/// The login is refused with this sentence.
fn unavailable(transcript: &Transcript, what: &str, sentence: &str) {
    ended_as(transcript, "PAM_AUTHINFO_UNAVAIL", what);
    assert_eq!(transcript.sentence(), sentence, "{what}");
    assert!(transcript.answers[0].milliseconds < HANGS, "{what} hangs: {transcript:?}");
}

const NOT_RUNNING: &str =
    "The face check is not running; ask an administrator to run fpass-enroll doctor.";
const TOO_LONG: &str = "The face check took too long; try again.";
const BROKE_OFF: &str = "The face check was interrupted; try again.";
const NOT_TRUSTED: &str =
    "The face check could not verify its service; ask an administrator to read the system log.";

#[test]
fn without_a_daemon_or_a_bus_nobody_gets_in() {
    let mut testbed = Testbed::with_alice().unwrap();
    let logins = impatient(&mut testbed);
    testbed.stop_daemon().unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "no daemon", NOT_RUNNING);
    }
    testbed.stop_bus().unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "a dead socket", NOT_RUNNING);
    }
    fs::remove_file("/run/dbus/system_bus_socket").unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "no socket", NOT_RUNNING);
    }
    // A process that is not a bus but listens on its socket.
    let listener = std::os::unix::net::UnixListener::bind("/run/dbus/system_bus_socket").unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "a silent socket", TOO_LONG);
    }
    drop(listener);
}

#[test]
fn a_daemon_or_a_bus_that_stands_still_does_not_hold_the_host() {
    let mut testbed = Testbed::with_alice().unwrap();
    let logins = impatient(&mut testbed);
    testbed.signal_daemon(Signal::SIGSTOP).unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "a stopped daemon", TOO_LONG);
    }
    testbed.signal_daemon(Signal::SIGCONT).unwrap();
    ended_as(&testbed.transact(&logins[0]).unwrap(), "PAM_SUCCESS", "the daemon goes on");

    testbed.signal_bus(Signal::SIGSTOP).unwrap();
    for login in &logins {
        unavailable(&testbed.transact(login).unwrap(), "a stopped bus", TOO_LONG);
    }
    testbed.signal_bus(Signal::SIGCONT).unwrap();
    ended_as(&testbed.transact(&logins[0]).unwrap(), "PAM_SUCCESS", "the bus goes on");
}

/// An event during an attempt: alice waits, and the room is empty.
fn in_the_middle(testbed: &Testbed, event: impl FnOnce()) -> Transcript {
    thread::scope(|scope| {
        let login = scope.spawn(|| testbed.transact(&Login::of("fpass-nullok", ALICE)));
        wait_for_attempt(testbed);
        event();
        login.join().unwrap().unwrap()
    })
}

#[test]
fn a_daemon_or_a_bus_that_dies_during_an_attempt_admits_nobody() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let killed = in_the_middle(&testbed, || testbed.signal_daemon(Signal::SIGKILL).unwrap());
    unavailable(&killed, "a killed daemon", BROKE_OFF);
    testbed.stop_daemon().unwrap_or_default();

    testbed.start_daemon().unwrap();
    let ended = in_the_middle(&testbed, || testbed.signal_daemon(Signal::SIGTERM).unwrap());
    assert_eq!(ended.code_name(), "PAM_AUTHINFO_UNAVAIL", "an ended daemon: {ended:?}");
    testbed.stop_daemon().unwrap_or_default();

    testbed.start_daemon().unwrap();
    let lost = in_the_middle(&testbed, || testbed.signal_bus(Signal::SIGKILL).unwrap());
    unavailable(&lost, "a killed bus", BROKE_OFF);
}

/// The real daemon, run by bob on a copy of the store: it answers `match` when it sees alice's
/// face.
fn impostor(testbed: &Testbed) -> Background {
    let (store, configuration) = ("/run/bobs-store", "/run/bobs-fpassd.toml");
    fs::DirBuilder::new().mode(0o700).create(store).unwrap();
    for entry in fs::read_dir("/var/lib/fpass").unwrap() {
        let entry = entry.unwrap();
        let copy = format!("{store}/{}", entry.file_name().to_string_lossy());
        fs::copy(entry.path(), &copy).unwrap();
        chown(copy, Some(BOB.uid), Some(BOB.uid)).unwrap();
    }
    chown(store, Some(BOB.uid), Some(BOB.uid)).unwrap();
    let shipped = fs::read_to_string("/etc/fpass/fpassd.toml").unwrap();
    let text = format!("{shipped}\n[storage]\ndirectory = \"{store}\"\n");
    fs::write(configuration, text).unwrap();
    let words = ["--config", configuration];
    let impostor = Background::start(BOB.name, "/usr/libexec/fpassd", &words).unwrap();
    wait_until("the impostor answers", || {
        let reply = testbed.call("root", names::MACHINE_INTERFACE, "Status", &[]);
        matches!(reply, Ok(Reply::Answer(_)))
    });
    impostor
}

#[test]
fn a_daemon_under_another_account_is_not_asked() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.stop_daemon().unwrap();
    let_own(&testbed, BOB.name, &[names::BUS_NAME, names::QUESTIONS_BUS_NAME]).unwrap();
    let impostor = impostor(&testbed);
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    for service in ["fpass-test", "fpass-nullok", "fpass-debian"] {
        let refused = testbed.transact(&Login::of(service, ALICE)).unwrap();
        unavailable(&refused, "bob's daemon", NOT_TRUSTED);
    }
    // It would truthfully say that carol never enrolled; that is not believed either.
    let carol = testbed.transact(&Login::of("fpass-nullok", CAROL)).unwrap();
    unavailable(&carol, "bob's daemon", NOT_TRUSTED);
    let run = testbed.fpass_enroll("alice", &["verify"]).unwrap();
    assert_eq!(run.code, Some(6), "{run:?}");
    assert!(run.stderr.contains(&BOB.uid.to_string()), "{run:?}");

    drop(impostor);
    testbed.start_daemon().unwrap();
    ended_as(
        &testbed.transact(&Login::of("fpass-test", ALICE)).unwrap(),
        "PAM_SUCCESS",
        "the real one",
    );
}
