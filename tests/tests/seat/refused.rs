//! Callers who are not at this machine.

use fpass_proto::{EnrolmentState, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, BOB, CAROL, Ground, Login, Reply,
    logind::{Place, Session},
};

use crate::{
    camera_was_used, cover_the_camera, every_call, logs_in, manager, matched, refused, session,
    sits, turned_away, unit, verdict, with_alice,
};

/// Nobody gets an answer about a face from here, and the camera stays dark.
fn nobody_is_admitted(ground: &Ground, what: &str) {
    cover_the_camera();
    for (call, reply) in every_call(ground) {
        assert_eq!(reply, refused(), "{what}: {call}");
    }
    for service in ["fpass-test", "fpass-nullok", "sudo"] {
        assert_eq!(logs_in(ground, service), turned_away(), "{what}: {service}");
    }
    assert!(!camera_was_used(), "{what}: the camera was used");
}

#[test]
fn a_session_without_a_person_at_the_seat_is_refused() {
    let mut ground = with_alice();
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
        // Alice being at the seat as well must not make up for it.
        sits(&mut ground, &place, Some(&Session::of(ALICE.uid)));
        nobody_is_admitted(&ground, what);
    }
    sits(&mut ground, &session(|_| {}), None);
    cover_the_camera();
    assert_eq!(verdict(&ground, "root", "sudo"), matched(), "nothing else stood in the way");
    assert!(camera_was_used());
}

#[test]
fn what_is_in_no_session_is_refused() {
    let mut ground = with_alice();
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
        sits(&mut ground, &place, front);
        nobody_is_admitted(&ground, what);
    }
}

#[test]
fn a_user_manager_is_refused_while_its_user_is_remote_too() {
    let mut ground = with_alice();
    sits(&mut ground, &manager(), Some(&Session::of(ALICE.uid)));
    ground.logind().says(|script| script.remote_elsewhere = true);
    nobody_is_admitted(&ground, "systemd-run --user over ssh, or a tmux that ssh is attached to");
    ground.logind().says(|script| script.remote_elsewhere = false);
    assert_eq!(verdict(&ground, "root", "sudo"), matched(), "nothing else stood in the way");
}

#[test]
fn a_test_is_for_the_user_of_the_session() {
    let mut ground = with_alice();
    sits(&mut ground, &Place::Session(Session::of(BOB.uid)), None);
    assert_eq!(verdict(&ground, "alice", ""), refused());
    assert_eq!(verdict(&ground, "root", "su"), matched(), "su in the session of bob");
}

#[test]
fn somebody_remote_is_not_told_who_has_an_f_pass_and_nullok_lets_nobody_in() {
    let mut ground = with_alice();
    sits(&mut ground, &Place::Session(Session::from_afar()), None);
    let transcript = ground.transact(&Login::of("fpass-nullok", CAROL)).unwrap();
    assert_eq!(
        (transcript.code_name(), transcript.sentence().to_owned()),
        turned_away(),
        "{transcript:?}"
    );
    assert_eq!(ground.verify("root", CAROL).unwrap(), refused());
    assert_eq!(ground.verify("root", ALICE).unwrap(), refused());
    // What needs no camera is not a matter of the seat.
    let uid = format!("uint32:{}", ALICE.uid);
    let state = ground.call("alice", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap();
    assert_eq!(state, Reply::Answer(EnrolmentState::Enrolled.as_str().to_owned()));
}

#[test]
fn fpass_enroll_says_why() {
    let mut ground = with_alice();
    sits(&mut ground, &Place::Session(Session::from_afar()), None);
    for arguments in [&["verify"][..], &["add", "--label", "more"], &["qualify"]] {
        let run = ground.fpass_enroll("alice", arguments).unwrap();
        let sentence = fpass_proto::Refusal::RemoteSession.sentence();
        assert!(run.stderr.contains(sentence), "{arguments:?}: {run:?}");
    }
}
