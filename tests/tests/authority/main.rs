//! Who may do what: polkit, root, and the face of the person enrolled.

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
mod matrix;
mod real;

use fpass_proto::{EnrolmentState, Refusal, Verdict, names::ENROLMENT_INTERFACE};
use fpass_tests::{ALICE, Account, Ground, Reply, Run, Scene, scene::OBAMA};

const FPASS_ENROLL: &str = "/usr/bin/fpass-enroll";

/// A machine with a running daemon.
fn running() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground
}

/// A running machine on which alice is enrolled and sits before the camera. Nobody was asked
/// anything yet.
fn with_alice() -> Ground {
    let mut ground = running();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground.authority.asked();
    ground
}

fn refused(refusal: Refusal) -> Reply {
    Reply::Error(refusal.error_name().to_owned())
}

fn answered(word: &str) -> Reply {
    Reply::Answer(word.to_owned())
}

fn uid(account: Account) -> String {
    format!("uint32:{}", account.uid)
}

fn matched(ground: &Ground, account: Account) {
    let reply = ground.verify("root", account).unwrap();
    assert_eq!(reply, answered(Verdict::Match.as_str()));
}

fn in_state(ground: &Ground, account: Account, state: EnrolmentState, what: &str) {
    let reply = ground.call("root", ENROLMENT_INTERFACE, "State", &[&uid(account)]).unwrap();
    assert_eq!(reply, answered(state.as_str()), "{what}");
}

/// The command ended as refused, and its user read why.
fn ended_as(run: &Run, code: i32, refusal: Refusal) {
    assert_eq!(run.code, Some(code), "{run:?}");
    assert!(run.stderr.contains(refusal.sentence()), "{run:?}");
}
