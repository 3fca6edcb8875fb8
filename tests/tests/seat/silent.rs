//! A logind that is missing, does not answer, or answers nonsense.

use std::{thread, time::Instant};

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Reply, Testbed,
    logind::{Fault, Session},
    watch::wait_until,
};

use crate::{
    camera_was_used, cover_the_camera, logs_in, manager, refused, session, sits, turned_away,
    verdict, with_alice,
};

fn fails(testbed: &mut Testbed, fault: Fault) {
    testbed.logind().says(|script| script.fault = Some(fault));
    nothing_is_admitted(testbed, &format!("{fault:?}"));
    testbed.logind().says(|script| script.fault = None);
}

fn nothing_is_admitted(testbed: &Testbed, what: &str) {
    cover_the_camera();
    assert_eq!(verdict(testbed, "alice", ""), refused(), "{what}");
    assert_eq!(verdict(testbed, "root", "sudo"), refused(), "{what}");
    assert_eq!(logs_in(testbed, "fpass-nullok"), turned_away(), "{what}");
    assert!(!camera_was_used(), "{what}");
}

/// The answer after logind did not answer in time.
fn too_late() -> Reply {
    Reply::refused(Refusal::DeadlinePassed)
}

#[test]
fn without_logind_nobody_is_admitted_until_it_is_back() {
    let mut testbed = with_alice();
    testbed.logind().stop();
    nothing_is_admitted(&testbed, "no logind");
    testbed.logind().start().unwrap();
    assert_eq!(verdict(&testbed, "root", "sudo"), Reply::matched());
}

#[test]
fn an_answer_that_makes_no_sense_admits_nobody() {
    let mut testbed = with_alice();
    for fault in [Fault::Errs, Fault::Babbles, Fault::Misleads] {
        fails(&mut testbed, fault);
    }
    let properties = ["User", "Remote", "Active", "State", "Seat", "Class", "Type", "LockedHint"];
    for property in properties {
        fails(&mut testbed, Fault::Lies(property));
        fails(&mut testbed, Fault::Omits(property));
    }
    // The same for the session in the foreground.
    sits(&mut testbed, &manager(), Some(&Session::of(ALICE.uid)));
    for property in properties {
        fails(&mut testbed, Fault::Lies(property));
        fails(&mut testbed, Fault::Omits(property));
    }
    assert_eq!(
        verdict(&testbed, "root", "sudo"),
        Reply::matched(),
        "nothing else stood in the way"
    );
    sits(&mut testbed, &session(|_| {}), None);
    assert_eq!(verdict(&testbed, "alice", ""), Reply::matched());
}

#[test]
fn a_logind_that_hangs_is_not_waited_for_and_holds_up_nobody_else() {
    let mut testbed = with_alice();
    testbed.logind().says(|script| script.fault = Some(Fault::Hangs));
    let asked = testbed.logind().times_asked();
    cover_the_camera();
    let started = Instant::now();
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| verdict(&testbed, "root", "sudo"))).collect();
        let uid = format!("uint32:{}", ALICE.uid);
        let state = testbed.call("alice", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap();
        assert_eq!(state, Reply::word(EnrolmentState::Enrolled.as_str()));
        let meanwhile = started.elapsed();
        for call in calls {
            assert_eq!(call.join().unwrap(), too_late());
        }
        eprintln!(
            "another caller: {meanwhile:?}; the callers that logind left: {:?}",
            started.elapsed()
        );
    });
    assert!(!camera_was_used());
    wait_until("logind was asked", || testbed.logind().times_asked() >= asked + 4);
    let login = testbed.login("fpass-test", ALICE.name, ALICE.password).unwrap();
    assert_eq!(login.code_name(), "PAM_AUTHINFO_UNAVAIL");
    assert_eq!(login.sentence(), Refusal::DeadlinePassed.sentence());
    testbed.logind().says(|script| script.fault = None);
    assert_eq!(verdict(&testbed, "root", "sudo"), Reply::matched());
}

#[test]
fn what_a_user_asks_too_often_is_turned_away_and_root_is_not_in_its_way() {
    let mut testbed = with_alice();
    testbed.logind().says(|script| script.fault = Some(Fault::Hangs));
    let full = Reply::refused(Refusal::QueueFull);
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..16).map(|_| scope.spawn(|| verdict(&testbed, "alice", ""))).collect();
        // Root's places are not full: root waits for the logind that hangs.
        assert_eq!(verdict(&testbed, "root", "sudo"), too_late());
        let answers: Vec<Reply> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        let times = |wanted: &Reply| answers.iter().filter(|answer| *answer == wanted).count();
        let (waited, turned_away) = (times(&too_late()), times(&full));
        assert!(waited >= 1 && turned_away >= 1, "{answers:?}");
        assert_eq!(waited + turned_away, answers.len(), "{answers:?}");
    });
    testbed.logind().says(|script| script.fault = None);
    assert_eq!(verdict(&testbed, "alice", ""), Reply::matched());
}
