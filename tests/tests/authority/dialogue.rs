//! Questions that wait for a password.

use std::{thread, time::Duration};

use fpass_proto::{EnrolmentState, Refusal};
use fpass_tests::{
    ALICE, BOB, Background, CAROL, Scene, Testbed,
    polkit::{Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY},
    watch::wait_until,
};

use crate::{FPASS_ENROLL, ended_as, in_state, matched, with_alice};

/// The action, and whether a password could be asked for, of every question since the last call.
fn questions(testbed: &Testbed) -> Vec<(String, bool)> {
    let asked = testbed.authority.asked();
    asked.into_iter().map(|question| (question.action, question.interactive)).collect()
}

fn first_without_then_with(action: &str) -> Vec<(String, bool)> {
    vec![(action.to_owned(), false), (action.to_owned(), true)]
}

#[test]
fn a_password_that_nobody_gives_is_a_refusal_of_its_own() {
    let testbed = Testbed::running().unwrap();
    for action in [ENROL_SELF, DELETE_SELF, MANAGE_OTHERS] {
        testbed.authority.does(action, Behaviour::Challenge);
    }
    for command in [&["add"][..], &["clear", "--yes"], &["adaptation", "reset"]] {
        let run = testbed.fpass_enroll("carol", command).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
        let run = testbed.fpass_enroll("bob", &[command, &["--user", "carol"]].concat()).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
    }
    in_state(&testbed, CAROL, EnrolmentState::NeverEnrolled, "nobody confirmed");
}

#[test]
fn the_first_f_pass_needs_the_password() {
    let testbed = with_alice();
    testbed.authority.does(ENROL_SELF, Behaviour::Password);
    let run = testbed.fpass_enroll("carol", &["add"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("Confirm with your password"), "{run:?}");
    assert_eq!(questions(&testbed), first_without_then_with(ENROL_SELF));
    // The next call asks again: polkit keeps nothing.
    let run = testbed.fpass_enroll("carol", &["add", "--label", "second"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(questions(&testbed), first_without_then_with(ENROL_SELF));
}

#[test]
fn somebody_else_s_f_pass_needs_an_administrator_s_password() {
    let testbed = with_alice();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::Password);
    for command in [&["list", "--json"][..], &["status", "--json"], &["rename", "face", "hers"]] {
        let run = testbed.fpass_enroll("bob", &[command, &["--user", "alice"]].concat()).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(questions(&testbed), first_without_then_with(MANAGE_OTHERS), "{command:?}");
        assert!(!command.contains(&"--json") || run.stdout.starts_with(['[', '{']), "{run:?}");
    }
}

#[test]
fn a_verdict_is_never_held_up_by_a_question() {
    let testbed = with_alice();
    testbed.authority.does(VERIFY, Behaviour::Password);
    for command in ["verify", "qualify"] {
        let run = testbed.fpass_enroll("alice", &[command]).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
        assert_eq!(questions(&testbed), [(VERIFY.to_owned(), false)], "{command}");
    }
}

#[test]
fn who_types_holds_up_nobody_and_loses_no_time_before_the_camera() {
    let mut testbed = with_alice();
    testbed.stop_daemon().unwrap();
    testbed.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    testbed.start_daemon().unwrap();
    testbed.authority.does(ENROL_SELF, Behaviour::SlowPassword);
    let mut typing = Background::start("carol", FPASS_ENROLL, &["add"]).unwrap();
    wait_until("carol is asked for her password", || testbed.authority.questions() == 2);
    matched(&testbed, ALICE);
    // Longer than the enrolment may take: if the time counted from the request, none would be left.
    thread::sleep(Duration::from_secs(6));
    testbed.camera_shows(&Scene::nobody()).unwrap();
    testbed.authority.release();
    assert_eq!(typing.code(), Some(5));
    let log = testbed.daemon_log();
    assert!(log.contains(Refusal::NoFace.error_name()), "{log}");
}

#[test]
fn one_user_s_open_questions_are_bounded_and_leave_room_for_others() {
    let testbed = with_alice();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let ask = || Background::start("bob", FPASS_ENROLL, &["clear", "--yes", "--user", "alice"]);
    let _open = [ask().unwrap(), ask().unwrap()];
    wait_until("both are asked", || testbed.authority.questions() == 4);
    for _ in 0..3 {
        let run = testbed.fpass_enroll("bob", &["clear", "--yes", "--user", "alice"]).unwrap();
        ended_as(&run, 10, Refusal::QueueFull);
    }
    assert_eq!(testbed.authority.asked().len(), 4);
    let run = testbed.fpass_enroll("carol", &["clear", "--yes"]).unwrap();
    ended_as(&run, 3, Refusal::NeverEnrolled);
    in_state(&testbed, BOB, EnrolmentState::NeverEnrolled, "bob");
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "nobody confirmed");
}
