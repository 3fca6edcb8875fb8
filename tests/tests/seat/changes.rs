//! What happens at the seat while the camera is on. The room is empty, so that an attempt lasts for
//! 30 seconds unless something ends it.

use std::{
    thread,
    time::{Duration, Instant},
};

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, ENROLMENT_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, Ground, Reply, Scene,
    logind::{Event, Place, Session},
    scene::OBAMA,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};

use crate::{logs_in, manager, matched, refused, session, sits, uid, unit, verdict, with_alice};

/// Long enough for something that ends an attempt to have ended it.
const MOMENT: Duration = Duration::from_secs(1);

fn waiting_room() -> Ground {
    let mut ground = with_alice();
    ground.stop_daemon().unwrap();
    ground
        .configure("[verification]\ntimeout_ms = 30000\n[enrolment]\ntimeout_ms = 300000\n")
        .unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::nobody()).unwrap();
    ground
}

fn cancelled() -> Reply {
    Reply::Error(Refusal::Cancelled.error_name().to_owned())
}

fn waits(ground: &Ground, caller: &str, service: &str) -> Reply {
    let service = format!("string:{service}");
    let arguments = [&uid(ALICE), "string:alice", &service, "string:", "uint32:30000"];
    ground.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

/// Starts `attempt`, lets the event happen once the camera is on, and says what came of it and
/// after how long the camera was off.
fn interrupted<T: Send>(
    ground: &Ground,
    happens: impl FnOnce(),
    attempt: impl FnOnce(&Ground) -> T + Send,
) -> (T, Duration) {
    thread::scope(|scope| {
        let attempt = scope.spawn(|| attempt(ground));
        wait_for_attempt(ground);
        let happened = Instant::now();
        happens();
        while camera_is_on(ground) && happened.elapsed() < Duration::from_secs(20) {
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
    let mut ground = waiting_room();
    let alice = Session::of(ALICE.uid);
    let places: [(&str, Place, Option<&Session>, &str, &str); 4] = [
        ("alice in her session", session(|_| {}), None, "alice", ""),
        ("sudo in a terminal of the desktop", manager(), Some(&alice), "root", "sudo"),
        ("a greeter", unit("gdm.service"), Some(&Session::greeter()), "root", "gdm-password"),
        ("an unlocking", unit("gdm.service"), Some(&alice), "root", "gdm-password"),
    ];
    for (what, place, front, caller, service) in places {
        sits(&mut ground, &place, front);
        for event in EVENTS {
            let announcer = ground.logind().announcer();
            let happens = || announcer.announces(event);
            let (reply, off) =
                interrupted(&ground, happens, |ground| waits(ground, caller, service));
            assert_eq!(reply, cancelled(), "{what}: {event:?}");
            eprintln!("{what}: {event:?}: the camera is off after {off:?}");
        }
    }
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verdict(&ground, "root", "gdm-password"), matched(), "the next attempt");
}

#[test]
fn a_console_login_ends_when_a_session_comes_to_the_front_or_the_machine_sleeps() {
    let mut ground = waiting_room();
    sits(&mut ground, &unit("getty@tty2.service"), None);
    for event in [Event::SeatSwitched, Event::Sleep] {
        let announcer = ground.logind().announcer();
        let happens = || announcer.announces(event);
        let (reply, off) = interrupted(&ground, happens, |ground| waits(ground, "root", "login"));
        assert_eq!(reply, cancelled(), "{event:?}");
        eprintln!("a console login: {event:?}: the camera is off after {off:?}");
    }
}

#[test]
fn a_login_through_libpam_ends_as_cancelled() {
    let mut ground = waiting_room();
    let announcer = ground.logind().announcer();
    let happens = || announcer.announces(Event::SwitchedAway);
    let (login, _) = interrupted(&ground, happens, |ground| logs_in(ground, "fpass-nullok"));
    let (code, sentence) = login;
    assert_ne!(code, "PAM_SUCCESS");
    assert_ne!(code, "PAM_IGNORE");
    assert_eq!(sentence, Refusal::Cancelled.sentence(), "{code}");
}

#[test]
fn an_enrolment_and_a_qualification_end_too_and_store_nothing() {
    let mut ground = waiting_room();
    for event in [Event::SwitchedAway, Event::Sleep] {
        for arguments in [&["add", "--label", "more"][..], &["qualify"]] {
            let announcer = ground.logind().announcer();
            let happens = || announcer.announces(event);
            let (run, _) = interrupted(&ground, happens, |ground| {
                ground.fpass_enroll("alice", arguments).unwrap()
            });
            assert!(run.stderr.contains(Refusal::Cancelled.sentence()), "{event:?}: {run:?}");
        }
    }
    let list = ground.fpass_enroll("alice", &["list"]).unwrap();
    assert!(!list.stdout.contains("more"), "{list:?}");
}

#[test]
fn an_attempt_ends_with_the_logind_that_admitted_it() {
    let mut ground = waiting_room();
    let connection = ground.logind().announcer();
    let (reply, off) =
        interrupted(&ground, || connection.leaves(), |ground| waits(ground, "alice", ""));
    assert_eq!(reply, cancelled());
    eprintln!("logind leaves: the camera is off after {off:?}");
    assert_eq!(verdict(&ground, "alice", ""), refused());
    ground.logind().start().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(verdict(&ground, "alice", ""), matched());
}

#[test]
fn what_others_say_in_its_name_and_what_does_not_matter_ends_nothing() {
    let mut ground = waiting_room();
    let announcer = ground.logind().announcer();
    let forge = |ground: &Ground, path: &str, member: &str, arguments: &[&str]| {
        let destination = format!("--dest={BUS_NAME}");
        let words =
            [&["--system", "--type=signal", &destination, path, member], arguments].concat();
        let run = ground.run("alice", "dbus-send", &words).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
    };
    let path = "/org/freedesktop/login1";
    let happens = || {
        announcer.announces(Event::Idle);
        forge(&ground, path, "org.freedesktop.login1.Manager.PrepareForSleep", &["boolean:true"]);
        let seat = format!("{path}/seat/seat0");
        let member = "org.freedesktop.DBus.Properties.PropertiesChanged";
        forge(&ground, &seat, member, &["string:org.freedesktop.login1.Seat"]);
        thread::sleep(MOMENT);
        assert!(camera_is_on(&ground), "the attempt goes on");
        announcer.announces(Event::Sleep);
    };
    let (reply, _) = interrupted(&ground, happens, |ground| waits(ground, "alice", ""));
    assert_eq!(reply, cancelled());
    let state = ground.call("alice", ENROLMENT_INTERFACE, "State", &[&uid(ALICE)]).unwrap();
    assert_eq!(state, Reply::Answer(EnrolmentState::Enrolled.as_str().to_owned()));
    wait_until("the camera is off", || !camera_is_on(&ground));
}
