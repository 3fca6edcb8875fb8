//! `pam_chauthtok` with a fake transaction, user database and daemon.

use fpass_proto::Guidance;
use pamsm::PamError;

use super::*;
use crate::fakes::{FakeDaemon, FakePam, FakeUsers};
use crate::ffi::MessageStyle;
use crate::guard;
use crate::transaction::Delivery;

const LINE: &[&str] = &["enroll=required"];

fn flags(phase: Phase) -> ChauthtokFlags {
    ChauthtokFlags { phase, silent: false }
}

fn run(transaction: &FakePam, daemon: &FakeDaemon, line: &[&str], phase: Phase) -> PamError {
    let arguments: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
    guard::contain(transaction, |marker| {
        chauthtok(transaction, &FakeUsers, daemon, &arguments, flags(phase), marker)
    })
}

fn newcomer(set_ups: &[Result<Strength, Outcome>]) -> FakeDaemon {
    FakeDaemon::with_state(Ok(EnrolmentState::NeverEnrolled), set_ups)
}

fn refused(refusal: Refusal) -> Result<Strength, Outcome> {
    Err(Outcome::Refused(refusal))
}

#[test]
fn a_wrong_line_ends_before_anything_is_asked() {
    for line in [&[][..], &["nullok"], &["enroll=required", "sole_factor"], &["enroll=maybe"]] {
        for phase in [Phase::Preliminary, Phase::Update] {
            let code = run(&FakePam::default(), &FakeDaemon::never_called(), line, phase);
            assert_eq!(code, PamError::SERVICE_ERR, "{line:?}");
        }
    }
}

#[test]
fn nobody_sets_up_remotely_or_in_a_service_without_a_seat() {
    for transaction in [
        FakePam { service: Some("sshd".to_owned()), ..FakePam::default() },
        FakePam { remote_host: Some("192.0.2.7".to_owned()), ..FakePam::default() },
    ] {
        for phase in [Phase::Preliminary, Phase::Update] {
            let code = run(&transaction, &FakeDaemon::never_called(), LINE, phase);
            assert!(matches!(code, PamError::AUTH_ERR | PamError::AUTHINFO_UNAVAIL), "{code:?}");
        }
    }
}

#[test]
fn a_password_tool_is_ignored() {
    for service in ["passwd", "chpasswd", "chgpasswd", "newusers"] {
        let transaction = FakePam { service: Some(service.to_owned()), ..FakePam::default() };
        for phase in [Phase::Preliminary, Phase::Update] {
            let code = run(&transaction, &FakeDaemon::never_called(), LINE, phase);
            assert_eq!(code, PamError::IGNORE, "{service}");
        }
        assert!(transaction.said().is_empty());
    }
}

#[test]
fn a_user_who_has_or_had_an_f_pass_does_not_set_up() {
    for state in [EnrolmentState::Enrolled, EnrolmentState::Removed] {
        let daemon = FakeDaemon::with_state(Ok(state), &[]);
        let code = run(&FakePam::default(), &daemon, LINE, Phase::Preliminary);
        assert_eq!(code, PamError::IGNORE, "{state:?}");
    }
}

#[test]
fn the_update_phase_succeeds_only_for_a_login_that_has_set_up() {
    let enrolled = Ok(EnrolmentState::Enrolled);
    for (state, set_up, code) in [
        (enrolled, Some(Ok(Strength::Fair)), PamError::SUCCESS),
        (enrolled, Some(refused(Refusal::PasswordNeeded)), PamError::IGNORE),
        (enrolled, Some(refused(Refusal::LabelTaken)), PamError::IGNORE),
        (enrolled, Some(refused(Refusal::RemoteSession)), PamError::AUTHINFO_UNAVAIL),
        (enrolled, Some(Err(Outcome::ConnectionLost)), PamError::AUTHINFO_UNAVAIL),
        (Ok(EnrolmentState::Removed), None, PamError::IGNORE),
        (Ok(EnrolmentState::NeverEnrolled), None, PamError::AUTHINFO_UNAVAIL),
        (Err(Outcome::NoDaemon), None, PamError::AUTHINFO_UNAVAIL),
    ] {
        let daemon = FakeDaemon::with_state(state, set_up.as_slice());
        let found = run(&FakePam::default(), &daemon, LINE, Phase::Update);
        assert_eq!(found, code, "{state:?} {set_up:?}");
    }
    // A password that has also expired must still be changed.
    let root = FakePam { user: Some("root".to_owned()), ..FakePam::default() };
    let daemon = FakeDaemon::with_state(enrolled, &[Ok(Strength::Fair)]);
    assert_eq!(run(&root, &daemon, LINE, Phase::Update), PamError::IGNORE);
}

#[test]
fn a_new_user_is_guided_and_needs_no_new_password() {
    let progress = |taken, guidance| Hint::Progress(Progress { taken, wanted: 7, guidance });
    let daemon = FakeDaemon {
        hints: vec![
            // Said before.
            Hint::Prompt(Prompt::Look),
            progress(0, Guidance::TooDark),
            // Too soon after the previous hint.
            progress(0, Guidance::ComeCloser),
            progress(1, Guidance::Good),
            Hint::Prompt(Prompt::LookThenTurnLeft),
            progress(4_000_000_000, Guidance::TurnLeft),
        ],
        ..newcomer(&[Ok(Strength::Strong)])
    };
    let transaction = FakePam { password: None, ..FakePam::default() };
    assert_eq!(run(&transaction, &daemon, LINE, Phase::Preliminary), PamError::SUCCESS);
    let said: Vec<String> = transaction.said().into_iter().map(|(_, text)| text).collect();
    assert!(said[0].starts_with("You must set up an F-pass"));
    assert_eq!(said[1], "0 of 7: Too dark: turn on a light.");
    assert_eq!(said[2], "1 of 7: Good, keep looking at the camera.");
    assert_eq!(said[3], "Look at the camera, then turn your head slowly to the left.");
    assert_eq!(said[4], "99 of 7: Turn your head a little to the left.");
    assert!(said[5].starts_with("Your F-pass is set up"));
    assert_eq!(said.len(), 6);
}

#[test]
fn an_expired_password_is_left_to_its_own_module() {
    let transaction = FakePam { user: Some("root".to_owned()), ..FakePam::default() };
    let daemon = newcomer(&[Ok(Strength::Fair)]);
    assert_eq!(run(&transaction, &daemon, LINE, Phase::Preliminary), PamError::IGNORE);
    assert!(daemon.set_ups.borrow().is_empty(), "the F-pass is set up");
    let daemon = newcomer(&[refused(Refusal::NoCamera)]);
    let code = run(&transaction, &daemon, LINE, Phase::Preliminary);
    assert_eq!(code, PamError::AUTHINFO_UNAVAIL, "without an F-pass the login ends");
}

#[test]
fn only_what_the_user_can_correct_is_tried_three_times() {
    let dark = refused(Refusal::TooDark);
    let daemon = newcomer(&[dark, dark, Ok(Strength::Weak)]);
    let transaction = FakePam::default();
    assert_eq!(run(&transaction, &daemon, LINE, Phase::Preliminary), PamError::SUCCESS);
    let errors =
        transaction.said().iter().filter(|(style, _)| *style == MessageStyle::Error).count();
    assert_eq!(errors, 2);

    let daemon = newcomer(&[dark; 4]);
    let code = run(&FakePam::default(), &daemon, LINE, Phase::Preliminary);
    assert_eq!(code, PamError::AUTHINFO_UNAVAIL);
    assert_eq!(daemon.set_ups.borrow().len(), 1);

    for &refusal in Refusal::ALL.iter().filter(|refusal| !is_retryable(**refusal)) {
        let daemon = newcomer(&[refused(refusal), Ok(Strength::Strong)]);
        let code = run(&FakePam::default(), &daemon, LINE, Phase::Preliminary);
        assert!(!matches!(code, PamError::SUCCESS | PamError::IGNORE), "{refusal:?}: {code:?}");
        assert_eq!(daemon.set_ups.borrow().len(), 1, "{refusal:?}");
    }
}

#[test]
fn a_conversation_that_fails_ends_the_set_up_and_a_quiet_line_needs_none() {
    let broken =
        || FakePam { conversation: Err(Outcome::ConversationFailed), ..FakePam::default() };
    let code = run(&broken(), &newcomer(&[]), LINE, Phase::Preliminary);
    assert_eq!(code, PamError::CONV_ERR);
    let transaction = broken();
    let quiet = ["enroll=required", "quiet"];
    let code = run(&transaction, &newcomer(&[Ok(Strength::Fair)]), &quiet, Phase::Preliminary);
    assert_eq!(code, PamError::SUCCESS);
    assert!(transaction.said().is_empty());
}

#[test]
fn a_conversation_that_cannot_show_hints_does_not_end_the_set_up() {
    let transaction = FakePam { conversation: Ok(Delivery::Unshown), ..FakePam::default() };
    let daemon = newcomer(&[refused(Refusal::TooDark), Ok(Strength::Fair)]);
    assert_eq!(run(&transaction, &daemon, LINE, Phase::Preliminary), PamError::SUCCESS);
    assert_eq!(transaction.said().len(), 1);
}

#[test]
fn hints_reach_a_login_screen_no_quicker_than_it_shows_them() {
    let guidance = Guidance::Good;
    let step = |taken| Hint::Progress(Progress { taken, wanted: 7, guidance });
    let hints = (0..7).map(step).collect();
    let daemon = FakeDaemon { hints, ..newcomer(&[Ok(Strength::Fair)]) };
    let screen = FakePam { service: Some("gdm-password".to_owned()), ..FakePam::default() };
    assert_eq!(run(&screen, &daemon, LINE, Phase::Preliminary), PamError::SUCCESS);
    // All hints come while the screen still holds the first text.
    assert_eq!(screen.said().len(), 2, "{:?}", screen.said());
}

#[test]
fn after_a_failed_allocation_no_result_counts() {
    let transaction = FakePam::default();
    let daemon = newcomer(&[Ok(Strength::Fair)]);
    let arguments = ["enroll=required".to_owned()];
    let code = guard::contain(&transaction, |_| {
        let short = OomMarker::tripped();
        chauthtok(&transaction, &FakeUsers, &daemon, &arguments, flags(Phase::Preliminary), short)
    });
    assert_eq!(code, PamError::BUF_ERR);
}

#[test]
fn hints_wait_until_they_can_be_read_and_new_frames_are_shown_at_once() {
    let progress = |taken, guidance| Progress { taken, wanted: 7, guidance };
    let (mut filter, now) = (HintFilter::default(), Instant::now());
    let soon = now + HINT_EVERY.saturating_sub(Duration::from_millis(1));
    assert!(filter.is_worth_showing(progress(0, Guidance::NoFace), now));
    assert!(!filter.is_worth_showing(progress(0, Guidance::ComeCloser), soon));
    assert!(!filter.is_worth_showing(progress(0, Guidance::NoFace), now + 10 * HINT_EVERY));
    assert!(filter.is_worth_showing(progress(0, Guidance::ComeCloser), now + HINT_EVERY));
    assert!(filter.is_worth_showing(progress(1, Guidance::ComeCloser), now + HINT_EVERY));
}
