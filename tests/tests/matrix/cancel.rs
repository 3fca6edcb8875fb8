//! How soon the camera is free after an attempt is abandoned. Measured, and written into the table.

use std::{
    thread,
    time::{Duration, Instant},
};

use fpass_tests::{
    ALICE, Login, Scene, Testbed,
    pam::{Call, HostFault},
    stack,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    CONV_ERR, UNAVAIL,
    attempt::Attempt,
    stacks,
    table::{Expected, Table},
    with_alice,
};

/// Target time for the end of an abandoned attempt, in milliseconds; printed next to the measured
/// time.
const ALLOWED: u128 = 500;

#[test]
fn an_attempt_that_is_given_up_frees_the_camera() {
    let mut testbed = with_alice();
    let mut table = Table::new("7-cancel");
    testbed.camera_shows(&Scene::nobody()).unwrap();
    testbed.service("given-up", &stack::own("timeout=10")).unwrap();
    let mut slowest = 0;
    for signal in
        [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGKILL]
    {
        let login =
            Login::of("given-up", ALICE).with(|request| request.calls = vec![Call::Authenticate]);
        let login = testbed.begin(&login).unwrap();
        wait_for_attempt(&testbed);
        let begun = Instant::now();
        kill(Pid::from_raw(i32::try_from(login.id()).unwrap()), signal).unwrap();
        let free = free_after(&testbed, begun);
        // Without a handler, the signal ends the application at once or when the module returns.
        let end = login.finish().unwrap_err().to_string();
        assert!(end.contains(&format!("({signal})")), "{end}");
        table.note(&format!("{signal}: camera free after {free} ms (allowed: {ALLOWED})"));
        slowest = slowest.max(free);
    }
    handled(&mut table, &testbed);
    past_the_deadline(&mut table, &testbed);
    table.note(&format!("slowest release of the camera after a signal: {slowest} ms"));
    table.close();
}

fn free_after(testbed: &Testbed, begun: Instant) -> u128 {
    while camera_is_on(testbed) {
        assert!(begun.elapsed() < Duration::from_secs(8), "the camera stays on");
        thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed().as_millis()
}

/// An application with a handler gets its signal after the module has answered.
fn handled(table: &mut Table, testbed: &Testbed) {
    let attempt =
        Attempt::of(ALICE, "timeout=10").with(|request| request.fault = HostFault::Interrupt);
    let expected = Expected::refused(&["interrupted"], &[CONV_ERR]);
    table.row(testbed, "SIGINT, handled", &attempt, &[stacks::shipped()], &expected);
    wait_until("the camera is off", || !camera_is_on(testbed));
}

/// A module that stops waiting leaves the bus, which ends the attempt of a daemon that misses its
/// deadline. Here the daemon was stopped.
fn past_the_deadline(table: &mut Table, testbed: &Testbed) {
    let attempt = Attempt::of(ALICE, "timeout=2");
    let ending = thread::scope(|scope| {
        let run = scope.spawn(|| attempt.run(testbed, &stacks::shipped()));
        wait_for_attempt(testbed);
        testbed.signal_daemon(Signal::SIGSTOP).unwrap();
        run.join().unwrap()
    });
    let begun = Instant::now();
    testbed.signal_daemon(Signal::SIGCONT).unwrap();
    let free = free_after(testbed, begun);
    let expected = Expected::refused(&["deadline-passed"], &[UNAVAIL]);
    table.judge("deadline", attempt.arguments(), &[stacks::shipped()], &[ending], &expected);
    table.note(&format!("after a deadline the camera is free {free} ms after the daemon goes on"));
}
