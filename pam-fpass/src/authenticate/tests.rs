//! The flow with a fake transaction, user database and daemon.

use fpass_proto::{Prompt, Refusal};
use pamsm::PamError;

use super::*;
use crate::fakes::{FakeDaemon, FakePam, FakeUsers};
use crate::ffi::MessageStyle;
use crate::guard;
use crate::transaction::Delivery;

fn run(transaction: &FakePam, daemon: &FakeDaemon, line: &[&str], silent: bool) -> PamError {
    let arguments: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
    guard::contain(transaction, |marker| {
        authenticate(transaction, &FakeUsers, daemon, &arguments, silent, marker)
    })
}

fn answer(answer: Result<Verdict, Outcome>, line: &[&str]) -> PamError {
    run(&FakePam::default(), &FakeDaemon::answering(answer), line, false)
}

#[test]
fn a_wrong_argument_ends_the_attempt_before_anything_is_asked() {
    for line in [&["alwaysok"][..], &["nullok", "nullok"], &["timeout=0"], &["prewarm", "nullok"]] {
        let transaction = FakePam { panic_in: Some("user"), ..FakePam::default() };
        let daemon = FakeDaemon::never_called();
        assert_eq!(run(&transaction, &daemon, line, false), PamError::SERVICE_ERR, "{line:?}");
        assert!(daemon.verified.borrow().is_empty() && daemon.prewarmed.borrow().is_empty());
        assert_eq!(transaction.lines().len(), 2, "{line:?}");
        assert_eq!(transaction.said().len(), 1);
    }
}

#[test]
fn what_preflight_refuses_neither_prompts_the_user_nor_reaches_the_daemon() {
    let cases = [
        (FakePam { service: Some("sshd".to_owned()), ..FakePam::default() }, PamError::AUTH_ERR),
        (
            FakePam { remote_host: Some("192.0.2.7".to_owned()), ..FakePam::default() },
            PamError::AUTHINFO_UNAVAIL,
        ),
        (FakePam { user: Some("bob".to_owned()), ..FakePam::default() }, PamError::USER_UNKNOWN),
        (FakePam { password: None, ..FakePam::default() }, PamError::AUTH_ERR),
        (FakePam { password: Some(""), ..FakePam::default() }, PamError::AUTH_ERR),
    ];
    for (transaction, code) in cases {
        let daemon = FakeDaemon::never_called();
        assert_eq!(run(&transaction, &daemon, &["nullok"], false), code);
        let said = transaction.said();
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].0, MessageStyle::Error);
    }
}

#[test]
fn after_a_failed_allocation_no_result_counts() {
    let never = Err(Outcome::Refused(Refusal::NeverEnrolled));
    for found in [Ok(Verdict::Match), never, Ok(Verdict::NoMatch)] {
        let (transaction, daemon) = (FakePam::default(), FakeDaemon::answering(found));
        let code = guard::contain(&transaction, |_| {
            let nullok = ["nullok".to_owned()];
            let short = OomMarker::tripped();
            authenticate(&transaction, &FakeUsers, &daemon, &nullok, false, short)
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
fn nullok_ignores_users_who_never_enrolled_without_a_message() {
    let never = || FakeDaemon::answering(Err(Refusal::NeverEnrolled.into()));
    let transaction = FakePam::default();
    assert_eq!(run(&transaction, &never(), &[], false), PamError::AUTHINFO_UNAVAIL);
    assert_eq!(transaction.said().len(), 1);

    let transaction = FakePam::default();
    assert_eq!(run(&transaction, &never(), &["nullok"], false), PamError::IGNORE);
    assert!(transaction.said().is_empty(), "no camera was used");
}

#[test]
fn prompts_are_said_when_they_come_and_in_the_length_that_fits() {
    for (service, sentence) in [
        ("sudo", Prompt::sentence as fn(Prompt) -> &'static str),
        ("gdm-password", Prompt::short_sentence),
    ] {
        let transaction = FakePam { service: Some(service.to_owned()), ..FakePam::default() };
        let daemon = FakeDaemon {
            prompts: Prompt::ALL.to_vec(),
            ..FakeDaemon::answering(Ok(Verdict::NoMatch))
        };
        assert_eq!(run(&transaction, &daemon, &[], false), PamError::AUTH_ERR);
        let mut said = transaction.said();
        assert!(said.pop().is_some_and(|(style, _)| style == MessageStyle::Error), "{service}");
        let info = |prompt: &Prompt| (MessageStyle::Info, sentence(*prompt).to_owned());
        assert_eq!(said, Prompt::ALL.iter().map(info).collect::<Vec<_>>(), "{service}");
    }
}

#[test]
fn a_prompt_that_cannot_be_shown_does_not_end_the_attempt() {
    let transaction = FakePam { conversation: Ok(Delivery::Unshown), ..FakePam::default() };
    for (verdict, code) in
        [(Verdict::Match, PamError::SUCCESS), (Verdict::NoMatch, PamError::AUTH_ERR)]
    {
        let daemon = FakeDaemon::answering(Ok(verdict));
        assert_eq!(run(&transaction, &daemon, &[], false), code);
        assert_eq!(daemon.verified.borrow().len(), 1);
    }
}

#[test]
fn a_cancelled_prompt_ends_the_attempt() {
    let transaction =
        FakePam { conversation: Err(Outcome::ConversationFailed), ..FakePam::default() };
    let daemon = FakeDaemon::answering(Ok(Verdict::Match));
    assert_eq!(run(&transaction, &daemon, &[], false), PamError::CONV_ERR);
    assert_eq!(transaction.said().len(), 1);
    // `quiet` shows nothing, so nothing can fail.
    let daemon = FakeDaemon::answering(Ok(Verdict::Match));
    assert_eq!(run(&transaction, &daemon, &["quiet"], false), PamError::SUCCESS);
}

#[test]
fn quiet_and_pam_silent_show_nothing_and_the_log_is_written() {
    for (line, silent) in [(&["quiet"][..], false), (&[][..], true)] {
        let transaction = FakePam::default();
        let daemon = FakeDaemon::answering(Ok(Verdict::NoMatch));
        assert_eq!(run(&transaction, &daemon, line, silent), PamError::AUTH_ERR);
        assert!(transaction.said().is_empty());
        assert_eq!(transaction.lines(), ["result=no-match user=alice service=sudo"]);
    }
    let transaction = FakePam::default();
    assert_eq!(
        run(&transaction, &FakeDaemon::never_called(), &["bad"], true),
        PamError::SERVICE_ERR
    );
    assert!(transaction.said().is_empty());
}

#[test]
fn announce_tells_the_user_although_the_application_asks_for_silence() {
    let transaction = FakePam::default();
    let daemon = FakeDaemon::answering(Ok(Verdict::NoMatch));
    assert_eq!(run(&transaction, &daemon, &["announce"], true), PamError::AUTH_ERR);
    let styles: Vec<MessageStyle> = transaction.said().iter().map(|(style, _)| *style).collect();
    assert_eq!(styles, [MessageStyle::Info, MessageStyle::Error]);
}

#[test]
fn the_daemon_is_asked_once_about_the_resolved_user_within_the_limit() {
    let daemon = FakeDaemon::answering(Ok(Verdict::Match));
    run(&FakePam::default(), &daemon, &["timeout=4"], false);
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
        let transaction = FakePam { panic_in: Some(stage), ..FakePam::default() };
        let daemon = FakeDaemon::answering(Ok(Verdict::Match));
        assert_eq!(run(&transaction, &daemon, &["nullok"], false), PamError::ABORT, "{stage}");
    }
    let transaction = FakePam { user: Some("panic".to_owned()), ..FakePam::default() };
    assert_eq!(run(&transaction, &FakeDaemon::never_called(), &[], false), PamError::ABORT);
    let transaction = FakePam::default();
    assert_eq!(run(&transaction, &FakeDaemon::never_called(), &["nullok"], false), PamError::ABORT);
}

#[test]
fn prewarm_never_judges_and_shows_nothing() {
    let answers = [
        Err(Outcome::NoBus),
        Err(Outcome::OutOfMemory),
        Err(Refusal::NeverEnrolled.into()),
        Ok(Verdict::Match),
    ];
    for answer in answers {
        let transaction = FakePam { password: None, ..FakePam::default() };
        let daemon = FakeDaemon::answering(answer);
        assert_eq!(run(&transaction, &daemon, &["prewarm"], false), PamError::IGNORE);
        assert_eq!(daemon.prewarmed.borrow().len(), 1);
        assert!(daemon.verified.borrow().is_empty());
        assert!(transaction.said().is_empty());
    }
    let remote = FakePam { service: Some("sshd".to_owned()), ..FakePam::default() };
    let daemon = FakeDaemon::never_called();
    assert_eq!(run(&remote, &daemon, &["prewarm", "debug"], false), PamError::IGNORE);
    assert!(daemon.prewarmed.borrow().is_empty());
    assert_eq!(remote.lines(), ["prewarm: service-not-allowed"]);
}

#[test]
fn debug_adds_one_line_without_a_secret() {
    let transaction = FakePam::default();
    let daemon = FakeDaemon::answering(Ok(Verdict::Match));
    run(&transaction, &daemon, &["debug"], false);
    let lines = transaction.lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("asked for uid=1000 tty=pts/3 limit=20s took="));
    assert!(!lines.iter().any(|line| line.contains("a password")));
}
