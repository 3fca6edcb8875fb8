//! One user from the registration to the day when the camera is missing.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "all of this program is tests"
)]

use std::fs;

use fpass_tests::{
    Login, Scene, Testbed, Transcript,
    pam::{Call, Conversation},
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

const SERVICE: &str = "journey";
const PASSWORD: &str = "erins-own-secret";
/// The clip of the recorded camera.
const CLIP: &str = "/run/testbed/scene.y4m";

/// The shipped lines for a compulsory set-up, with recovery codes.
fn stack() -> String {
    let example = fs::read_to_string("/usr/share/doc/fpass/pam.d/set-up").unwrap();
    let with_recovery: Vec<String> = example
        .lines()
        .map(|line| match line.split_whitespace().next() {
            Some("auth") if line.contains("pam_fpass.so") => format!("{line} recovery"),
            Some("auth") => format!("{line} nodelay"),
            _ => line.to_owned(),
        })
        .collect();
    with_recovery.join("\n") + "\n"
}

/// Erin logs in as at login, su and greeters, and answers the prompts.
fn login(testbed: &Testbed, answers: &[&str]) -> Transcript {
    let login = Login::new(SERVICE, "erin", "").with(|request| {
        request.calls = vec![Call::Authenticate, Call::AcctMgmt];
        request.conversation =
            Conversation::Answers(answers.iter().map(|&answer| answer.to_owned()).collect());
    });
    let transcript = testbed.transact(&login).unwrap();
    println!("{} for {} answers:", transcript.code_name(), answers.len());
    for message in &transcript.messages {
        println!("    {}", message.text);
    }
    transcript
}

#[test]
fn registered_set_up_recognised_and_let_in_by_a_code_once() {
    let mut testbed = Testbed::new().unwrap();
    testbed.service(SERVICE, &stack()).unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();

    let words = ["register", "erin", "--set-up-at-login", "--password-stdin"];
    let input = format!("{PASSWORD}\n");
    let run = testbed.run_with_input("root", "/usr/bin/fpass-enroll", &words, &input).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");

    // The first login requires the set-up, and fails without it.
    assert_eq!(login(&testbed, &["guess"]).code_name(), "PAM_AUTH_ERR");
    assert_eq!(login(&testbed, &[PASSWORD]).code_name(), "PAM_NEW_AUTHTOK_REQD");
    let whole = Login::new(SERVICE, "erin", PASSWORD).with(|request| {
        request.calls = vec![Call::Authenticate, Call::AcctMgmt, Call::ChAuthTok];
    });
    let first = testbed.transact(&whole).unwrap();
    assert_eq!(first.answers.iter().map(|a| a.code).collect::<Vec<_>>(), [0, 12, 0], "{first:?}");

    // The next login needs password and face.
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(login(&testbed, &[PASSWORD]).code_name(), "PAM_AUTH_ERR");
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    assert_eq!(login(&testbed, &["guess"]).code_name(), "PAM_AUTH_ERR");
    assert!(login(&testbed, &[PASSWORD]).admitted());

    // Then the camera is missing.
    let words = ["recovery-codes", "--user", "erin", "--json", "--yes"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let code = report["codes"][3].as_str().unwrap();
    fs::remove_file(CLIP).unwrap();
    assert!(!login(&testbed, &[PASSWORD]).admitted());
    assert!(!login(&testbed, &["guess", code]).admitted(), "the password still counts");
    assert!(login(&testbed, &[PASSWORD, code]).admitted());
    let again = login(&testbed, &[PASSWORD, code]);
    assert_eq!(again.code_name(), "PAM_AUTH_ERR", "{again:?}");
    let status = testbed.fpass_enroll("root", &["status", "--user", "erin"]).unwrap().stdout;
    assert!(status.contains("9 of 10"), "{status}");
}
