//! Callers who are not at this machine.

use fpass_proto::{EnrolmentState, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, BOB, CAROL, Login, Reply, Testbed,
    logind::{Place, Session},
};

use crate::{
    camera_was_used, cover_the_camera, every_call, logs_in, manager, refused, session, sits,
    turned_away, unit, verdict, with_alice,
};

/// The caller gets no answer about a face, and the camera stays off.
fn nobody_is_admitted(testbed: &Testbed, what: &str) {
    cover_the_camera();
    for (call, reply) in every_call(testbed) {
        assert_eq!(reply, refused(), "{what}: {call}");
    }
    for service in ["fpass-test", "fpass-nullok", "sudo"] {
        assert_eq!(logs_in(testbed, service), turned_away(), "{what}: {service}");
    }
    assert!(!camera_was_used(), "{what}: the camera was used");
}

#[test]
fn a_session_without_a_person_at_the_seat_is_refused() {
    let mut testbed = with_alice();
    let named = |name: &str| name.to_owned();
    for (what, place) in [
        ("ssh", Place::Session(Session::from_afar())),
        ("a remote session that claims the seat", session(|s| s.remote = true)),
        ("another virtual terminal", session(|s| s.active = false)),
        ("a session in the background", session(|s| s.state = named("online"))),
        ("a session that was logged out", session(|s| s.state = named("closing"))),
        ("another seat", session(|s| s.seat = named("seat1"))),
        ("no seat", session(|s| s.seat.clear())),
        ("background work", session(|s| s.class = named("background"))),
        ("the session of a manager", session(|s| s.class = named("manager"))),
        ("an unknown class", session(|s| s.class = named("User"))),
        ("a web console", session(|s| s.kind = named("web"))),
        ("cron, which has no display", session(|s| s.kind = named("unspecified"))),
    ] {
        // Alice is also at the seat, which must not help.
        sits(&mut testbed, &place, Some(&Session::of(ALICE.uid)));
        nobody_is_admitted(&testbed, what);
    }
    sits(&mut testbed, &session(|_| {}), None);
    cover_the_camera();
    assert_eq!(
        verdict(&testbed, "root", "sudo"),
        Reply::matched(),
        "nothing else stood in the way"
    );
    assert!(camera_was_used());
}

#[test]
fn what_is_in_no_session_is_refused() {
    let mut testbed = with_alice();
    let alice = Session::of(ALICE.uid);
    for (what, place, front) in [
        ("systemd-run", unit("run-u12.service"), Some(&alice)),
        ("cron", unit("cron.service"), Some(&alice)),
        ("a web server", unit("apache2.service"), Some(&alice)),
        ("a scope", unit("run-r1.scope"), Some(&alice)),
        ("a container", Place::Nowhere, Some(&alice)),
        ("a user manager with nobody at the seat", manager(), None),
        ("a user manager behind a greeter", manager(), Some(&Session::greeter())),
        ("a user manager with bob at the seat", manager(), Some(&Session::of(BOB.uid))),
        (
            "a user manager whose user's session is ending",
            manager(),
            Some(&Session { state: "closing".to_owned(), active: false, ..alice.clone() }),
        ),
    ] {
        sits(&mut testbed, &place, front);
        nobody_is_admitted(&testbed, what);
    }
}

#[test]
fn a_user_manager_is_refused_while_its_user_is_remote_too() {
    let mut testbed = with_alice();
    sits(&mut testbed, &manager(), Some(&Session::of(ALICE.uid)));
    testbed.logind().says(|script| script.elsewhere = Some(Session::from_afar()));
    // A lock screen is not affected, so not every call is refused.
    assert_eq!(verdict(&testbed, "root", "sudo"), refused());
    assert_eq!(verdict(&testbed, "alice", ""), refused());
    assert_eq!(logs_in(&testbed, "fpass-nullok"), turned_away());
    testbed.logind().says(|script| script.elsewhere = None);
    assert_eq!(
        verdict(&testbed, "root", "sudo"),
        Reply::matched(),
        "nothing else stood in the way"
    );
}

#[test]
fn a_test_is_for_the_user_of_the_session() {
    let mut testbed = with_alice();
    sits(&mut testbed, &Place::Session(Session::of(BOB.uid)), None);
    assert_eq!(verdict(&testbed, "alice", ""), refused());
    assert_eq!(verdict(&testbed, "root", "su"), Reply::matched(), "su in the session of bob");
}

#[test]
fn somebody_remote_is_not_told_who_has_an_f_pass_and_nullok_lets_nobody_in() {
    let mut testbed = with_alice();
    sits(&mut testbed, &Place::Session(Session::from_afar()), None);
    let transcript = testbed.transact(&Login::of("fpass-nullok", CAROL)).unwrap();
    assert_eq!(
        (transcript.code_name(), transcript.sentence().to_owned()),
        turned_away(),
        "{transcript:?}"
    );
    assert_eq!(testbed.verify("root", CAROL).unwrap(), refused());
    assert_eq!(testbed.verify("root", ALICE).unwrap(), refused());
    // Calls that need no camera do not depend on the seat.
    let uid = format!("uint32:{}", ALICE.uid);
    let state = testbed.call("alice", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap();
    assert_eq!(state, Reply::word(EnrolmentState::Enrolled.as_str()));
}

#[test]
fn fpass_enroll_says_why() {
    let mut testbed = with_alice();
    sits(&mut testbed, &Place::Session(Session::from_afar()), None);
    for arguments in [&["verify"][..], &["add", "--label", "more"], &["qualify"]] {
        let run = testbed.fpass_enroll("alice", arguments).unwrap();
        let sentence = fpass_proto::Refusal::RemoteSession.sentence();
        assert!(run.stderr.contains(sentence), "{arguments:?}: {run:?}");
    }
}
