//! `pam enable` and `pam disable` on a private machine, and logins through real libpam in between.

use std::{fs, os::unix::fs::MetadataExt};

use fpass_tests::{
    ALICE, Login, Run, Scene, Testbed,
    scene::{BIDEN, OBAMA_SPEAKING},
};

const PATH: &str = "/etc/pam.d/sudo";
pub(super) const SUDO: &str = "#%PAM-1.0\n\n@include common-auth\n@include common-account\n";

/// A machine on which alice is enrolled, and whose `sudo` does not ask for the face.
fn machine() -> Testbed {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed.service("sudo", SUDO).unwrap();
    testbed
}

/// Gives root a password, so that `login` is a way back in without a face.
pub(super) fn let_root_in() {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let lines = shadow.lines().map(|line| match line.strip_prefix("root:") {
        Some(rest) => format!("root:$6$x${}\n", rest.trim_start_matches(['*', '!'])),
        None => format!("{line}\n"),
    });
    fs::write("/etc/shadow", lines.collect::<String>()).unwrap();
}

fn pam(testbed: &Testbed, words: &[&str]) -> Run {
    testbed.fpass_enroll("root", &[&["pam"], words].concat()).unwrap()
}

fn sudo(testbed: &Testbed) -> &'static str {
    testbed.transact(&Login::of("sudo", ALICE)).unwrap().code_name()
}

#[test]
fn without_a_way_back_nothing_is_changed() {
    let testbed = machine();
    let refused = pam(&testbed, &["enable", "sudo"]);
    assert_eq!(refused.code, Some(23), "{refused:?}");
    assert_eq!(fs::read_to_string(PATH).unwrap(), SUDO);
    assert_eq!(sudo(&testbed), "PAM_SUCCESS");
}

#[test]
fn users_cannot_change_stacks() {
    let testbed = machine();
    let_root_in();
    let refused = testbed.fpass_enroll("alice", &["pam", "enable", "--recovery", "sudo"]).unwrap();
    assert_eq!(refused.code, Some(24), "{refused:?}");
    assert!(refused.stderr.contains("run this as root"), "{refused:?}");
    assert_eq!(fs::read_to_string(PATH).unwrap(), SUDO);
}

#[test]
fn the_face_is_asked_for_between_enabling_and_disabling() {
    let mut testbed = machine();
    let_root_in();
    let before = fs::metadata(PATH).unwrap();
    assert_eq!(sudo(&testbed), "PAM_SUCCESS", "the password suffices");

    let enabled = pam(&testbed, &["enable", "sudo"]);
    assert_eq!(enabled.code, Some(0), "{enabled:?}");
    // sudo asks modules for silence, and the line overrides that.
    let silent = Login::of("sudo", ALICE).with(|request| request.silent = true);
    let refused = testbed.transact(&silent).unwrap();
    let told: Vec<&str> = refused.messages.iter().map(|message| message.text.as_str()).collect();
    assert!(told.contains(&"Look at the camera."), "{told:?}");
    assert!(refused.sentence().starts_with("Your face was not recognised; "), "{told:?}");
    let status = pam(&testbed, &["status", "sudo"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    assert!(status.stdout.starts_with("sudo: proven: "), "{status:?}");
    assert_eq!(sudo(&testbed), "PAM_AUTH_ERR", "another person");
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    assert_eq!(sudo(&testbed), "PAM_SUCCESS");
    assert_ne!(testbed.login("sudo", "alice", "guess").unwrap().code_name(), "PAM_SUCCESS");

    let disabled = pam(&testbed, &["disable", "sudo"]);
    assert_eq!(disabled.code, Some(0), "{disabled:?}");
    let after = fs::metadata(PATH).unwrap();
    assert_eq!(fs::read_to_string(PATH).unwrap(), SUDO);
    assert_eq!(
        (after.mode(), after.uid(), after.gid()),
        (before.mode(), before.uid(), before.gid())
    );
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(sudo(&testbed), "PAM_SUCCESS", "the password suffices again");
}

/// Gives alice an empty password.
fn empty_the_password() {
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let lines = shadow.lines().map(|line| match line.split_once(':') {
        Some(("alice", _)) => "alice::19000:0:99999:7:::\n".to_owned(),
        _ => format!("{line}\n"),
    });
    fs::write("/etc/shadow", lines.collect::<String>()).unwrap();
}

#[test]
fn users_with_an_empty_password_get_in_where_the_proof_says_so() {
    const FACE_ALONE: &str = "Users with an empty password get in with the face alone.";
    let mut testbed = Testbed::with_alice().unwrap();
    empty_the_password();
    let face = "auth [success=ok ignore=ignore default=die] pam_fpass.so";
    for (password, ours, gets_in) in [
        ("nullok", "sole_factor", true),
        ("nullok", "", false),
        ("nullok", "nullok recovery", false),
        ("", "sole_factor", false),
    ] {
        let stack = format!("auth required pam_unix.so {password}\n{face} {ours}\n");
        testbed.service("empty", &stack).unwrap();
        let outcome = testbed.transact(&Login::of("empty", ALICE)).unwrap();
        assert_eq!(outcome.answers[0].code == 0, gets_in, "{stack}{outcome:?}");
        let proof = testbed.fpass_enroll("root", &["check-pam", "empty"]).unwrap();
        assert!(proof.stdout.starts_with("empty: proven: "), "{stack}{proof:?}");
        assert_eq!(proof.stdout.contains(FACE_ALONE), gets_in, "{stack}{proof:?}");
    }
}

#[test]
fn the_stacks_of_this_machine_have_no_faults() {
    let testbed = Testbed::new().unwrap();
    let run = testbed.fpass_enroll("root", &["check-pam", "--json"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let services = report["services"].as_array().unwrap();
    let count =
        |verdict: &str| services.iter().filter(|service| service["verdict"] == verdict).count();
    let own: Vec<_> = services
        .iter()
        .filter(|service| service["faults"].as_array().unwrap().is_empty())
        .collect();
    assert_eq!(own.len(), services.len(), "{services:#?}");
    assert_eq!(count("broken") + count("nobody-gets-in") + count("unsure"), 0, "{services:#?}");
    let line = format!(
        "check-pam on this machine: {} services, {} proven, {} not protected, 0 with faults",
        services.len(),
        count("proven"),
        count("not-protected")
    );
    println!("{line}");
    fpass_tests::figures::note("stacks.txt", &line).unwrap();
}
