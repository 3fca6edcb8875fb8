//! `fpass-enroll setup` on a private machine: from nothing to a `sudo` that asks for the face, by
//! typed answers and without questions, and stopped at each step.

use std::fs;

use fpass_tests::{
    ALICE, Login, Run, Scene, Testbed,
    scene::{BIDEN, OBAMA},
};

use super::login::{SUDO, let_root_in};

/// A machine on which nobody is enrolled and `sudo` does not ask for the face. Alice sits in front
/// of the camera.
fn machine() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.service("sudo", SUDO).unwrap();
    let_root_in();
    testbed
}

/// Runs the setup on a terminal and types these lines.
fn typed(testbed: &Testbed, lines: &str) -> Run {
    let command = "TERM=dumb fpass-enroll setup --user alice";
    let words = ["-qefc", command, "/dev/null"];
    testbed.run_with_input("root", "script", &words, lines).unwrap()
}

fn sudo(testbed: &Testbed) -> &'static str {
    testbed.transact(&Login::of("sudo", ALICE)).unwrap().code_name()
}

/// Alice gets in with her face, and another person does not.
fn assert_asks_for_the_face(testbed: &mut Testbed) {
    assert_eq!(sudo(testbed), "PAM_SUCCESS");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    // The line offers a recovery code, and nobody types one.
    assert_ne!(sudo(testbed), "PAM_SUCCESS", "another person");
}

#[test]
fn typed_answers_lead_to_a_sudo_that_asks_for_the_face() {
    let mut testbed = machine();
    let run = typed(&testbed, &"\n".repeat(12));
    assert_eq!(run.code, Some(0), "{run:?}");
    for told in [
        "[1/9] Face models",
        "[9/9] Try it",
        "If the machine restarted now: ",
        "sudo would ask for the face. alice has an F-pass",
        "Recovery codes of alice",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    assert_asks_for_the_face(&mut testbed);
}

#[test]
fn without_questions_it_does_the_same() {
    let mut testbed = machine();
    let run = testbed.fpass_enroll("root", &["setup", "--yes", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_asks_for_the_face(&mut testbed);
    let again = testbed.fpass_enroll("root", &["setup", "--user", "alice"]).unwrap();
    assert_eq!(again.code, Some(2), "questions without a terminal: {again:?}");
}

#[test]
fn a_setup_that_is_stopped_leaves_sudo_as_it_is_and_can_go_on() {
    let mut testbed = machine();
    for step in [0, 2, 4, 7] {
        let run = typed(&testbed, &("\n".repeat(step) + "q\n"));
        assert_eq!(run.code, Some(130), "{step}: {run:?}");
        assert!(!run.stdout.contains("sudo would ask for the face. alice"), "{step}: {run:?}");
        assert_eq!(fs::read_to_string("/etc/pam.d/sudo").unwrap(), SUDO, "{step}");
        testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    }
    // Ctrl-C, as the terminal passes it on.
    let run = typed(&testbed, "\n\u{3}");
    assert_eq!(run.code, Some(130), "{run:?}");
    assert_eq!(sudo(&testbed), "PAM_SUCCESS", "the password suffices");
    let run = testbed.fpass_enroll("root", &["setup", "--yes", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("alice has an F-pass already."), "{run:?}");
    assert_asks_for_the_face(&mut testbed);
}

#[test]
fn a_step_that_fails_without_questions_gives_its_code_and_changes_nothing() {
    let testbed = machine();
    // The recorded camera is gone.
    fs::remove_file("/run/testbed/scene.y4m").unwrap();
    let run = testbed.fpass_enroll("root", &["setup", "--yes", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(5), "{run:?}");
    assert_eq!(fs::read_to_string("/etc/pam.d/sudo").unwrap(), SUDO);
    let refused = testbed.fpass_enroll("alice", &["setup", "--yes"]).unwrap();
    assert_ne!(refused.code, Some(0), "{refused:?}");
}
