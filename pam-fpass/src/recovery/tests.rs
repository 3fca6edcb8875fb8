//! Lines with and without `recovery`, with a fake user and daemon.

use fpass_proto::Verdict;
use pamsm::PamError;

use super::*;
use crate::authenticate::authenticate;
use crate::fakes::{FakeDaemon, FakePam, FakeUsers};
use crate::ffi::MessageStyle;
use crate::guard;

/// Every result that a call to the daemon can have.
fn outcomes() -> Vec<Result<Verdict, Outcome>> {
    let local = [
        Outcome::NoBus,
        Outcome::NoDaemon,
        Outcome::WrongOwner,
        Outcome::OwnerChanged,
        Outcome::ConnectionLost,
        Outcome::VersionSkew,
        Outcome::DeadlinePassed,
        Outcome::NoResources,
        Outcome::OutOfMemory,
        Outcome::Interrupted,
        Outcome::ConversationFailed,
    ];
    let refused = Refusal::ALL.iter().map(|refusal| Err(Outcome::Refused(*refusal)));
    let verdicts = [Ok(Verdict::Match), Ok(Verdict::NoMatch)];
    verdicts.into_iter().chain(local.into_iter().map(Err)).chain(refused).collect()
}

/// Every refusal, and whether a code is offered after it.
const OFFERED: &[(Refusal, bool)] = &[
    (Refusal::NotAuthorized, false),
    (Refusal::AuthenticationNeeded, false),
    (Refusal::AuthorityUnavailable, false),
    (Refusal::FaceNotConfirmed, false),
    (Refusal::PasswordNeeded, false),
    (Refusal::InvalidArgument, false),
    (Refusal::MalformedUserName, false),
    (Refusal::UnknownUser, false),
    (Refusal::UserMismatch, false),
    (Refusal::NeverEnrolled, false),
    (Refusal::Removed, true),
    (Refusal::EnrolledAlready, false),
    (Refusal::BundleRefused, false),
    (Refusal::BundleModels, false),
    (Refusal::BundleOfAnotherUser, false),
    (Refusal::TemplateUnreadable, true),
    (Refusal::TemplateTruncated, true),
    (Refusal::TemplateAltered, true),
    (Refusal::TemplateModels, true),
    (Refusal::TemplateSwapped, true),
    (Refusal::TemplateMisowned, true),
    (Refusal::TemplateIrregular, true),
    (Refusal::TemplateUnknownFormat, true),
    (Refusal::KeyUnreadable, true),
    (Refusal::CounterUnreadable, true),
    (Refusal::NoRecoveryCodes, false),
    (Refusal::RecoveryRefused, false),
    (Refusal::RecoveryUnreadable, false),
    (Refusal::StorageFailed, true),
    (Refusal::RemoteSession, false),
    (Refusal::NoCamera, true),
    (Refusal::CameraBusy, true),
    (Refusal::CameraFailed, true),
    (Refusal::CameraSilent, true),
    (Refusal::CameraFrozen, true),
    (Refusal::CameraUnsuitable, true),
    (Refusal::CameraCovered, true),
    (Refusal::LidClosed, true),
    (Refusal::CameraBandwidth, true),
    (Refusal::CameraNeedsBridge, true),
    (Refusal::OtherCamera, true),
    (Refusal::TooDark, true),
    (Refusal::NoFace, true),
    (Refusal::SeveralFaces, true),
    (Refusal::TooFar, true),
    (Refusal::TooNear, true),
    (Refusal::TooBright, true),
    (Refusal::Unclear, true),
    (Refusal::TooSlow, true),
    (Refusal::NotUpright, true),
    (Refusal::Indistinct, true),
    (Refusal::AnotherPerson, false),
    (Refusal::AttackSuspected, false),
    (Refusal::LockedOut, true),
    (Refusal::QueueFull, true),
    (Refusal::Cancelled, false),
    (Refusal::DeadlinePassed, true),
    (Refusal::NotReady, false),
    (Refusal::EngineFailed, true),
    (Refusal::Internal, true),
    (Refusal::LabelTaken, false),
    (Refusal::NoSuchTemplate, false),
    (Refusal::TooManyTemplates, false),
];

fn run(transaction: &FakePam, daemon: &FakeDaemon, line: &[&str], silent: bool) -> PamError {
    let arguments: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
    guard::contain(transaction, |marker| {
        authenticate(transaction, &FakeUsers, daemon, &arguments, silent, marker)
    })
}

fn typing(typed: &'static [u8]) -> FakePam {
    FakePam { typed: Ok(typed), ..FakePam::default() }
}

fn no_camera() -> FakeDaemon {
    FakeDaemon::answering(Err(Refusal::NoCamera.into()))
}

fn offered(transaction: &FakePam) -> bool {
    let asked = transaction.asked.borrow();
    assert!(asked.iter().all(|question| question == "Recovery code (empty to cancel): "));
    assert!(asked.len() < 2, "{asked:?}");
    asked.len() == 1
}

#[test]
fn without_recovery_on_the_line_only_a_match_succeeds_and_nobody_is_asked() {
    for line in [&[][..], &["nullok"], &["sole_factor", "debug"], &["quiet"]] {
        for outcome in outcomes() {
            let transaction = typing(b"0-0000-0000-0000-0000");
            // Panics if it is asked for codes.
            let code = run(&transaction, &FakeDaemon::answering(outcome), line, false);
            let matched = outcome == Ok(Verdict::Match);
            assert_eq!(code == PamError::SUCCESS, matched, "{outcome:?} {line:?}");
            assert_ne!(code, PamError::ABORT, "{outcome:?} {line:?}");
            assert!(!offered(&transaction), "{outcome:?} {line:?}");
        }
    }
}

#[test]
fn a_code_is_asked_for_only_when_the_camera_cannot_decide() {
    let local =
        [Outcome::NoMatch, Outcome::DeadlinePassed, Outcome::NoDaemon, Outcome::ConnectionLost];
    for outcome in outcomes() {
        let ending = outcome.map_or_else(|outcome| outcome, Outcome::from);
        let transaction = typing(b"");
        let daemon = FakeDaemon::answering(outcome).with_codes(Ok(1));
        let code = run(&transaction, &daemon, &["recovery", "nullok"], false);
        let expected = match ending {
            Outcome::Refused(refusal) => OFFERED.contains(&(refusal, true)),
            other => local.contains(&other),
        };
        assert_eq!(offered(&transaction), expected, "{outcome:?}");
        // An empty reply has the result of no question, and one message.
        let plain = FakePam::default();
        assert_eq!(code, run(&plain, &FakeDaemon::answering(outcome), &["nullok"], false));
        assert_eq!(transaction.said(), plain.said(), "{outcome:?}");
        assert_eq!(transaction.lines(), plain.lines(), "{outcome:?}");
        assert!(daemon.redeemed.borrow().is_empty());
    }
    let listed: Vec<Refusal> = OFFERED.iter().map(|(refusal, _)| *refusal).collect();
    assert_eq!(listed, Refusal::ALL, "the table lists every refusal, in order");
}

#[test]
fn without_codes_or_when_they_cannot_be_counted_nobody_is_asked() {
    for codes in [Ok(0), Err(Outcome::NoBus), Err(Refusal::RecoveryUnreadable.into())] {
        let transaction = typing(b"0-0000-0000-0000-0000");
        let daemon = no_camera().with_codes(codes);
        assert_eq!(run(&transaction, &daemon, &["recovery"], false), PamError::AUTHINFO_UNAVAIL);
        assert!(!offered(&transaction), "{codes:?}");
        assert_eq!(transaction.lines(), ["result=NoCamera user=alice service=sudo"]);
    }
}

#[test]
fn a_signal_while_codes_are_counted_ends_the_attempt() {
    let transaction = typing(b"0-0000-0000-0000-0000");
    let daemon = no_camera().with_codes(Err(Outcome::Interrupted));
    assert_eq!(run(&transaction, &daemon, &["recovery"], false), PamError::CONV_ERR);
    assert!(!offered(&transaction));
}

#[test]
fn after_a_refusal_by_preflight_no_code_is_asked_for() {
    for transaction in [
        FakePam { service: Some("sshd".to_owned()), ..typing(b"x") },
        FakePam { remote_host: Some("192.0.2.7".to_owned()), ..typing(b"x") },
        FakePam { user: Some("bob".to_owned()), ..typing(b"x") },
        FakePam { password: None, ..typing(b"x") },
    ] {
        let code = run(&transaction, &FakeDaemon::never_called(), &["recovery"], false);
        assert!(![PamError::SUCCESS, PamError::ABORT].contains(&code));
        assert!(!offered(&transaction));
    }
}

#[test]
fn a_code_is_never_the_only_factor() {
    for password in [None, Some("")] {
        let transaction = FakePam { password, ..typing(b"0-0000-0000-0000-0000") };
        let code = run(&transaction, &no_camera(), &["recovery", "sole_factor"], false);
        assert_eq!(code, PamError::AUTHINFO_UNAVAIL);
        assert!(!offered(&transaction));
    }
}

#[test]
fn a_code_that_the_daemon_refuses_is_refused_for_its_reason() {
    for (answer, code) in [
        (Outcome::Refused(Refusal::RecoveryRefused), PamError::AUTH_ERR),
        (Outcome::Refused(Refusal::LockedOut), PamError::MAXTRIES),
        (Outcome::Refused(Refusal::NeverEnrolled), PamError::AUTHINFO_UNAVAIL),
        (Outcome::Refused(Refusal::StorageFailed), PamError::AUTHINFO_UNAVAIL),
        (Outcome::Refused(Refusal::RemoteSession), PamError::AUTHINFO_UNAVAIL),
        (Outcome::OwnerChanged, PamError::AUTHINFO_UNAVAIL),
        (Outcome::DeadlinePassed, PamError::AUTHINFO_UNAVAIL),
        (Outcome::VersionSkew, PamError::AUTHINFO_UNAVAIL),
        (Outcome::Interrupted, PamError::CONV_ERR),
    ] {
        let transaction = typing(b"0-0000-0000-0000-0000");
        let daemon = no_camera().with_codes(Ok(1)).with_redemption(Err(answer));
        assert_eq!(run(&transaction, &daemon, &["recovery"], false), code, "{answer:?}");
        let last = format!("result={} user=alice service=sudo", answer.reason());
        assert_eq!(transaction.lines(), ["result=NoCamera user=alice service=sudo", &last]);
    }
}

#[test]
fn text_that_cannot_be_a_code_never_reaches_the_daemon() {
    for typed in [&b"\xff\xfe"[..], &[b'0'; 65], &[b'0'; 10_000]] {
        let daemon = no_camera().with_codes(Ok(1));
        assert_eq!(run(&typing(typed), &daemon, &["recovery"], false), PamError::AUTH_ERR);
    }
}

#[test]
fn a_conversation_that_fails_at_the_question_ends_the_attempt() {
    let transaction = FakePam::default();
    let daemon = no_camera().with_codes(Ok(1));
    assert_eq!(run(&transaction, &daemon, &["recovery"], false), PamError::CONV_ERR);
    assert!(offered(&transaction));
    let panics = FakePam { panic_in: Some("ask"), ..FakePam::default() };
    assert_eq!(run(&panics, &no_camera().with_codes(Ok(1)), &["recovery"], false), PamError::ABORT);
}

#[test]
fn under_pam_silent_only_the_question_is_shown() {
    let transaction = typing(b"0-0000-0000-0000-0000");
    let daemon =
        no_camera().with_codes(Ok(1)).with_redemption(Err(Refusal::RecoveryRefused.into()));
    assert_eq!(run(&transaction, &daemon, &["recovery"], true), PamError::AUTH_ERR);
    assert!(offered(&transaction) && transaction.said().is_empty());
}

#[test]
fn a_code_that_the_daemon_accepts_lets_in_and_is_not_logged() {
    let transaction = typing(b" 3-abcd-efgh-jkmn-pqrs ");
    let daemon = no_camera().with_codes(Ok(3)).with_redemption(Ok(()));
    assert_eq!(run(&transaction, &daemon, &["recovery", "debug"], false), PamError::SUCCESS);
    assert_eq!(*daemon.redeemed.borrow(), ["3-abcd-efgh-jkmn-pqrs"]);
    let said = transaction.said();
    assert_eq!(said, [(MessageStyle::Error, Refusal::NoCamera.sentence().to_owned())]);
    let lines = transaction.lines();
    assert_eq!(
        lines[1..],
        ["result=NoCamera user=alice service=sudo", "result=recovered user=alice service=sudo"]
    );
    assert!(!lines.concat().contains("abcd"));
}

#[test]
fn after_a_failed_allocation_a_code_lets_nobody_in() {
    let (transaction, daemon) = (typing(b"0"), no_camera());
    let code = guard::contain(&transaction, |_| {
        let short = crate::reserve::OomMarker::tripped();
        let line = ["recovery".to_owned()];
        authenticate(&transaction, &FakeUsers, &daemon, &line, false, short)
    });
    assert_eq!(code, PamError::BUF_ERR);
    assert!(!offered(&transaction));
}
