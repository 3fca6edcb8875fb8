//! One user from the registration to the day on which the camera is gone.

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
    Ground, Login, Scene, Transcript,
    pam::{Call, Conversation},
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

const SERVICE: &str = "journey";
const PASSWORD: &str = "erins-own-secret";
/// What the camera plays.
const CLIP: &str = "/run/ground/scene.y4m";

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

/// Erin logs in as login, su and greeters have it, and answers what she is asked.
fn login(ground: &Ground, answers: &[&str]) -> Transcript {
    let login = Login::new(SERVICE, "erin", "").with(|request| {
        request.calls = vec![Call::Authenticate, Call::AcctMgmt];
        request.conversation =
            Conversation::Answers(answers.iter().map(|&answer| answer.to_owned()).collect());
    });
    let transcript = ground.transact(&login).unwrap();
    println!("{} for {} answers:", transcript.code_name(), answers.len());
    for message in &transcript.messages {
        println!("    {}", message.text);
    }
    transcript
}

#[test]
fn registered_set_up_recognised_and_let_in_by_a_code_once() {
    let mut ground = Ground::new().unwrap();
    ground.service(SERVICE, &stack()).unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();

    let words = ["register", "erin", "--set-up-at-login", "--password-stdin"];
    let input = format!("{PASSWORD}\n");
    let run = ground.run_with_input("root", "/usr/bin/fpass-enroll", &words, &input).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");

    // The first login demands the set-up, and ends there for who does not do it.
    assert_eq!(login(&ground, &["guess"]).code_name(), "PAM_AUTH_ERR");
    assert_eq!(login(&ground, &[PASSWORD]).code_name(), "PAM_NEW_AUTHTOK_REQD");
    let whole = Login::new(SERVICE, "erin", PASSWORD).with(|request| {
        request.calls = vec![Call::Authenticate, Call::AcctMgmt, Call::ChAuthTok];
    });
    let first = ground.transact(&whole).unwrap();
    assert_eq!(first.answers.iter().map(|a| a.code).collect::<Vec<_>>(), [0, 12, 0], "{first:?}");

    // The next one needs both.
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(login(&ground, &[PASSWORD]).code_name(), "PAM_AUTH_ERR");
    ground.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    assert_eq!(login(&ground, &["guess"]).code_name(), "PAM_AUTH_ERR");
    assert!(login(&ground, &[PASSWORD]).admitted());

    // Then the camera is gone.
    let words = ["recovery-codes", "--user", "erin", "--json", "--yes"];
    let run = ground.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let code = report["codes"][3].as_str().unwrap();
    fs::remove_file(CLIP).unwrap();
    assert!(!login(&ground, &[PASSWORD]).admitted());
    assert!(!login(&ground, &["guess", code]).admitted(), "the password still counts");
    assert!(login(&ground, &[PASSWORD, code]).admitted());
    let again = login(&ground, &[PASSWORD, code]);
    assert_eq!(again.code_name(), "PAM_AUTH_ERR", "{again:?}");
    let status = ground.fpass_enroll("root", &["status", "--user", "erin"]).unwrap().stdout;
    assert!(status.contains("9 of 10"), "{status}");
}
