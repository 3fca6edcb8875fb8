//! A polkit that is missing, does not answer, or is an impostor.

use std::thread;

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Background, CAROL, Reply, Testbed,
    polkit::{Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY},
    polkitd::impostor,
    watch::wait_until,
};

use crate::{FPASS_ENROLL, ended_as, in_state, matched, with_alice};

/// Every call that a user may otherwise make is refused as polkit's failure; root's calls are not
/// affected.
fn users_are_refused_and_root_is_not(testbed: &Testbed, what: &str) {
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
        let run = testbed.fpass_enroll(caller, command).unwrap();
        ended_as(&run, 4, Refusal::AuthorityUnavailable);
    }
    in_state(testbed, ALICE, EnrolmentState::Enrolled, what);
    in_state(testbed, CAROL, EnrolmentState::NeverEnrolled, what);
    matched(testbed, ALICE);
    let run = testbed.fpass_enroll("root", &["rename", "face", "face", "--user", "alice"]).unwrap();
    assert_eq!(run.code, Some(0), "{what}: {run:?}");
    let run = testbed.fpass_enroll("alice", &["status"]).unwrap();
    assert_eq!(run.code, Some(0), "{what}: {run:?}");
}

#[test]
fn without_polkit_users_are_refused_and_root_is_not() {
    let mut testbed = with_alice();
    testbed.authority.stop();
    users_are_refused_and_root_is_not(&testbed, "no polkit");
    testbed.authority.start().unwrap();
    assert_eq!(testbed.verify("alice", ALICE).unwrap(), Reply::word("match"), "it is found again");
}

#[test]
fn the_yes_of_another_account_is_not_believed() {
    let mut testbed = with_alice();
    testbed.authority.stop();
    let bobs = impostor(&testbed, "bob").unwrap();
    users_are_refused_and_root_is_not(&testbed, "bob's polkit");
    assert!(testbed.daemon_log().contains("an account that is not polkit owns its bus name"));
    drop(bobs);
    // The same program under an account that may own polkit's name.
    let _polkit = impostor(&testbed, "polkitd").unwrap();
    assert_eq!(testbed.verify("alice", ALICE).unwrap(), Reply::word("match"));
}

#[test]
fn a_polkit_that_hangs_is_given_up_and_holds_up_nobody_else() {
    let testbed = with_alice();
    for action in [DELETE_SELF, ENROL_SELF, MANAGE_OTHERS] {
        testbed.authority.does(action, Behaviour::Hang);
    }
    thread::scope(|scope| {
        let ask = |member: &'static str, caller: &'static str| {
            let testbed = &testbed;
            scope.spawn(move || {
                testbed.call(caller, ENROLMENT_INTERFACE, member, &[&ALICE.uid_argument()])
            })
        };
        let waiting =
            [ask("Clear", "alice"), ask("Clear", "bob"), ask("State", "carol"), ask("List", "bob")];
        wait_until("all are asked about", || testbed.authority.questions() == 4);
        // polkit still answers other questions, and root's calls do not need it.
        assert_eq!(testbed.verify("alice", ALICE).unwrap(), Reply::word("match"));
        matched(&testbed, ALICE);
        for reply in waiting {
            assert_eq!(
                reply.join().unwrap().unwrap(),
                Reply::refused(Refusal::AuthorityUnavailable)
            );
        }
    });
    let mut asked: Vec<_> = testbed.authority.asked().into_iter().collect();
    asked.retain(|question| question.action != VERIFY);
    let mut withdrawn = testbed.authority.withdrawn();
    let mut open: Vec<_> = asked.into_iter().map(|question| question.cancellation).collect();
    withdrawn.sort();
    open.sort();
    assert_eq!(withdrawn, open, "each question is withdrawn under its own name");
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "a yes that came too late");
}

#[test]
fn a_polkit_that_ends_in_the_middle_of_a_question_refuses() {
    let mut testbed = with_alice();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let clear = ["clear", "--yes", "--user", "alice"];
    let mut caller = Background::start("bob", FPASS_ENROLL, &clear).unwrap();
    wait_until("bob is asked for a password", || testbed.authority.questions() == 2);
    testbed.authority.stop();
    assert_eq!(caller.code(), Some(4));
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "no answer");
}
