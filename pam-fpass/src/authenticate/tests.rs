//! The flow against a scripted transaction, user database and daemon.

use fpass_proto::Refusal;
use pamsm::PamError;

use super::*;
use crate::ffi::Style;
use crate::guard;
use crate::script::{Household, Oracle, Scripted};

fn run(transaction: &Scripted, daemon: &Oracle, line: &[&str], silent: bool) -> PamError {
    let arguments: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
    guard::contain(transaction, |beginning| {
        authenticate(transaction, &Household, daemon, &arguments, silent, beginning)
    })
}

fn answer(answer: Result<Verdict, Outcome>, line: &[&str]) -> PamError {
    run(&Scripted::default(), &Oracle::answering(answer), line, false)
}

#[test]
fn a_wrong_argument_ends_the_attempt_before_anything_is_asked() {
    for line in [&["alwaysok"][..], &["nullok", "nullok"], &["timeout=0"], &["prewarm", "nullok"]] {
        let transaction = Scripted { panic_in: Some("user"), ..Scripted::default() };
        let daemon = Oracle::panicking();
        assert_eq!(run(&transaction, &daemon, line, false), PamError::SERVICE_ERR, "{line:?}");
        assert!(daemon.verified.borrow().is_empty() && daemon.prewarmed.borrow().is_empty());
        assert_eq!(transaction.lines().len(), 2, "{line:?}");
        assert_eq!(transaction.said().len(), 1);
    }
}

#[test]
fn what_preflight_refuses_never_reaches_the_daemon_nor_invites_the_user() {
    let cases = [
        (Scripted { service: Some("sshd".to_owned()), ..Scripted::default() }, PamError::AUTH_ERR),
        (
            Scripted { remote_host: Some("192.0.2.7".to_owned()), ..Scripted::default() },
            PamError::AUTHINFO_UNAVAIL,
        ),
        (Scripted { user: Some("bob".to_owned()), ..Scripted::default() }, PamError::USER_UNKNOWN),
        (Scripted { password: None, ..Scripted::default() }, PamError::AUTH_ERR),
        (Scripted { password: Some(""), ..Scripted::default() }, PamError::AUTH_ERR),
    ];
    for (transaction, code) in cases {
        let daemon = Oracle::panicking();
        assert_eq!(run(&transaction, &daemon, &["nullok"], false), code);
        let said = transaction.said();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, Style::Error);
    }
}

#[test]
fn what_was_found_during_a_shortage_of_memory_counts_for_nothing() {
    let never = Err(Outcome::Refused(Refusal::NeverEnrolled));
    for found in [Ok(Verdict::Match), never, Ok(Verdict::NoMatch)] {
        let (transaction, daemon) = (Scripted::default(), Oracle::answering(found));
        let code = guard::contain(&transaction, |_| {
            let nullok = ["nullok".to_owned()];
            let short = Beginning::before_a_shortage();
            authenticate(&transaction, &Household, &daemon, &nullok, false, short)
        });
        assert_eq!(code, PamError::BUF_ERR, "{found:?}");
        assert!(transaction.lines()[0].contains("result=out-of-memory"), "{found:?}");
        assert_eq!(daemon.verified.borrow().len(), 1);
    }
}

#[test]
fn the_verdict_of_the_daemon_becomes_the_code() {
    assert_eq!(answer(Ok(Verdict::NoMatch), &[]), PamError::AUTH_ERR);
    assert_eq!(answer(Err(Outcome::NoBus), &["nullok"]), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(answer(Err(Outcome::WrongOwner), &[]), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(answer(Err(Outcome::DeadlinePassed), &["nullok"]), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(answer(Err(Refusal::LockedOut.into()), &[]), PamError::MAXTRIES);
    assert_eq!(answer(Err(Refusal::Removed.into()), &["nullok"]), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(answer(Ok(Verdict::Match), &[]), PamError::SUCCESS);
}

#[test]
fn nullok_leaves_the_never_enrolled_out_and_scolds_nobody() {
    let never = || Oracle::answering(Err(Refusal::NeverEnrolled.into()));
    let transaction = Scripted::default();
    assert_eq!(run(&transaction, &never(), &[], false), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(transaction.said().len(), 2);

    let transaction = Scripted::default();
    assert_eq!(run(&transaction, &never(), &["nullok"], false), PamError::IGNORE);
    assert_eq!(transaction.said(), [(Style::Info, "Look at the camera.".to_owned())]);
}

#[test]
fn a_failed_invitation_ends_the_attempt() {
    let transaction =
        Scripted { conversation: Err(Outcome::ConversationFailed), ..Scripted::default() };
    let daemon = Oracle::panicking();
    assert_eq!(run(&transaction, &daemon, &[], false), PamError::CONV_ERR);
    assert!(daemon.verified.borrow().is_empty());
    // Nothing is said, so nothing can fail.
    let daemon = Oracle::answering(Ok(Verdict::Match));
    assert_eq!(run(&transaction, &daemon, &["quiet"], false), PamError::SUCCESS);
}

#[test]
fn silence_is_kept_and_the_log_still_written() {
    for (line, silent) in [(&["quiet"][..], false), (&[][..], true)] {
        let transaction = Scripted::default();
        let daemon = Oracle::answering(Ok(Verdict::NoMatch));
        assert_eq!(run(&transaction, &daemon, line, silent), PamError::AUTH_ERR);
        assert!(transaction.said().is_empty());
        assert_eq!(transaction.lines(), ["result=no-match user=alice service=sudo"]);
    }
    let transaction = Scripted::default();
    assert_eq!(run(&transaction, &Oracle::panicking(), &["bad"], true), PamError::SERVICE_ERR);
    assert!(transaction.said().is_empty());
}

#[test]
fn the_daemon_is_asked_once_about_the_resolved_user_within_the_limit() {
    let daemon = Oracle::answering(Ok(Verdict::Match));
    run(&Scripted::default(), &daemon, &["timeout=4"], false);
    let asked = daemon.verified.borrow();
    assert_eq!(asked.len(), 1);
    let (subject, limit) = &asked[0];
    assert_eq!(subject.uid.0, 1000);
    assert_eq!(subject.user.as_str(), "alice");
    assert_eq!(subject.service.as_str(), "sudo");
    assert_eq!(*limit, Duration::from_secs(4));
}

#[test]
fn a_panic_at_every_stage_is_an_abort() {
    let stages = ["service", "remote_host", "user", "password_typed", "terminal", "say", "log"];
    for stage in stages {
        let transaction = Scripted { panic_in: Some(stage), ..Scripted::default() };
        let daemon = Oracle::answering(Ok(Verdict::Match));
        assert_eq!(run(&transaction, &daemon, &["nullok"], false), PamError::ABORT, "{stage}");
    }
    let transaction = Scripted { user: Some("panic".to_owned()), ..Scripted::default() };
    assert_eq!(run(&transaction, &Oracle::panicking(), &[], false), PamError::ABORT);
    let transaction = Scripted::default();
    assert_eq!(run(&transaction, &Oracle::panicking(), &["nullok"], false), PamError::ABORT);
}

#[test]
fn prewarm_never_judges_and_never_speaks() {
    let answers = [
        Err(Outcome::NoBus),
        Err(Outcome::OutOfMemory),
        Err(Refusal::NeverEnrolled.into()),
        Ok(Verdict::Match),
    ];
    for answer in answers {
        let transaction = Scripted { password: None, ..Scripted::default() };
        let daemon = Oracle::answering(answer);
        assert_eq!(run(&transaction, &daemon, &["prewarm"], false), PamError::IGNORE);
        assert_eq!(daemon.prewarmed.borrow().len(), 1);
        assert!(daemon.verified.borrow().is_empty());
        assert!(transaction.said().is_empty());
    }
    let remote = Scripted { service: Some("sshd".to_owned()), ..Scripted::default() };
    let daemon = Oracle::panicking();
    assert_eq!(run(&remote, &daemon, &["prewarm", "debug"], false), PamError::IGNORE);
    assert!(daemon.prewarmed.borrow().is_empty());
    assert_eq!(remote.lines(), ["prewarm: service-not-allowed"]);
}

#[test]
fn debug_adds_one_line_without_a_secret() {
    let transaction = Scripted::default();
    let daemon = Oracle::answering(Ok(Verdict::Match));
    run(&transaction, &daemon, &["debug"], false);
    let lines = transaction.lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("asked for uid=1000 tty=pts/3 limit=10s took="));
    assert!(!lines.iter().any(|line| line.contains("a password")));
}
