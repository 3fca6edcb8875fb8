//! Changes at the seat while the camera is on. The room is empty, so an attempt lasts 30 seconds
//! unless something ends it.

use std::{
    thread,
    time::{Duration, Instant},
};

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, ENROLMENT_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, Reply, Scene, Testbed,
    logind::{Event, Place, Session},
    scene::OBAMA,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};

use crate::{logs_in, manager, refused, session, sits, unit, verdict, with_alice};

/// Time within which an event that ends attempts has ended one.
const MOMENT: Duration = Duration::from_secs(1);

fn waiting_room() -> Testbed {
    let mut testbed = with_alice();
    testbed.stop_daemon().unwrap();
    testbed
        .configure("[verification]\ntimeout_ms = 30000\n[enrolment]\ntimeout_ms = 300000\n")
        .unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    testbed
}

fn cancelled() -> Reply {
    Reply::refused(Refusal::Cancelled)
}

fn waits(testbed: &Testbed, caller: &str, service: &str) -> Reply {
    let service = format!("string:{service}");
    let arguments = [&ALICE.uid_argument(), "string:alice", &service, "string:", "uint32:30000"];
    testbed.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

/// Starts `attempt` and triggers the event once the camera is on. Returns the attempt's result and
/// the time until the camera was off.
fn interrupted<T: Send>(
    testbed: &Testbed,
    happens: impl FnOnce(),
    attempt: impl FnOnce(&Testbed) -> T + Send,
) -> (T, Duration) {
    thread::scope(|scope| {
        let attempt = scope.spawn(|| attempt(testbed));
        wait_for_attempt(testbed);
        let happened = Instant::now();
        happens();
        while camera_is_on(testbed) && happened.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(1));
        }
        let off = happened.elapsed();
        (attempt.join().unwrap(), off)
    })
}

const EVENTS: [Event; 6] = [
    Event::SwitchedAway,
    Event::SeatSwitched,
    Event::Lock,
    Event::Locked,
    Event::Removed,
    Event::Sleep,
];

#[test]
fn an_attempt_ends_when_its_session_leaves_the_camera() {
    let mut testbed = waiting_room();
    let alice = Session::of(ALICE.uid);
    let locked = Session { locked: true, ..alice.clone() };
    let places: [(&str, Place, Option<&Session>, &str, &str); 4] = [
        ("alice in her session", session(|_| {}), None, "alice", ""),
        ("sudo in a terminal of the desktop", manager(), Some(&alice), "root", "sudo"),
        ("a greeter", unit("gdm.service"), Some(&Session::greeter()), "root", "gdm-password"),
        ("an unlocking", unit("gdm.service"), Some(&locked), "root", "gdm-password"),
    ];
    for (what, place, front, caller, service) in places {
        sits(&mut testbed, &place, front);
        for event in EVENTS {
            let announcer = testbed.logind().announcer();
            let happens = || announcer.announces(event);
            let (reply, off) =
                interrupted(&testbed, happens, |testbed| waits(testbed, caller, service));
            assert_eq!(reply, cancelled(), "{what}: {event:?}");
            eprintln!("{what}: {event:?}: the camera is off after {off:?}");
        }
    }
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verdict(&testbed, "root", "gdm-password"), Reply::matched(), "the next attempt");
}

#[test]
fn a_console_login_ends_when_a_session_comes_to_the_front_or_the_machine_sleeps() {
    let mut testbed = waiting_room();
    sits(&mut testbed, &unit("getty@tty2.service"), None);
    for event in [Event::SeatSwitched, Event::Sleep] {
        let announcer = testbed.logind().announcer();
        let happens = || announcer.announces(event);
        let (reply, off) =
            interrupted(&testbed, happens, |testbed| waits(testbed, "root", "login"));
        assert_eq!(reply, cancelled(), "{event:?}");
        eprintln!("a console login: {event:?}: the camera is off after {off:?}");
    }
}

#[test]
fn a_login_through_libpam_ends_as_cancelled() {
    let mut testbed = waiting_room();
    let announcer = testbed.logind().announcer();
    let happens = || announcer.announces(Event::SwitchedAway);
    let (login, _) = interrupted(&testbed, happens, |testbed| logs_in(testbed, "fpass-nullok"));
    let (code, sentence) = login;
    assert_ne!(code, "PAM_SUCCESS");
    assert_ne!(code, "PAM_IGNORE");
    assert_eq!(sentence, Refusal::Cancelled.sentence(), "{code}");
}

#[test]
fn an_enrolment_and_a_qualification_end_too_and_store_nothing() {
    let mut testbed = waiting_room();
    for event in [Event::SwitchedAway, Event::Sleep] {
        for arguments in [&["add", "--label", "more"][..], &["qualify"]] {
            let announcer = testbed.logind().announcer();
            let happens = || announcer.announces(event);
            let (run, _) = interrupted(&testbed, happens, |testbed| {
                testbed.fpass_enroll("alice", arguments).unwrap()
            });
            assert!(run.stderr.contains(Refusal::Cancelled.sentence()), "{event:?}: {run:?}");
        }
    }
    let list = testbed.fpass_enroll("alice", &["list"]).unwrap();
    assert!(!list.stdout.contains("more"), "{list:?}");
}

#[test]
fn an_attempt_ends_with_the_logind_that_admitted_it() {
    let mut testbed = waiting_room();
    let connection = testbed.logind().announcer();
    let (reply, off) =
        interrupted(&testbed, || connection.leaves(), |testbed| waits(testbed, "alice", ""));
    assert_eq!(reply, cancelled());
    eprintln!("logind leaves: the camera is off after {off:?}");
    assert_eq!(verdict(&testbed, "alice", ""), refused());
    testbed.logind().start().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verdict(&testbed, "alice", ""), Reply::matched());
}

#[test]
fn what_others_say_in_its_name_and_what_does_not_matter_ends_nothing() {
    let mut testbed = waiting_room();
    let announcer = testbed.logind().announcer();
    let forge = |testbed: &Testbed, path: &str, member: &str, arguments: &[&str]| {
        let destination = format!("--dest={BUS_NAME}");
        let words =
            [&["--system", "--type=signal", &destination, path, member], arguments].concat();
        let run = testbed.run("alice", "dbus-send", &words).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
    };
    let path = "/org/freedesktop/login1";
    let happens = || {
        announcer.announces(Event::Idle);
        forge(&testbed, path, "org.freedesktop.login1.Manager.PrepareForSleep", &["boolean:true"]);
        let seat = format!("{path}/seat/seat0");
        let member = "org.freedesktop.DBus.Properties.PropertiesChanged";
        forge(&testbed, &seat, member, &["string:org.freedesktop.login1.Seat"]);
        thread::sleep(MOMENT);
        assert!(camera_is_on(&testbed), "the attempt goes on");
        announcer.announces(Event::Sleep);
    };
    let (reply, _) = interrupted(&testbed, happens, |testbed| waits(testbed, "alice", ""));
    assert_eq!(reply, cancelled());
    let state =
        testbed.call("alice", ENROLMENT_INTERFACE, "State", &[&ALICE.uid_argument()]).unwrap();
    assert_eq!(state, Reply::word(EnrolmentState::Enrolled.as_str()));
    wait_until("the camera is off", || !camera_is_on(&testbed));
}
