//! A turn of the head is asked for once in a while, and at once again after whatever may have
//! brought somebody else in front of the camera.

use fpass_proto::{Prompt, Refusal};
use fpass_tests::{
    ALICE, BOB, Login, Scene, Testbed, Transcript,
    listener::Listener,
    logind::{Event, Fault, Place, Session},
    scene::{BIDEN, Course},
    stack,
};
use nix::sys::signal::Signal;

use crate::{alice, failures, prompts, turning};

/// Service of the terminal in alice's desktop.
const SUDO: &str = "sudo";
/// Most logins of somebody who turns, until one is admitted: a starved camera is too slow.
const TRIES: usize = 5;

/// A desk at which alice works: her desktop is in the foreground, and its terminals ask for root.
struct Desk {
    testbed: Testbed,
    turner: Listener,
}

impl Desk {
    fn new(sections: &str) -> Self {
        let mut testbed = turning(&format!("[verification]\ntimeout_ms = 3000\n{sections}"));
        testbed.service(SUDO, &stack::own("")).unwrap();
        let turner = testbed.camera_listens(|side| alice(Course::Turn(side))).unwrap();
        let mut desk = Self { testbed, turner };
        desk.sits();
        desk
    }

    fn sits(&mut self) {
        self.is_at(&Session::of(ALICE.uid));
    }

    fn is_at(&mut self, session: &Session) {
        self.testbed.logind().says(|script| {
            script.place = Place::Unit(format!("user@{}.service", ALICE.uid));
            script.front = Some(session.clone());
            script.fault = None;
        });
    }

    fn happens(&mut self, event: Event) {
        self.testbed.logind().announcer().announces(event);
    }

    fn sudo(&self) -> Transcript {
        self.testbed.transact(&Login::of(SUDO, ALICE)).unwrap()
    }

    fn sudo_sees(&mut self, scene: &Scene) -> Transcript {
        self.testbed.camera_shows(scene).unwrap();
        self.sudo()
    }

    /// Alice turns her head as asked and is admitted.
    fn turns(&mut self) {
        let login = Login::of(SUDO, ALICE).heard_by(&self.turner);
        for _ in 0..TRIES {
            self.testbed.camera_plays(&self.turner.left).unwrap();
            let transcript = self.testbed.transact(&login).unwrap();
            assert!(asks_for_turn(&transcript), "{transcript:?}");
            if transcript.admitted() {
                return;
            }
            self.pardon();
        }
        panic!("no turn was accepted");
    }

    fn pardon(&self) {
        let run = self.testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name]).unwrap();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }

    /// Alice looks, is recognised and need not turn.
    fn looks(&mut self, what: &str) {
        let transcript = self.sudo_sees(&alice(Course::Still));
        assert!(transcript.admitted(), "{what}: {transcript:?}");
        assert_eq!(prompts(&transcript), [Prompt::Look], "{what}: {transcript:?}");
        assert_eq!(failures(&self.testbed, ALICE), 0, "{what}");
    }

    /// The next attempt asks for a turn. Nobody follows it, which costs no failure.
    fn must_turn(&mut self, what: &str) {
        let transcript = self.sudo_sees(&Scene::nobody());
        assert!(!transcript.admitted(), "{what}: {transcript:?}");
        assert!(asks_for_turn(&transcript), "{what}: {transcript:?}");
    }
}

fn asks_for_turn(transcript: &Transcript) -> bool {
    let first = prompts(transcript).first().copied();
    matches!(first, Some(Prompt::LookThenTurnLeft | Prompt::LookThenTurnRight))
}

#[test]
fn after_a_turn_the_unlocked_session_asks_for_recognition_alone() {
    let mut desk = Desk::new("");
    desk.must_turn("before any turn");
    desk.turns();
    desk.looks("after the turn");
    desk.happens(Event::Idle);
    desk.looks("and again");
    // A program in a session is in the foreground's session only if that is its own.
    let text = Session { kind: "tty".to_owned(), ..Session::of(ALICE.uid) };
    desk.testbed.logind().says(|script| script.place = Place::Session(text));
    desk.must_turn("in another session");
}

#[test]
fn whatever_takes_the_user_away_from_the_camera_asks_for_the_turn_again() {
    let mut desk = Desk::new("");
    for event in
        [Event::SwitchedAway, Event::SeatSwitched, Event::Lock, Event::Locked, Event::Removed]
    {
        desk.turns();
        desk.happens(event);
        desk.must_turn(&format!("{event:?}"));
    }
    desk.turns();
    desk.happens(Event::Sleep);
    desk.must_turn("sleep");
    desk.turns();
    desk.testbed.logind().announcer().leaves();
    desk.testbed.logind().start().unwrap();
    desk.must_turn("logind left");
}

#[test]
fn doubt_about_the_session_asks_for_the_turn_again() {
    let mut desk = Desk::new("");
    desk.turns();
    desk.is_at(&Session { began_us: 61_000_000, ..Session::of(ALICE.uid) });
    desk.must_turn("a later session with the same id");
    desk.sits();
    for (what, fault) in
        [("when it began is not told", Fault::Omits("TimestampMonotonic")), ("hangs", Fault::Hangs)]
    {
        desk.turns();
        desk.testbed.logind().says(|script| script.fault = Some(fault));
        let transcript = desk.sudo_sees(&alice(Course::Still));
        assert_ne!(prompts(&transcript), [Prompt::Look], "{what}: {transcript:?}");
        desk.pardon();
        desk.sits();
        desk.must_turn(what);
    }
    desk.turns();
    desk.is_at(&Session { locked: true, ..Session::of(ALICE.uid) });
    let transcript = desk.sudo();
    assert_eq!(transcript.sentence(), Refusal::RemoteSession.sentence());
    desk.sits();
    desk.must_turn("it was locked, and no signal said so");
}

#[test]
fn another_face_nobody_and_any_refusal_ask_for_the_turn_again() {
    let mut desk = Desk::new("");
    desk.turns();
    let transcript = desk.sudo_sees(&Scene::person(BIDEN));
    assert!(!transcript.admitted(), "{transcript:?}");
    assert_eq!(prompts(&transcript), [Prompt::Look], "{transcript:?}");
    assert_eq!(failures(&desk.testbed, ALICE), 1);
    desk.must_turn("another person");

    desk.turns();
    let transcript = desk.sudo_sees(&Scene::nobody());
    assert_eq!(transcript.sentence(), Refusal::NoFace.sentence());
    assert_eq!(prompts(&transcript), [Prompt::Look], "{transcript:?}");
    desk.must_turn("nobody");

    desk.turns();
    let transcript = desk.testbed.transact(&Login::of(SUDO, BOB)).unwrap();
    assert!(!transcript.admitted(), "{transcript:?}");
    desk.must_turn("another user");

    desk.turns();
    desk.is_at(&Session { remote: true, ..Session::of(ALICE.uid) });
    assert_eq!(desk.sudo().sentence(), Refusal::RemoteSession.sentence());
    desk.sits();
    desk.must_turn("the session was remote");

    desk.turns();
    desk.testbed.signal_daemon(Signal::SIGHUP).unwrap();
    fpass_tests::watch::wait_until("the configuration was read", || {
        desk.testbed.daemon_log().contains("the configuration was read again")
    });
    desk.must_turn("the configuration was read again");

    desk.turns();
    desk.testbed.stop_daemon().unwrap();
    desk.testbed.start_daemon().unwrap();
    desk.must_turn("a restart");
}

#[test]
fn self_tests_lock_screens_and_strict_services_neither_make_nor_use_it() {
    let mut desk = Desk::new("[liveness.services]\nsu = \"strict\"\n");
    desk.testbed.service("su", &stack::own("")).unwrap();
    desk.testbed.service("swaylock", &stack::own("")).unwrap();
    desk.turns();
    let nobody = Scene::nobody();
    for service in ["su", "swaylock"] {
        desk.testbed.camera_shows(&nobody).unwrap();
        let transcript = desk.testbed.transact(&Login::of(service, ALICE)).unwrap();
        assert_ne!(prompts(&transcript), [Prompt::Look], "{service}: {transcript:?}");
        desk.turns();
    }
    // Otherwise the clip of the last turn goes on, and may pass.
    desk.testbed.camera_shows(&nobody).unwrap();
    let run = desk.testbed.fpass_enroll(ALICE.name, &["verify"]).unwrap();
    assert!(run.stdout.contains("turn your head"), "{}", run.stdout);
    desk.must_turn("a self-test was refused");
    for _ in 0..TRIES {
        desk.testbed.camera_plays(&desk.turner.left).unwrap();
        let words = ["verify"];
        let run = desk.testbed.fpass_enroll_heard_by(ALICE.name, &words, &desk.turner).unwrap();
        if run.code == Some(0) {
            return desk.must_turn("a self-test was passed");
        }
        desk.pardon();
    }
    panic!("no turn was accepted");
}

#[test]
fn with_0_minutes_every_attempt_asks() {
    let mut desk = Desk::new("[liveness]\nremember_minutes = 0\n");
    desk.turns();
    desk.must_turn("0 minutes");
}
