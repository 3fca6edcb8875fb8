//! Questions that wait for a password.

use std::{thread, time::Duration};

use fpass_proto::{EnrolmentState, Refusal};
use fpass_tests::{
    ALICE, BOB, Beside, CAROL, Ground, Scene,
    polkit::{Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY},
    watch::wait_until,
};

use crate::{FPASS_ENROLL, ended_as, in_state, matched, running, with_alice};

/// Action and whether a password could be asked for, of every question since the last call.
fn questions(ground: &Ground) -> Vec<(String, bool)> {
    let asked = ground.authority.asked();
    asked.into_iter().map(|question| (question.action, question.interactive)).collect()
}

fn first_without_then_with(action: &str) -> Vec<(String, bool)> {
    vec![(action.to_owned(), false), (action.to_owned(), true)]
}

#[test]
fn a_password_that_nobody_gives_is_a_refusal_of_its_own() {
    let ground = running();
    for action in [ENROL_SELF, DELETE_SELF, MANAGE_OTHERS] {
        ground.authority.does(action, Behaviour::Challenge);
    }
    for command in [&["add"][..], &["clear", "--yes"], &["adaptation", "reset"]] {
        let run = ground.fpass_enroll("carol", command).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
        let run = ground.fpass_enroll("bob", &[command, &["--user", "carol"]].concat()).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
    }
    in_state(&ground, CAROL, EnrolmentState::NeverEnrolled, "nobody confirmed");
}

#[test]
fn the_first_f_pass_needs_the_password() {
    let ground = with_alice();
    ground.authority.does(ENROL_SELF, Behaviour::Password);
    let run = ground.fpass_enroll("carol", &["add"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("Confirm with your password"), "{run:?}");
    assert_eq!(questions(&ground), first_without_then_with(ENROL_SELF));
    // Another look needs it again: nothing is kept.
    let run = ground.fpass_enroll("carol", &["add", "--label", "second"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(questions(&ground), first_without_then_with(ENROL_SELF));
}

#[test]
fn somebody_else_s_f_pass_needs_an_administrator_s_password() {
    let ground = with_alice();
    ground.authority.does(MANAGE_OTHERS, Behaviour::Password);
    for command in [&["list", "--json"][..], &["status", "--json"], &["rename", "face", "hers"]] {
        let run = ground.fpass_enroll("bob", &[command, &["--user", "alice"]].concat()).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(questions(&ground), first_without_then_with(MANAGE_OTHERS), "{command:?}");
        assert!(!command.contains(&"--json") || run.stdout.starts_with(['[', '{']), "{run:?}");
    }
}

#[test]
fn a_verdict_is_never_held_up_by_a_question() {
    let ground = with_alice();
    ground.authority.does(VERIFY, Behaviour::Password);
    for command in ["verify", "qualify"] {
        let run = ground.fpass_enroll("alice", &[command]).unwrap();
        ended_as(&run, 4, Refusal::AuthenticationNeeded);
        assert_eq!(questions(&ground), [(VERIFY.to_owned(), false)], "{command}");
    }
}

#[test]
fn who_types_holds_up_nobody_and_loses_no_time_before_the_camera() {
    let mut ground = with_alice();
    ground.stop_daemon().unwrap();
    ground.configure("[enrolment]\ntimeout_ms = 5000\n").unwrap();
    ground.start_daemon().unwrap();
    ground.authority.does(ENROL_SELF, Behaviour::SlowPassword);
    let mut typing = Beside::start("carol", FPASS_ENROLL, &["add"]).unwrap();
    wait_until("carol is asked for her password", || ground.authority.questions() == 2);
    matched(&ground, ALICE);
    // Longer than the enrolment may take: counted from the request, nothing would be left of it.
    thread::sleep(Duration::from_secs(6));
    ground.camera_shows(&Scene::nobody()).unwrap();
    ground.authority.release();
    assert_eq!(typing.code(), Some(5));
    let log = ground.daemon_log();
    assert!(log.contains(Refusal::NoFace.error_name()), "{log}");
}

#[test]
fn one_user_s_open_questions_are_bounded_and_leave_room_for_others() {
    let ground = with_alice();
    ground.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let ask = || Beside::start("bob", FPASS_ENROLL, &["clear", "--yes", "--user", "alice"]);
    let _open = [ask().unwrap(), ask().unwrap()];
    wait_until("both are asked", || ground.authority.questions() == 4);
    for _ in 0..3 {
        let run = ground.fpass_enroll("bob", &["clear", "--yes", "--user", "alice"]).unwrap();
        ended_as(&run, 10, Refusal::QueueFull);
    }
    assert_eq!(ground.authority.asked().len(), 4);
    let run = ground.fpass_enroll("carol", &["clear", "--yes"]).unwrap();
    ended_as(&run, 3, Refusal::NeverEnrolled);
    in_state(&ground, BOB, EnrolmentState::NeverEnrolled, "bob");
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "nobody confirmed");
}
