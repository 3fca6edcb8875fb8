//! Where else a turn is asked for, and where not.

use fpass_tests::{
    ALICE, BOB, Login, Scene, Testbed,
    scene::{BIDEN, Course, OBAMA, Side},
};

use crate::{alice, ask_for_turns, turning};

#[test]
fn nobody_enrols_a_picture() {
    let mut testbed = Testbed::running().unwrap();
    ask_for_turns(&mut testbed, "[enrolment]\ntimeout_ms = 5000\n");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let run = testbed.fpass_enroll(BOB.name, &["add"]).unwrap();
    assert_ne!(run.code, Some(0), "{}", run.stdout);
    let state = testbed.fpass_enroll(BOB.name, &["list"]).unwrap();
    assert!(!state.stdout.contains("default"), "{}", state.stdout);
}

#[test]
fn a_service_for_which_it_is_off_asks_for_no_turn() {
    let mut testbed = turning("[liveness.services]\nfpass-test = \"off\"\n");
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let transcript = testbed.transact(&Login::of("fpass-test", ALICE)).unwrap();
    assert!(transcript.admitted(), "{transcript:?}");
    assert!(transcript.messages.iter().all(|message| !message.text.contains("turn")));
}

#[test]
fn a_self_test_and_a_qualification_ask_for_the_turn_as_well() {
    let mut testbed = turning("");
    testbed.camera_shows(&alice(Course::Still)).unwrap();
    for command in ["verify", "qualify"] {
        let run = testbed.fpass_enroll(ALICE.name, &[command]).unwrap();
        assert_ne!(run.code, Some(0), "{command}: {}", run.stdout);
        assert!(run.stdout.contains("turn your head"), "{command}: {}", run.stdout);
    }
    // A turn to the left fits one of the two directions, so one of a few self-tests matches.
    testbed.camera_shows(&alice(Course::Turn(Side::Left))).unwrap();
    let matches = (0..12).any(|_| {
        let run = testbed.fpass_enroll(ALICE.name, &["verify"]).unwrap();
        testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
        run.code == Some(0)
    });
    assert!(matches);
}
