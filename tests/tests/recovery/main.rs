//! Recovery codes: what they are refused for, whom they let in, and how root gets in without a daemon.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod codes;
mod crash;
mod drill;
mod login;
mod refused;

use std::fs;

use fpass_proto::{Refusal, names::RECOVERY_INTERFACE};
use fpass_tests::{
    ALICE, Account, Ground, Login, Reply, Scene, pam::Conversation, scene::OBAMA, stack,
};

const STORE: &str = "/var/lib/fpass";
/// What the camera plays.
const CLIP: &str = "/run/ground/scene.y4m";
/// A service whose line says `recovery`.
const SERVICE: &str = "fpass-recovery";
/// How the question begins that the module asks.
const QUESTION: &str = "Recovery code";

/// A running machine on which alice is enrolled and sits before the camera.
fn with_alice() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.service(SERVICE, &stack::own("recovery")).unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground
}

/// New codes of a user, made by root.
fn codes(ground: &Ground, account: Account) -> Vec<String> {
    let words = ["recovery-codes", "--user", account.name, "--json", "--yes"];
    let run = ground.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let codes = report["codes"].as_array().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn recover_as(ground: &Ground, user: &str, account: Account, code: &str) -> Reply {
    let words = [
        &format!("uint32:{}", account.uid),
        &format!("string:{user}"),
        "string:fpass-test",
        "string:tty1",
        &format!("string:{code}"),
    ];
    ground.call("root", RECOVERY_INTERFACE, "Recover", &words).unwrap()
}

fn recover(ground: &Ground, account: Account, code: &str) -> Reply {
    recover_as(ground, account.name, account, code)
}

fn left(ground: &Ground, account: Account) -> u32 {
    let uid = format!("uint32:{}", account.uid);
    match ground.call("root", RECOVERY_INTERFACE, "Count", &[&uid]).unwrap() {
        Reply::Answer(text) => text.strip_prefix("uint32 ").unwrap().parse().unwrap(),
        Reply::Error(error) => panic!("{error}"),
    }
}

fn refused(refusal: Refusal) -> Reply {
    Reply::Error(refusal.error_name().to_owned())
}

fn taken() -> Reply {
    Reply::Answer(String::new())
}

/// Alice types her password and this when she is asked for a code.
fn types(service: &str, code: &str) -> Login {
    Login::of(service, ALICE).with(|request| {
        request.conversation =
            Conversation::Answers(vec![ALICE.password.to_owned(), code.to_owned()]);
    })
}

/// What the daemon hears of the camera from now on: it failed.
fn unplug_the_camera() {
    fs::remove_file(CLIP).unwrap();
}

/// The same code with another last symbol.
fn altered(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    let mut altered = code.to_owned();
    altered.pop();
    altered.push(last);
    altered
}
