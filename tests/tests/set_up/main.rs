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
    Account, CAROL, Ground, Login, Reply, Scene,
    pam::{Call, Conversation},
    scene::OBAMA,
    stack,
};

/// What an application does at a login, set-up included.
const LOGIN: [Call; 3] = [Call::Authenticate, Call::AcctMgmt, Call::ChAuthTok];

/// A machine on which carol, who never enrolled, sits before the camera.
fn with_carol() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground
}

/// Carol's login at the service whose users must set up, whose modules get these answers.
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
fn codes(ground: &Ground, login: &Login) -> Vec<i32> {
    let transcript = ground.transact(login).unwrap();
    assert_eq!(transcript.threads, (1, 1), "{transcript:?}");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{transcript:?}");
    assert_eq!(transcript.stray_output, "");
    transcript.answers.iter().map(|answer| answer.code).collect()
}

fn state(ground: &Ground, account: Account) -> String {
    let uid = format!("uint32:{}", account.uid);
    match ground.call("root", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap() {
        Reply::Answer(word) => word,
        Reply::Error(error) => panic!("{error}"),
    }
}
