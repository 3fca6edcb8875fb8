//! What F-pass refuses: each refusal with its own error, by a daemon that lives on.

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

use fpass_proto::{EnrolmentState, Refusal, Verdict, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Account, BOB, Ground, Login, Reply, Scene,
    scene::{BIDEN, OBAMA},
};

/// A machine with a running daemon.
fn running() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground
}

/// A running machine on which alice is enrolled and sits before the camera.
fn with_alice() -> Ground {
    let mut ground = running();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground
}

/// The same with bob enrolled too.
fn with_both() -> Ground {
    let mut ground = with_alice();
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    ground.enrol(BOB).unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground
}

fn refused(refusal: Refusal) -> Reply {
    Reply::Error(refusal.error_name().to_owned())
}

fn answered(word: &str) -> Reply {
    Reply::Answer(word.to_owned())
}

fn verify(ground: &Ground, account: Account) -> Reply {
    ground.verify("root", account).unwrap()
}

fn matched() -> Reply {
    answered(Verdict::Match.as_str())
}

fn uid(account: Account) -> String {
    format!("uint32:{}", account.uid)
}

fn state(ground: &Ground, account: Account) -> Reply {
    ground.call("root", ENROLMENT_INTERFACE, "State", &[&uid(account)]).unwrap()
}

fn in_state(state: EnrolmentState) -> Reply {
    answered(state.as_str())
}

/// Alice is refused at a login, whether or not the line says `nullok`, and told why.
fn locked_out(ground: &Ground, refusal: Refusal, what: &str) {
    for service in ["fpass-test", "fpass-nullok"] {
        let transcript = ground.transact(&Login::of(service, ALICE)).unwrap();
        assert_eq!(
            (transcript.code_name(), transcript.sentence()),
            ("PAM_AUTHINFO_UNAVAIL", refusal.sentence()),
            "{what}, {service}"
        );
    }
}
