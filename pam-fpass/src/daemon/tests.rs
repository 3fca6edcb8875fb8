//! The outcome of every bus error. The calls are tested against a real bus, in the crate `tests`.

use std::sync::Arc;

use super::*;

fn reply(name: &'static str) -> zbus::Error {
    let call = zbus::Message::method_call("/", "Verify").build(&()).unwrap();
    let error = zbus::Message::error(&call.header(), name).build(&("text",)).unwrap();
    zbus::Error::from(error)
}

#[test]
fn every_refusal_is_read_from_its_error_reply() {
    for &refusal in Refusal::ALL {
        assert_eq!(call_error(&reply(refusal.error_name())), Outcome::Refused(refusal));
    }
}

#[test]
fn foreign_error_names_are_never_a_refusal() {
    for (name, outcome) in [
        ("org.fpass.Fpass1.Error.NeverEnrolledYet", Outcome::VersionSkew),
        ("org.fpass.Fpass2.Error.NeverEnrolled", Outcome::VersionSkew),
        ("org.freedesktop.DBus.Error.UnknownMethod", Outcome::VersionSkew),
        ("org.freedesktop.DBus.Error.NoReply", Outcome::ConnectionLost),
        ("org.freedesktop.DBus.Error.AccessDenied", Outcome::ConnectionLost),
        ("org.freedesktop.DBus.Error.NoMemory", Outcome::OutOfMemory),
    ] {
        assert_eq!(call_error(&reply(name)), outcome, "{name}");
    }
}

#[test]
fn connection_errors_have_their_outcome() {
    let io = |kind: io::ErrorKind| zbus::Error::InputOutput(Arc::new(kind.into()));
    assert_eq!(call_error(&io(io::ErrorKind::BrokenPipe)), Outcome::ConnectionLost);
    assert_eq!(call_error(&io(io::ErrorKind::OutOfMemory)), Outcome::OutOfMemory);
    assert_eq!(call_error(&zbus::Error::IncorrectType), Outcome::VersionSkew);
}

#[test]
fn work_that_never_ends_meets_the_deadline() {
    let deadline = Instant::now() + Duration::from_millis(20);
    let result: Result<(), Outcome> = run_until(deadline, std::future::pending());
    assert_eq!(result, Err(Outcome::DeadlinePassed));
}

#[test]
fn a_signal_ends_the_attempt() {
    use nix::sys::signal::{SigSet, Signal, raise};

    // Blocked by the test, to observe the delivery afterwards.
    let term = SigSet::from(Signal::SIGTERM);
    term.thread_block().unwrap();
    raise(Signal::SIGTERM).unwrap();
    let deadline = Instant::now() + limits::DEADLINE_CAP;
    let result: Result<(), Outcome> = run_until(deadline, std::future::pending());
    assert_eq!(result, Err(Outcome::Interrupted));
    assert_eq!(term.wait().unwrap(), Signal::SIGTERM);
}
