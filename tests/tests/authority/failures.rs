//! A polkit that is not there, does not answer, or is somebody else.

use std::thread;

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Beside, CAROL, Ground,
    polkit::{Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY, impostor},
    watch::wait_until,
};

use crate::{FPASS_ENROLL, answered, ended_as, in_state, matched, refused, uid, with_alice};

/// Whatever a user may otherwise do is refused as polkit's failure, and root is not concerned.
fn users_are_refused_and_root_is_not(ground: &Ground, what: &str) {
    for (caller, command) in [
        ("carol", &["add"][..]),
        ("alice", &["verify"]),
        ("alice", &["qualify"]),
        ("alice", &["rename", "face", "other"]),
        ("alice", &["remove", "face"]),
        ("alice", &["clear", "--yes"]),
        ("alice", &["adaptation", "reset"]),
        ("bob", &["list", "--user", "alice"]),
        ("bob", &["clear", "--yes", "--user", "alice"]),
    ] {
        let run = ground.fpass_enroll(caller, command).unwrap();
        ended_as(&run, 4, Refusal::AuthorityUnavailable);
    }
    in_state(ground, ALICE, EnrolmentState::Enrolled, what);
    in_state(ground, CAROL, EnrolmentState::NeverEnrolled, what);
    matched(ground, ALICE);
    let run = ground.fpass_enroll("root", &["rename", "face", "face", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{what}: {run:?}");
    let run = ground.fpass_enroll("alice", &["status"]).unwrap();
    assert_eq!(run.code, Some(0), "{what}: {run:?}");
}

#[test]
fn without_polkit_users_are_refused_and_root_is_not() {
    let mut ground = with_alice();
    ground.authority.stop();
    users_are_refused_and_root_is_not(&ground, "no polkit");
    ground.authority.start().unwrap();
    assert_eq!(ground.verify("alice", ALICE).unwrap(), answered("match"), "it is found again");
}

#[test]
fn the_yes_of_another_account_is_not_believed() {
    let mut ground = with_alice();
    ground.authority.stop();
    let bobs = impostor(&ground, "bob").unwrap();
    users_are_refused_and_root_is_not(&ground, "bob's polkit");
    assert!(ground.daemon_log().contains("another account owns polkit's name"));
    drop(bobs);
    // The same program, as an account that may be polkit.
    let _polkit = impostor(&ground, "polkitd").unwrap();
    assert_eq!(ground.verify("alice", ALICE).unwrap(), answered("match"));
}

#[test]
fn a_polkit_that_hangs_is_given_up_and_holds_up_nobody_else() {
    let ground = with_alice();
    for action in [DELETE_SELF, ENROL_SELF, MANAGE_OTHERS] {
        ground.authority.does(action, Behaviour::Hang);
    }
    thread::scope(|scope| {
        let ask = |member: &'static str, caller: &'static str| {
            let ground = &ground;
            scope.spawn(move || ground.call(caller, ENROLMENT_INTERFACE, member, &[&uid(ALICE)]))
        };
        let waiting =
            [ask("Clear", "alice"), ask("Clear", "bob"), ask("State", "carol"), ask("List", "bob")];
        wait_until("all are asked about", || ground.authority.questions() == 4);
        // polkit still answers other questions, and root needs none.
        assert_eq!(ground.verify("alice", ALICE).unwrap(), answered("match"));
        matched(&ground, ALICE);
        for reply in waiting {
            assert_eq!(reply.join().unwrap().unwrap(), refused(Refusal::AuthorityUnavailable));
        }
    });
    let mut asked: Vec<_> = ground.authority.asked().into_iter().collect();
    asked.retain(|question| question.action != VERIFY);
    let mut withdrawn = ground.authority.withdrawn();
    let mut open: Vec<_> = asked.into_iter().map(|question| question.cancellation).collect();
    withdrawn.sort();
    open.sort();
    assert_eq!(withdrawn, open, "each question is withdrawn under its own name");
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "a yes that came too late");
}

#[test]
fn a_polkit_that_ends_in_the_middle_of_a_question_refuses() {
    let mut ground = with_alice();
    ground.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let clear = ["clear", "--yes", "--user", "alice"];
    let mut caller = Beside::start("bob", FPASS_ENROLL, &clear).unwrap();
    wait_until("bob is asked for a password", || ground.authority.questions() == 2);
    ground.authority.stop();
    assert_eq!(caller.code(), Some(4));
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "no answer");
}
