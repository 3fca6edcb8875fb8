//! Who may do what: polkit, root, and the face of the enrolled person.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod consent;
mod departure;
mod dialogue;
mod failures;
mod feedback;
mod matrix;
mod picture;
mod real;

use fpass_proto::{EnrolmentState, Refusal, Verdict, names::ENROLMENT_INTERFACE};
use fpass_tests::{Account, Reply, Run, Testbed};

const FPASS_ENROLL: &str = "/usr/bin/fpass-enroll";

/// A running machine on which alice is enrolled and in front of the camera. polkit's log of
/// questions is empty.
fn with_alice() -> Testbed {
    let testbed = Testbed::with_alice().unwrap();
    testbed.authority.asked();
    testbed
}

fn matched(testbed: &Testbed, account: Account) {
    let reply = testbed.verify("root", account).unwrap();
    assert_eq!(reply, Reply::word(Verdict::Match.as_str()));
}

fn in_state(testbed: &Testbed, account: Account, state: EnrolmentState, what: &str) {
    let reply =
        testbed.call("root", ENROLMENT_INTERFACE, "State", &[&account.uid_argument()]).unwrap();
    assert_eq!(reply, Reply::word(state.as_str()), "{what}");
}

/// The command failed with the exit code and the sentence of the refusal.
fn ended_as(run: &Run, code: i32, refusal: Refusal) {
    assert_eq!(run.code, Some(code), "{run:?}");
    assert!(run.stderr.contains(refusal.sentence()), "{run:?}");
}
