//! Changes of an F-pass need the enrolled face, or an administrator.

use fpass_proto::{EnrolmentState, Refusal};
use fpass_tests::{
    ALICE, BOB, Scene, Testbed,
    polkit::{Behaviour, DELETE_SELF, MANAGE_OTHERS},
    scene::{BIDEN, OBAMA},
};

use crate::{ended_as, in_state, with_alice};

const CHANGES: [&[&str]; 4] = [
    &["rename", "face", "other"],
    &["adaptation", "reset"],
    &["remove", "face"],
    &["clear", "--yes"],
];

fn templates(testbed: &Testbed) -> String {
    testbed.fpass_enroll("root", &["list", "--json", "--user", "alice"]).unwrap().stdout
}

fn attempts(testbed: &Testbed) -> usize {
    testbed.daemon_log().matches("attempt for uid").count()
}

#[test]
fn another_face_or_none_changes_nothing() {
    let mut testbed = with_alice();
    testbed.stop_daemon().unwrap();
    testbed.configure("[verification]\ntimeout_ms = 3000\n").unwrap();
    testbed.start_daemon().unwrap();
    let before = templates(&testbed);
    assert!(before.contains("\"face\""), "{before}");
    for (scene, code, refusal) in [
        (Scene::person(BIDEN), 1, Refusal::FaceNotConfirmed),
        (Scene::nobody(), 5, Refusal::NoFace),
        (Scene::two_people(OBAMA, BIDEN), 5, Refusal::SeveralFaces),
        (Scene::person(OBAMA).in_the_dark(), 5, Refusal::TooDark),
    ] {
        testbed.camera_shows(&scene).unwrap();
        for change in CHANGES {
            let run = testbed.fpass_enroll("alice", change).unwrap();
            ended_as(&run, code, refusal);
            assert_eq!(templates(&testbed), before, "{change:?}");
        }
    }
}

#[test]
fn without_the_password_the_camera_stays_off() {
    let testbed = with_alice();
    for behaviour in [Behaviour::Deny, Behaviour::Challenge] {
        testbed.authority.does(DELETE_SELF, behaviour);
        for change in CHANGES {
            assert_eq!(testbed.fpass_enroll("alice", change).unwrap().code, Some(4));
        }
    }
    assert_eq!(attempts(&testbed), 0);
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "not confirmed");
}

#[test]
fn the_own_face_and_the_password_change_it() {
    let testbed = with_alice();
    testbed.authority.does(DELETE_SELF, Behaviour::Password);
    for change in [&["rename", "face", "other"][..], &["adaptation", "reset"]] {
        let run = testbed.fpass_enroll("alice", change).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stdout.contains("then look at the camera"), "{run:?}");
        assert!(templates(&testbed).contains("\"other\""), "{change:?}");
    }
    let run = testbed.fpass_enroll("alice", &["remove", "other"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    in_state(&testbed, ALICE, EnrolmentState::Removed, "removed");
    assert_eq!(attempts(&testbed), 3);
    // No enrolled face is left to ask for.
    let run = testbed.fpass_enroll("alice", &["clear", "--yes"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(attempts(&testbed), 3);
}

#[test]
fn a_record_that_cannot_be_read_is_left_to_an_administrator() {
    let testbed = with_alice();
    let path = format!("/var/lib/fpass/{}.fpass", ALICE.uid);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let run = testbed.fpass_enroll("alice", &["clear", "--yes"]).unwrap();
    ended_as(&run, 9, Refusal::TemplateAltered);
    let run = testbed.fpass_enroll("root", &["clear", "--yes", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    in_state(&testbed, ALICE, EnrolmentState::Removed, "cleared");
}

#[test]
fn an_administrator_needs_no_face() {
    let mut testbed = with_alice();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::Password);
    let run = testbed.fpass_enroll("bob", &["rename", "face", "hers", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = testbed.fpass_enroll("root", &["remove", "hers", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    in_state(&testbed, ALICE, EnrolmentState::Removed, "removed");
    assert_eq!(attempts(&testbed), 0);
}

#[test]
fn a_further_template_needs_the_enrolled_person_with_every_caller() {
    let mut testbed = with_alice();
    testbed.stop_daemon().unwrap();
    testbed.configure("[enrolment]\ntimeout_ms = 10000\n").unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::Grant);
    for caller in ["alice", "bob"] {
        let words = ["add", "--label", "second", "--user", "alice"];
        let run = testbed.fpass_enroll(caller, &words).unwrap();
        ended_as(&run, 1, Refusal::AnotherPerson);
    }
    assert!(!templates(&testbed).contains("second"));
}

#[test]
fn nothing_to_change_needs_no_face() {
    let testbed = Testbed::running().unwrap();
    let run = testbed.fpass_enroll("bob", &["clear", "--yes"]).unwrap();
    ended_as(&run, 3, Refusal::NeverEnrolled);
    in_state(&testbed, BOB, EnrolmentState::NeverEnrolled, "bob");
    assert_eq!(attempts(&testbed), 0);
}
