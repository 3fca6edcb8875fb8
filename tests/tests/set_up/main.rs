//! Compulsory set-up: the shipped stack, the real module and libpam's own order of calls.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod password;
mod refused;
mod served;

use fpass_proto::names::ENROLMENT_INTERFACE;
use fpass_tests::{
    Account, CAROL, Login, Reply, Scene, Testbed,
    pam::{Call, Conversation},
    scene::OBAMA,
    stack,
};

/// The calls of an application at a login, set-up included.
const LOGIN: [Call; 3] = [Call::Authenticate, Call::AcctMgmt, Call::ChAuthTok];

/// A machine with carol, who never enrolled, in front of the camera.
fn with_carol() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed
}

/// Carol's login at the service that requires a set-up, with these answers to its modules.
fn carol(calls: &[Call], answers: &[&str]) -> Login {
    at(stack::SET_UP, calls, answers)
}

fn at(service: &str, calls: &[Call], answers: &[&str]) -> Login {
    Login::of(service, CAROL).with(|request| {
        request.calls = calls.to_vec();
        let answers = answers.iter().map(|&answer| answer.to_owned()).collect();
        request.conversation = Conversation::Answers(answers);
    })
}

/// The codes of the calls that were made.
fn codes(testbed: &Testbed, login: &Login) -> Vec<i32> {
    let transcript = testbed.transact(login).unwrap();
    assert_eq!(transcript.threads, (1, 1), "{transcript:?}");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{transcript:?}");
    assert_eq!(transcript.stray_output, "");
    transcript.answers.iter().map(|answer| answer.code).collect()
}

fn state(testbed: &Testbed, account: Account) -> String {
    let uid = format!("uint32:{}", account.uid);
    match testbed.call("root", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap() {
        Reply::Answer(word) => word,
        Reply::Error(error) => panic!("{error}"),
    }
}
