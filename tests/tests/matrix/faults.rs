//! Faults of the bus and of the real daemon, with and without `nullok`. Alice is enrolled and in
//! front of the camera; carol never enrolled.

use std::{fs, os::unix::net::UnixListener, thread, time::Duration};

use fpass_tests::{
    ALICE, CAROL, Scene, Testbed,
    scene::{BIDEN, OBAMA},
    watch::wait_for_attempt,
};
use nix::sys::signal::Signal;

use crate::{
    AUTH_ERR, IGNORE, SUCCESS, UNAVAIL,
    attempt::Attempt,
    stacks::{self, Stack},
    table::{Expected, Table},
    with_alice,
};

/// The four attempts under each fault.
pub(crate) fn four(timeout: &str) -> [(&'static str, Attempt); 4] {
    [(ALICE, ""), (ALICE, " nullok"), (CAROL, ""), (CAROL, " nullok")].map(|(account, nullok)| {
        (account.name, Attempt::of(account, &format!("{timeout}{nullok}")))
    })
}

/// Makes the four attempts at once under a permanent fault; none is admitted.
pub(crate) fn four_refused(
    table: &mut Table,
    testbed: &Testbed,
    what: &str,
    words: &[&str],
    codes: &[i32],
) {
    four_refused_as(table, testbed, what, |attempt| attempt, &Expected::refused(words, codes));
}

/// The same with a change to each attempt.
pub(crate) fn four_refused_as(
    table: &mut Table,
    testbed: &Testbed,
    what: &str,
    change: impl Fn(Attempt) -> Attempt,
    expected: &Expected,
) {
    let attempts = four("timeout=1").map(|(name, attempt)| (name, change(attempt)));
    let endings = thread::scope(|scope| {
        let runs = attempts
            .each_ref()
            .map(|(_, attempt)| scope.spawn(|| attempt.run(testbed, &stacks::shipped())));
        runs.map(|run| run.join().unwrap())
    });
    for ((name, attempt), ending) in attempts.iter().zip(endings) {
        let what = format!("{what}: {name}");
        table.judge(&what, attempt.arguments(), &[stacks::shipped()], &[ending], expected);
    }
}

/// The end of one of the four when the daemon is believed: alice is admitted, and carol only by
/// `nullok`.
pub(crate) fn believed(name: &str, attempt: &Attempt) -> Expected {
    match (name, attempt.arguments().contains("nullok")) {
        ("alice", _) => Expected::admitted("match", SUCCESS),
        (_, true) => Expected::admitted("NeverEnrolled", IGNORE),
        (_, false) => Expected::refused(&["NeverEnrolled"], &[UNAVAIL]),
    }
}

/// The four attempts end as without a fault.
fn as_ever(table: &mut Table, testbed: &Testbed, what: &str, stacks: &[Stack]) {
    for (name, attempt) in four("timeout=30") {
        let expected = believed(name, &attempt);
        let what = format!("{what}: {name}");
        table.row_in_turn(testbed, &what, &attempt, stacks, &expected);
    }
}

#[test]
fn faults_of_bus_and_daemon_admit_nobody() {
    let mut testbed = with_alice();
    let mut table = Table::new("3-faults");
    as_ever(&mut table, &testbed, "the real daemon and the right face", &stacks::all());
    judged(&mut table, &mut testbed);

    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.signal_daemon(Signal::SIGSTOP).unwrap();
    four_refused(&mut table, &testbed, "the daemon is stopped", &["deadline-passed"], &[UNAVAIL]);
    testbed.signal_daemon(Signal::SIGCONT).unwrap();
    testbed.signal_bus(Signal::SIGSTOP).unwrap();
    // The daemon waits for logind and gives up shortly before the module.
    let words = ["deadline-passed", "DeadlinePassed"];
    four_refused(&mut table, &testbed, "the bus is stopped", &words, &[UNAVAIL]);
    testbed.signal_bus(Signal::SIGCONT).unwrap();
    as_ever(&mut table, &testbed, "both go on", &[stacks::shipped()]);

    in_the_middle(&mut table, &mut testbed);

    testbed.stop_daemon().unwrap_or_default();
    four_refused(&mut table, &testbed, "no daemon, none to start", &["no-daemon"], &[UNAVAIL]);
    testbed.stop_bus().unwrap();
    four_refused(&mut table, &testbed, "a dead socket", &["no-bus"], &[UNAVAIL]);
    let socket = "/run/dbus/system_bus_socket";
    fs::remove_file(socket).unwrap();
    four_refused(&mut table, &testbed, "no socket", &["no-bus"], &[UNAVAIL]);
    let listener = UnixListener::bind(socket).unwrap();
    four_refused(&mut table, &testbed, "a silent socket", &["deadline-passed"], &[UNAVAIL]);
    garbage(&mut table, &testbed, &listener);
    fs::remove_file(socket).unwrap();
    std::os::unix::fs::symlink("/dev/null", socket).unwrap();
    four_refused(&mut table, &testbed, "the socket is a device", &["no-bus"], &[UNAVAIL]);
    fs::remove_file(socket).unwrap();
    fs::create_dir(socket).unwrap();
    four_refused(&mut table, &testbed, "the socket is a directory", &["no-bus"], &[UNAVAIL]);
    table.close();
}

/// The picture decides about alice and not about carol.
fn judged(table: &mut Table, testbed: &mut Testbed) {
    for (what, scene, word, code) in [
        ("another face", Scene::person(BIDEN), "no-match", AUTH_ERR),
        ("an empty room", Scene::nobody(), "NoFace", UNAVAIL),
    ] {
        testbed.camera_shows(&scene).unwrap();
        for nullok in ["", " nullok"] {
            let attempt = Attempt::of(ALICE, &format!("timeout=30{nullok}"));
            let expected = Expected::refused(&[word], &[code]);
            table.row(testbed, what, &attempt, &[stacks::shipped()], &expected);
        }
    }
}

/// The daemon or the bus dies during an attempt of alice, with an empty room.
fn in_the_middle(table: &mut Table, testbed: &mut Testbed) {
    type Event = fn(&Testbed);
    let events: [(&str, Event, &[&str]); 4] = [
        (
            "the daemon is killed",
            |g| g.signal_daemon(Signal::SIGKILL).unwrap(),
            &["connection-lost"],
        ),
        (
            "the daemon is ended",
            |g| g.signal_daemon(Signal::SIGTERM).unwrap(),
            &["connection-lost", "Cancelled"],
        ),
        (
            "the daemon is stopped",
            |g| g.signal_daemon(Signal::SIGSTOP).unwrap(),
            &["deadline-passed"],
        ),
        ("the bus is killed", |g| g.signal_bus(Signal::SIGKILL).unwrap(), &["connection-lost"]),
    ];
    for (what, event, words) in events {
        for nullok in ["", " nullok"] {
            testbed.camera_shows(&Scene::nobody()).unwrap();
            let attempt = Attempt::of(ALICE, &format!("timeout=3{nullok}"));
            let ending = thread::scope(|scope| {
                let run = scope.spawn(|| attempt.run(testbed, &stacks::shipped()));
                wait_for_attempt(testbed);
                event(testbed);
                run.join().unwrap()
            });
            let expected = Expected::refused(words, &[UNAVAIL]);
            let what = format!("{what} during the attempt");
            table.judge(&what, attempt.arguments(), &[stacks::shipped()], &[ending], &expected);
            // A process that does not run counts as stopped.
            let _ = testbed.signal_daemon(Signal::SIGKILL);
            testbed.stop_daemon().unwrap_or_default();
            if what.starts_with("the bus") {
                testbed.stop_bus().unwrap_or_default();
                testbed.start_bus().unwrap();
            }
            testbed.start_daemon().unwrap();
            testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
            let after = Attempt::of(ALICE, "timeout=30");
            let expected = Expected::admitted("match", SUCCESS);
            table.row(testbed, "and the next attempt", &after, &[stacks::shipped()], &expected);
        }
    }
}

/// A process at the socket that is not a bus: it accepts the client and then sends nonsense.
fn garbage(table: &mut Table, testbed: &Testbed, listener: &UnixListener) {
    use std::io::{Read, Write};

    for (what, answer) in [
        ("closes at once", &b""[..]),
        ("rejects every mechanism", b"REJECTED EXTERNAL\r\n"),
        ("sends noise", &[0xff; 4096]),
        ("lets in and sends noise", b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n\0\0\0\0\0\0\0\0"),
        (
            "announces 128 MiB",
            b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\nl\x02\0\x01\xff\xff\xff\x07\x01\0\0\0\0\0\0\0",
        ),
        (
            "announces 4 GiB",
            b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\nl\x02\0\x01\xff\xff\xff\xff\x01\0\0\0\xff\xff\xff\xff",
        ),
    ] {
        listener.set_nonblocking(true).unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut held = Vec::new();
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let Ok((mut stream, _)) = listener.accept() else {
                        thread::sleep(Duration::from_millis(2));
                        continue;
                    };
                    stream.set_nonblocking(false).unwrap();
                    let mut greeting = [0; 64];
                    let _ = stream.read(&mut greeting);
                    let _ = stream.write_all(answer);
                    if !answer.is_empty() {
                        held.push(stream);
                    }
                }
            });
            let what = format!("a false bus {what}");
            four_refused(table, testbed, &what, &["no-bus", "deadline-passed"], &[UNAVAIL]);
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
