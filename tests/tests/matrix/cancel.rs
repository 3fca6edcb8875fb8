//! How soon the camera is free when an attempt is given up. Measured and written into the table.

use std::{
    thread,
    time::{Duration, Instant},
};

use fpass_tests::{
    ALICE, Ground, Login, Scene,
    pam::{Call, Strain},
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

/// Time in which an attempt that is given up should have ended, in milliseconds; printed beside what
/// is measured.
const ALLOWED: u128 = 500;

#[test]
fn an_attempt_that_is_given_up_frees_the_camera() {
    let mut ground = with_alice();
    let mut table = Table::new("7-cancel");
    ground.camera_shows(&Scene::nobody()).unwrap();
    ground.service("given-up", &stack::own("timeout=10")).unwrap();
    let mut slowest = 0;
    for signal in
        [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGKILL]
    {
        let login =
            Login::of("given-up", ALICE).with(|request| request.calls = vec![Call::Authenticate]);
        let login = ground.begin(&login).unwrap();
        wait_for_attempt(&ground);
        let begun = Instant::now();
        kill(Pid::from_raw(i32::try_from(login.id()).unwrap()), signal).unwrap();
        let free = free_after(&ground, begun);
        // No handler is set: the signal ends the application, at once or when the module returns.
        let end = login.finish().unwrap_err().to_string();
        assert!(end.contains(&format!("({signal})")), "{end}");
        table.note(&format!("{signal}: camera free after {free} ms (allowed: {ALLOWED})"));
        slowest = slowest.max(free);
    }
    handled(&mut table, &ground);
    past_the_deadline(&mut table, &ground);
    table.note(&format!("slowest release of the camera after a signal: {slowest} ms"));
    table.close();
}

fn free_after(ground: &Ground, begun: Instant) -> u128 {
    while camera_is_on(ground) {
        assert!(begun.elapsed() < Duration::from_secs(8), "the camera stays on");
        thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed().as_millis()
}

/// An application with a handler gets its signal after the module has answered.
fn handled(table: &mut Table, ground: &Ground) {
    let attempt =
        Attempt::of(ALICE, "timeout=10").with(|request| request.strain = Strain::Interrupt);
    let expected = Expected::refused(&["interrupted"], &[CONV_ERR]);
    table.row(ground, "SIGINT, handled", &attempt, &[stacks::shipped()], &expected);
    wait_until("the camera is off", || !camera_is_on(ground));
}

/// A module that waits no longer leaves the bus, and so ends the attempt of a daemon that does not
/// keep its own deadline: here one that was stopped.
fn past_the_deadline(table: &mut Table, ground: &Ground) {
    let attempt = Attempt::of(ALICE, "timeout=2");
    let ending = thread::scope(|scope| {
        let run = scope.spawn(|| attempt.run(ground, &stacks::shipped()));
        wait_for_attempt(ground);
        ground.signal_daemon(Signal::SIGSTOP).unwrap();
        run.join().unwrap()
    });
    let begun = Instant::now();
    ground.signal_daemon(Signal::SIGCONT).unwrap();
    let free = free_after(ground, begun);
    let expected = Expected::refused(&["deadline-passed"], &[UNAVAIL]);
    table.judge("deadline", attempt.arguments(), &[stacks::shipped()], &[ending], &expected);
    table.note(&format!("after a deadline the camera is free {free} ms after the daemon goes on"));
}
