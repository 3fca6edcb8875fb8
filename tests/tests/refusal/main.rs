//! The refusals of F-pass: each has its own error, and the daemon continues.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod callers;
mod departure;
mod drop_in;
mod key;
mod names;
mod start;
mod storage;
mod stored;
mod templates;

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Account, BOB, Login, Reply, Scene, Testbed,
    scene::{BIDEN, OBAMA},
};

/// The same with bob enrolled too.
fn with_both() -> Testbed {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed.enrol(BOB).unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed
}

fn verify(testbed: &Testbed, account: Account) -> Reply {
    testbed.verify("root", account).unwrap()
}

fn state(testbed: &Testbed, account: Account) -> Reply {
    testbed.call("root", ENROLMENT_INTERFACE, "State", &[&account.uid_argument()]).unwrap()
}

fn in_state(state: EnrolmentState) -> Reply {
    Reply::word(state.as_str())
}

/// Alice is refused at a login, with and without `nullok`, with the sentence of the refusal.
fn locked_out(testbed: &Testbed, refusal: Refusal, what: &str) {
    for service in ["fpass-test", "fpass-nullok"] {
        let transcript = testbed.transact(&Login::of(service, ALICE)).unwrap();
        assert_eq!(
            (transcript.code_name(), transcript.sentence()),
            ("PAM_AUTHINFO_UNAVAIL", refusal.sentence()),
            "{what}, {service}"
        );
    }
}
