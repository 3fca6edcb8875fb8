//! Recovery codes: which are refused, which are accepted, and how root gets in without a daemon.

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

use fpass_proto::names::RECOVERY_INTERFACE;
use fpass_tests::{ALICE, Account, Login, Reply, Testbed, pam::Conversation, stack};

const STORE: &str = "/var/lib/fpass";
/// The clip of the recorded camera.
const CLIP: &str = "/run/testbed/scene.y4m";
/// A service whose line has `recovery`.
const SERVICE: &str = "fpass-recovery";
/// The beginning of the module's question.
const QUESTION: &str = "Recovery code";

/// A running machine on which alice is enrolled and in front of the camera.
fn with_alice() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.service(SERVICE, &stack::own("recovery")).unwrap();
    testbed.start_with_alice().unwrap();
    testbed
}

/// New codes of a user, made by root.
fn codes(testbed: &Testbed, account: Account) -> Vec<String> {
    let words = ["recovery-codes", "--user", account.name, "--json", "--yes"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let codes = report["codes"].as_array().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn recover_as(testbed: &Testbed, user: &str, account: Account, code: &str) -> Reply {
    let words = [
        &format!("uint32:{}", account.uid),
        &format!("string:{user}"),
        "string:fpass-test",
        "string:tty1",
        &format!("string:{code}"),
    ];
    testbed.call("root", RECOVERY_INTERFACE, "Recover", &words).unwrap()
}

fn recover(testbed: &Testbed, account: Account, code: &str) -> Reply {
    recover_as(testbed, account.name, account, code)
}

fn left(testbed: &Testbed, account: Account) -> u32 {
    let uid = format!("uint32:{}", account.uid);
    match testbed.call("root", RECOVERY_INTERFACE, "Count", &[&uid]).unwrap() {
        Reply::Answer(text) => text.strip_prefix("uint32 ").unwrap().parse().unwrap(),
        Reply::Error(error) => panic!("{error}"),
    }
}

fn taken() -> Reply {
    Reply::Answer(String::new())
}

/// Alice types her password, and this when a code is asked for.
fn types(service: &str, code: &str) -> Login {
    Login::of(service, ALICE).with(|request| {
        request.conversation =
            Conversation::Answers(vec![ALICE.password.to_owned(), code.to_owned()]);
    })
}

/// Makes the camera fail from now on.
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
