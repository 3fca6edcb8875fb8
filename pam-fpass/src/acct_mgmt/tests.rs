//! `pam_acct_mgmt` with a fake transaction, user database and daemon.

use pamsm::PamError;

use super::*;
use crate::fakes::{FakeDaemon, FakePam, FakeUsers};
use crate::guard;

fn run(transaction: &FakePam, daemon: &FakeDaemon, line: &[&str]) -> PamError {
    let arguments: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
    guard::contain(transaction, |marker| {
        acct_mgmt(transaction, &FakeUsers, daemon, &arguments, false, marker)
    })
}

#[test]
fn a_line_without_a_requirement_or_with_judging_arguments_is_wrong() {
    for line in [&[][..], &["quiet"], &["nullok"], &["enroll=required", "timeout=5"], &["enroll"]] {
        let transaction = FakePam::default();
        assert_eq!(
            run(&transaction, &FakeDaemon::never_called(), line),
            PamError::SERVICE_ERR,
            "{line:?}"
        );
        assert_eq!(transaction.said().len(), 1);
    }
}

#[test]
fn what_preflight_refuses_never_reaches_the_daemon() {
    let cases = [
        (FakePam { service: Some("sshd".to_owned()), ..FakePam::default() }, PamError::AUTH_ERR),
        (
            FakePam { remote_host: Some("192.0.2.7".to_owned()), ..FakePam::default() },
            PamError::AUTHINFO_UNAVAIL,
        ),
        (FakePam { user: Some("bob".to_owned()), ..FakePam::default() }, PamError::USER_UNKNOWN),
    ];
    for (transaction, code) in cases {
        assert_eq!(run(&transaction, &FakeDaemon::never_called(), &["enroll=required"]), code);
    }
}

#[test]
fn only_users_who_never_had_an_f_pass_must_set_one_up() {
    for (state, code) in [
        (Ok(EnrolmentState::Enrolled), PamError::SUCCESS),
        (Ok(EnrolmentState::NeverEnrolled), PamError::NEW_AUTHTOK_REQD),
        (Ok(EnrolmentState::Removed), PamError::AUTHINFO_UNAVAIL),
        (Err(Outcome::NoDaemon), PamError::AUTHINFO_UNAVAIL),
        (Err(Outcome::Refused(Refusal::KeyUnreadable)), PamError::AUTHINFO_UNAVAIL),
        (Err(Outcome::DeadlinePassed), PamError::AUTHINFO_UNAVAIL),
    ] {
        // libpam has wiped the password by then.
        let transaction = FakePam { password: None, ..FakePam::default() };
        let daemon = FakeDaemon::with_state(state, &[]);
        assert_eq!(run(&transaction, &daemon, &["enroll=required"]), code, "{state:?}");
        let refused = code != PamError::SUCCESS && code != PamError::NEW_AUTHTOK_REQD;
        assert_eq!(transaction.said().len(), usize::from(refused), "{state:?}");
    }
}

#[test]
fn after_a_failed_allocation_no_result_counts() {
    let daemon = FakeDaemon::with_state(Ok(EnrolmentState::Enrolled), &[]);
    let arguments = ["enroll=required".to_owned()];
    let transaction = FakePam::default();
    let code = guard::contain(&transaction, |_| {
        let short = OomMarker::tripped();
        acct_mgmt(&transaction, &FakeUsers, &daemon, &arguments, false, short)
    });
    assert_eq!(code, PamError::BUF_ERR);
}
