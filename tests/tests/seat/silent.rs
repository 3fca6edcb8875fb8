//! A logind that is not there, does not answer, or answers nonsense.

use std::{thread, time::Instant};

use fpass_proto::{EnrolmentState, Refusal, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Ground, Reply,
    logind::{Fault, Session},
    watch::wait_until,
};

use crate::{
    camera_was_used, cover_the_camera, logs_in, manager, matched, refused, session, sits,
    turned_away, verdict, with_alice,
};

fn fails(ground: &mut Ground, fault: Fault) {
    ground.logind().says(|script| script.fault = Some(fault));
    nothing_is_admitted(ground, &format!("{fault:?}"));
    ground.logind().says(|script| script.fault = None);
}

fn nothing_is_admitted(ground: &Ground, what: &str) {
    cover_the_camera();
    assert_eq!(verdict(ground, "alice", ""), refused(), "{what}");
    assert_eq!(verdict(ground, "root", "sudo"), refused(), "{what}");
    assert_eq!(logs_in(ground, "fpass-nullok"), turned_away(), "{what}");
    assert!(!camera_was_used(), "{what}");
}

#[test]
fn without_logind_nobody_is_admitted_until_it_is_back() {
    let mut ground = with_alice();
    ground.logind().stop();
    nothing_is_admitted(&ground, "no logind");
    ground.logind().start().unwrap();
    assert_eq!(verdict(&ground, "root", "sudo"), matched());
}

#[test]
fn an_answer_that_makes_no_sense_admits_nobody() {
    let mut ground = with_alice();
    for fault in [Fault::Errs, Fault::Babbles, Fault::Misleads] {
        fails(&mut ground, fault);
    }
    let properties = ["User", "Remote", "Active", "State", "Seat", "Class", "Type", "LockedHint"];
    for property in properties {
        fails(&mut ground, Fault::Lies(property));
        fails(&mut ground, Fault::Omits(property));
    }
    // The same about the session in the foreground.
    sits(&mut ground, &manager(), Some(&Session::of(ALICE.uid)));
    for property in properties {
        fails(&mut ground, Fault::Lies(property));
        fails(&mut ground, Fault::Omits(property));
    }
    assert_eq!(verdict(&ground, "root", "sudo"), matched(), "nothing else stood in the way");
    sits(&mut ground, &session(|_| {}), None);
    assert_eq!(verdict(&ground, "alice", ""), matched());
}

#[test]
fn a_logind_that_hangs_is_not_waited_for_and_holds_up_nobody_else() {
    let mut ground = with_alice();
    ground.logind().says(|script| script.fault = Some(Fault::Hangs));
    let asked = ground.logind().times_asked();
    cover_the_camera();
    let started = Instant::now();
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| verdict(&ground, "root", "sudo"))).collect();
        let uid = format!("uint32:{}", ALICE.uid);
        let state = ground.call("alice", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap();
        assert_eq!(state, Reply::Answer(EnrolmentState::Enrolled.as_str().to_owned()));
        let beside = started.elapsed();
        for call in calls {
            assert_eq!(call.join().unwrap(), refused());
        }
        eprintln!(
            "another caller: {beside:?}; the callers that logind left: {:?}",
            started.elapsed()
        );
    });
    assert!(!camera_was_used());
    wait_until("logind was asked", || ground.logind().times_asked() >= asked + 4);
    assert_eq!(logs_in(&ground, "fpass-test"), turned_away());
    ground.logind().says(|script| script.fault = None);
    assert_eq!(verdict(&ground, "root", "sudo"), matched());
}

#[test]
fn what_a_user_asks_too_often_is_turned_away_and_root_is_not_in_its_way() {
    let mut ground = with_alice();
    ground.logind().says(|script| script.fault = Some(Fault::Hangs));
    let full = Reply::Error(Refusal::QueueFull.error_name().to_owned());
    thread::scope(|scope| {
        let calls: Vec<_> =
            (0..16).map(|_| scope.spawn(|| verdict(&ground, "alice", ""))).collect();
        // Not full for root, whose answer is that of a logind that hangs.
        assert_eq!(verdict(&ground, "root", "sudo"), refused());
        let answers: Vec<Reply> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        let times = |wanted: &Reply| answers.iter().filter(|answer| *answer == wanted).count();
        let (waited, turned_away) = (times(&refused()), times(&full));
        assert!(waited >= 1 && turned_away >= 1, "{answers:?}");
        assert_eq!(waited + turned_away, answers.len(), "{answers:?}");
    });
    ground.logind().says(|script| script.fault = None);
    assert_eq!(verdict(&ground, "alice", ""), matched());
}
