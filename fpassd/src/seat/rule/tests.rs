//! Every row of the table.

use super::*;

const ROOT: Uid = Uid::ROOT;
const ALICE: Uid = Uid(1000);
const BOB: Uid = Uid(1001);
const GREETER: Uid = Uid(118);

const GETTY: &str = "getty@tty3.service";
const HELPER: &str = "polkit-agent-helper@3-812-1000.service";

/// A session of alice in the foreground of the seat.
fn working() -> Session {
    Session {
        uid: ALICE,
        remote: false,
        active: true,
        state: SessionState::Active,
        at_camera: true,
        class: SessionClass::User,
        displayed: true,
        locked: false,
        identity: None,
    }
}

fn greeting() -> Session {
    Session { uid: GREETER, class: SessionClass::LoginScreen, ..working() }
}

/// Every way in which nobody is in front of the camera in a session, with its reason.
fn unattended(session: &Session) -> Vec<(Session, NotLocal)> {
    let change = |change: fn(&mut Session)| {
        let mut session = session.clone();
        change(&mut session);
        session
    };
    vec![
        (change(|s| s.remote = true), NotLocal::Remote),
        (change(|s| s.at_camera = false), NotLocal::OtherSeat),
        (change(|s| s.active = false), NotLocal::Inactive),
        (change(|s| s.state = SessionState::Closing), NotLocal::Inactive),
        (change(|s| s.state = SessionState::Other), NotLocal::Inactive),
        (change(|s| s.displayed = false), NotLocal::UnknownType),
    ]
}

/// Nobody types from elsewhere.
fn nobody_far() -> Typists {
    Typists { at_own_console: false, far_sessions: Ok(Vec::new()) }
}

/// One session from elsewhere.
fn far(closing: bool, input: LastInput) -> Typists {
    Typists { far_sessions: Ok(vec![FarSession { closing, input }]), ..nobody_far() }
}

/// Every state of sessions from elsewhere, with the reason to refuse programs of the desktop.
fn far_rows() -> Vec<(Typists, Result<(), NotLocal>)> {
    use LastInput::{LongAgo, Recent, Unknown};
    let unreadable = NotLocal::TreeUnknown("scripted".to_owned());
    let forgotten = FarSession { closing: true, input: Unknown };
    let several = vec![forgotten, FarSession { closing: false, input: Recent }];
    vec![
        (nobody_far(), Ok(())),
        // ssh, tmux attached.
        (far(false, Recent), Err(NotLocal::FarSession)),
        // ssh that nobody types at.
        (far(false, LongAgo), Ok(())),
        // ssh without a terminal, a remote desktop.
        (far(false, Unknown), Err(NotLocal::FarSession)),
        // mosh, whose ssh session has ended.
        (far(true, Recent), Err(NotLocal::FarSession)),
        // A tmux that ssh left behind, dead or without terminals.
        (far(true, LongAgo), Ok(())),
        (far(true, Unknown), Ok(())),
        (Typists { far_sessions: Ok(several), ..nobody_far() }, Err(NotLocal::FarSession)),
        (Typists { far_sessions: Err(unreadable.clone()), ..nobody_far() }, Err(unreadable)),
    ]
}

fn verdict_for(service: &str) -> CameraUse<'static> {
    CameraUse::Verdict(Box::leak(Box::new(ServiceName::parse(service).unwrap())))
}

fn judged(
    origin: &Origin,
    foreground: Option<Session>,
    caller: Uid,
    camera_use: CameraUse<'_>,
) -> Result<(), NotLocal> {
    judged_with(nobody_far(), origin, foreground, caller, camera_use).map(drop)
}

fn judged_with(
    typists: Typists,
    origin: &Origin,
    foreground: Option<Session>,
    caller: Uid,
    camera_use: CameraUse<'_>,
) -> Result<SeatPlace, NotLocal> {
    let facts = SeatFacts { origin: origin.clone(), foreground, typists, lid_closed: false };
    let request = SeatRequest { caller, subject: ALICE, camera_use };
    judge(&facts, &request, &SeatConfig::default())
}

fn service(unit: &str) -> Origin {
    Origin::Service(unit.to_owned())
}

#[test]
fn a_session_needs_a_person_in_front_of_the_camera_for_every_use() {
    let uses = [verdict_for("sudo"), verdict_for("login"), CameraUse::Own, CameraUse::Prewarm];
    for base in [working(), greeting()] {
        for (session, reason) in unattended(&base) {
            for camera_use in uses {
                for caller in [ROOT, session.uid] {
                    let origin = Origin::Session(session.clone());
                    // A foreground session does not replace it.
                    let outcome = judged(&origin, Some(working()), caller, camera_use);
                    assert_eq!(outcome, Err(reason.clone()), "{session:?} {camera_use:?}");
                }
            }
        }
    }
}

#[test]
fn in_a_session_its_user_and_root_may_ask() {
    let origin = Origin::Session(working());
    for camera_use in [verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm] {
        assert_eq!(
            judged(&origin, None, BOB, camera_use),
            Err(NotLocal::OtherUser),
            "{camera_use:?}"
        );
        for caller in [ROOT, ALICE] {
            assert_eq!(
                judged(&origin, None, caller, camera_use),
                Ok(()),
                "{caller} {camera_use:?}"
            );
        }
    }
    // `su alice` in the session of bob, who is at the machine.
    let origin = Origin::Session(Session { uid: BOB, ..working() });
    assert_eq!(judged(&origin, None, ROOT, verdict_for("su")), Ok(()));
}

#[test]
fn in_its_session_a_program_is_refused_while_somebody_may_type_at_it_from_elsewhere() {
    let origin = Origin::Session(working());
    for (typists, expected) in far_rows() {
        for caller in [ROOT, ALICE] {
            for camera_use in [verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm] {
                let outcome = judged_with(typists.clone(), &origin, None, caller, camera_use);
                assert_eq!(outcome.map(drop), expected, "{typists:?} {caller} {camera_use:?}");
            }
        }
        // Only the keyboard of the machine feeds its consoles.
        let at_console = Typists { at_own_console: true, ..typists };
        let outcome = judged_with(at_console, &origin, None, ROOT, verdict_for("sudo"));
        assert_eq!(outcome, Ok(SeatPlace::Elsewhere));
    }
}

#[test]
fn a_lock_screen_may_ask_while_others_are_logged_in_from_elsewhere() {
    let locked = Session { locked: true, ..working() };
    for (typists, _) in far_rows() {
        for name in ["kde", "swaylock", "hyprlock", "gtklock", "i3lock", "xscreensaver"] {
            for (session, caller, place) in [
                (locked.clone(), ALICE, SeatPlace::UserLocker),
                // One that does not report that it locks.
                (working(), ALICE, SeatPlace::Elsewhere),
                (locked.clone(), ROOT, SeatPlace::Elsewhere),
                (working(), ROOT, SeatPlace::Elsewhere),
            ] {
                let in_session = Origin::Session(session.clone());
                let below_manager = Origin::UserManager(ALICE);
                for (origin, front) in [(in_session, None), (below_manager, Some(session))] {
                    let outcome =
                        judged_with(typists.clone(), &origin, front, caller, verdict_for(name));
                    assert_eq!(outcome, Ok(place), "{name} {origin:?} {caller} {typists:?}");
                }
            }
        }
    }
}

#[test]
fn only_the_user_of_a_locked_session_is_at_its_lock_screen() {
    let locked = Session { locked: true, ..working() };
    let origin = Origin::Session(locked.clone());
    for (camera_use, caller, outcome) in [
        (verdict_for("kde"), ALICE, Ok(SeatPlace::UserLocker)),
        (verdict_for("kde"), BOB, Err(NotLocal::OtherUser)),
        (verdict_for("own-locker"), ALICE, Ok(SeatPlace::Elsewhere)),
        (CameraUse::Own, ALICE, Ok(SeatPlace::Elsewhere)),
        (verdict_for("sudo"), ROOT, Err(NotLocal::Locked)),
        (CameraUse::Prewarm, ROOT, Err(NotLocal::Locked)),
    ] {
        let what = format!("{camera_use:?} {caller}");
        assert_eq!(judged_with(nobody_far(), &origin, None, caller, camera_use), outcome, "{what}");
    }
    for (session, reason) in unattended(&locked) {
        let outcome = judged(&Origin::Session(session), None, ALICE, verdict_for("kde"));
        assert_eq!(outcome, Err(reason), "nobody is in front of it");
    }
}

#[test]
fn a_session_of_another_class_is_refused() {
    let origin = Origin::Session(Session { class: SessionClass::Other, ..working() });
    for caller in [ROOT, ALICE] {
        let outcome = judged(&origin, None, caller, verdict_for("sudo"));
        assert_eq!(outcome, Err(NotLocal::UnknownClass));
    }
}

#[test]
fn only_login_screens_may_ask_from_the_session_of_a_greeter() {
    let origin = Origin::Session(greeting());
    for (caller, camera_use, outcome) in [
        (GREETER, verdict_for("lightdm"), Err(NotLocal::NotRoot)),
        (GREETER, CameraUse::Own, Err(NotLocal::NotRoot)),
        (ROOT, verdict_for("sudo"), Err(NotLocal::ServiceNotListed)),
        (ROOT, verdict_for("login"), Err(NotLocal::ServiceNotListed)),
        (ROOT, CameraUse::Own, Err(NotLocal::ServiceNotListed)),
        (ROOT, verdict_for("lightdm"), Ok(())),
        (ROOT, CameraUse::Prewarm, Ok(())),
    ] {
        assert_eq!(judged(&origin, None, caller, camera_use), outcome, "{caller} {camera_use:?}");
    }
}

#[test]
fn a_user_manager_counts_while_its_user_works_at_the_seat() {
    let origin = Origin::UserManager(ALICE);
    let uses = [verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm];
    for camera_use in uses {
        let outcome = |foreground, caller| judged(&origin, foreground, caller, camera_use);
        for caller in [ROOT, ALICE] {
            assert_eq!(outcome(None, caller), Err(NotLocal::NobodyThere));
            assert_eq!(outcome(Some(greeting()), caller), Err(NotLocal::NobodyThere));
            let other = Session { uid: BOB, ..working() };
            assert_eq!(outcome(Some(other), caller), Err(NotLocal::OtherUser));
            for (session, reason) in unattended(&working()) {
                assert_eq!(outcome(Some(session), caller), Err(reason));
            }
            for (typists, expected) in far_rows() {
                let front = Some(working());
                let outcome = judged_with(typists.clone(), &origin, front, caller, camera_use);
                assert_eq!(outcome.map(drop), expected, "{typists:?} {caller} {camera_use:?}");
            }
        }
        assert_eq!(outcome(Some(working()), BOB), Err(NotLocal::OtherUser));
        let locked = Session { locked: true, ..working() };
        assert_eq!(outcome(Some(locked.clone()), ROOT), Err(NotLocal::Locked));
        assert_eq!(outcome(Some(locked), ALICE), Ok(()), "a program of the desktop");
    }
}

#[test]
fn an_administrator_can_refuse_user_managers() {
    let (origin, foreground) = (Origin::UserManager(ALICE), Some(working()));
    let facts = SeatFacts { origin, foreground, typists: nobody_far(), lid_closed: false };
    let request = SeatRequest { caller: ALICE, subject: ALICE, camera_use: CameraUse::Own };
    let config = SeatConfig { user_manager: false, ..SeatConfig::default() };
    assert_eq!(judge(&facts, &request, &config), Err(NotLocal::UserManager));
}

#[test]
fn a_service_that_is_not_listed_is_always_refused() {
    for unit in ["cron.service", "run-u12.service", "apache2.service", "ssh.service", GETTY, HELPER]
    {
        for there in [None, Some(working()), Some(greeting())] {
            for name in ["sudo", "su", "cron", "sshd", "apache2", "xrdp-sesman", "other"] {
                let outcome = judged(&service(unit), there.clone(), ROOT, verdict_for(name));
                assert_eq!(outcome, Err(NotLocal::ServiceNotListed), "{unit} {name}");
            }
            let outcome = judged(&service(unit), there.clone(), ROOT, CameraUse::Own);
            assert_eq!(outcome, Err(NotLocal::ServiceNotListed), "{unit}");
        }
    }
}

#[test]
fn only_root_asks_from_a_service() {
    for name in ["login", "gdm-password", "polkit-1"] {
        for unit in [GETTY, HELPER, "gdm.service"] {
            let outcome = judged(&service(unit), Some(working()), ALICE, verdict_for(name));
            assert_eq!(outcome, Err(NotLocal::NotRoot), "{unit} {name}");
        }
    }
}

#[test]
fn a_console_login_happens_at_a_virtual_console_without_a_session() {
    let outcome =
        |unit: &str, foreground| judged(&service(unit), foreground, ROOT, verdict_for("login"));
    for unit in ["serial-getty@ttyS0.service", "telnet@1.service", "run-u12.service", HELPER] {
        assert_eq!(outcome(unit, None), Err(NotLocal::OtherUnit(unit.to_owned())));
    }
    for there in [working(), greeting()] {
        assert_eq!(outcome(GETTY, Some(there)), Err(NotLocal::SeatTaken));
    }
    assert_eq!(outcome(GETTY, None), Ok(()));
    let left_behind = Session { state: SessionState::Closing, active: false, ..working() };
    assert_eq!(outcome(GETTY, Some(left_behind)), Ok(()));
}

#[test]
fn a_display_manager_asks_behind_its_greeter_or_to_unlock_the_session_in_front() {
    for name in ["gdm-password", "lightdm", "sddm", "greetd"] {
        let outcome = |foreground| {
            judged(&service("display-manager.service"), foreground, ROOT, verdict_for(name))
        };
        assert_eq!(outcome(None), Err(NotLocal::NobodyThere));
        let other = Session { uid: BOB, ..working() };
        assert_eq!(outcome(Some(other)), Err(NotLocal::OtherUser));
        let background = Session { class: SessionClass::Other, ..working() };
        assert_eq!(outcome(Some(background)), Err(NotLocal::UnknownClass));
        for base in [greeting(), working()] {
            for (session, reason) in unattended(&base) {
                assert_eq!(outcome(Some(session)), Err(reason), "{name}");
            }
        }
        // A login from another machine, whose user works at the seat.
        assert_eq!(outcome(Some(working())), Err(NotLocal::NothingToUnlock), "{name}");
        assert_eq!(outcome(Some(greeting())), Ok(()), "{name}");
        assert_eq!(outcome(Some(Session { locked: true, ..working() })), Ok(()), "{name}");
    }
}

#[test]
fn the_helper_of_an_agent_counts_for_the_user_who_works_at_the_seat() {
    let outcome =
        |unit: &str, foreground| judged(&service(unit), foreground, ROOT, verdict_for("polkit-1"));
    for unit in ["polkit.service", "polkit-agent-helper@3.service", "run-u12.service", GETTY] {
        assert_eq!(outcome(unit, Some(working())), Err(NotLocal::OtherUnit(unit.to_owned())));
    }
    let of_root = "polkit-agent-helper@3-812-0.service";
    let of_bob = "polkit-agent-helper@3-812-1001.service";
    for unit in [of_root, of_bob] {
        assert_eq!(outcome(unit, Some(working())), Err(NotLocal::OtherUser));
    }
    assert_eq!(outcome(HELPER, None), Err(NotLocal::NobodyThere));
    assert_eq!(outcome(HELPER, Some(greeting())), Err(NotLocal::NobodyThere));
    for (typists, expected) in far_rows() {
        let (origin, front) = (service(HELPER), Some(working()));
        let outcome = judged_with(typists.clone(), &origin, front, ROOT, verdict_for("polkit-1"));
        assert_eq!(outcome.map(drop), expected, "{typists:?}");
    }
    let locked = Session { locked: true, ..working() };
    assert_eq!(outcome(HELPER, Some(locked)), Err(NotLocal::Locked));
    for (session, reason) in unattended(&working()) {
        assert_eq!(outcome(HELPER, Some(session)), Err(reason));
    }
    assert_eq!(outcome(HELPER, Some(working())), Ok(()));
}

#[test]
fn the_camera_may_be_prewarmed_where_a_listed_service_may_ask() {
    let outcome =
        |unit: &str, foreground| judged(&service(unit), foreground, ROOT, CameraUse::Prewarm);
    for there in [None, Some(working()), Some(Session { uid: BOB, locked: true, ..working() })] {
        assert!(outcome("cron.service", there.clone()).is_err(), "{there:?}");
        assert!(outcome("run-u12.service", there.clone()).is_err(), "{there:?}");
    }
    assert!(outcome("serial-getty@ttyS0.service", None).is_err());
    assert_eq!(outcome(GETTY, None), Ok(()));
    assert_eq!(outcome("gdm.service", Some(greeting())), Ok(()));
    assert_eq!(outcome("gdm.service", Some(Session { locked: true, ..working() })), Ok(()));
    assert_eq!(outcome(HELPER, Some(working())), Ok(()));
    let nothing = SeatConfig {
        console_services: Vec::new(),
        login_screen_services: Vec::new(),
        agent_services: Vec::new(),
        user_manager: true,
    };
    let facts = SeatFacts {
        origin: service(GETTY),
        foreground: None,
        typists: nobody_far(),
        lid_closed: false,
    };
    let request = SeatRequest { caller: ROOT, subject: ALICE, camera_use: CameraUse::Prewarm };
    assert_eq!(judge(&facts, &request, &nothing), Err(NotLocal::ServiceNotListed));
}

#[test]
fn a_process_in_no_session_and_no_service_is_refused() {
    for caller in [ROOT, ALICE] {
        for camera_use in
            [verdict_for("login"), verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm]
        {
            let outcome = judged(&Origin::Elsewhere, Some(working()), caller, camera_use);
            assert_eq!(outcome, Err(NotLocal::Elsewhere));
        }
    }
}

#[test]
fn a_turn_is_remembered_for_the_open_session_of_its_user_and_for_programs_of_root() {
    let identity = SessionIdentity { path: "/session/2".to_owned(), began_us: 9 };
    let known = || Session { identity: Some(identity.clone()), ..working() };
    let of = |origin: Origin, foreground: Option<Session>, caller, subject, camera_use| {
        let facts = SeatFacts { origin, foreground, typists: nobody_far(), lid_closed: false };
        work_session(&facts, &SeatRequest { caller, subject, camera_use })
    };
    let sudo = verdict_for("sudo");
    let manager = || Origin::UserManager(ALICE);
    let places: [(Origin, Option<Session>, CameraUse<'_>); 3] = [
        (Origin::Session(known()), None, sudo),
        (manager(), Some(known()), sudo),
        (service(HELPER), Some(known()), verdict_for("polkit-1")),
    ];
    for (origin, foreground, camera_use) in places {
        let found = of(origin, foreground, ROOT, ALICE, camera_use);
        assert_eq!(found.as_ref(), Some(&identity), "{camera_use:?}");
    }
    let mut sessions: Vec<Session> =
        unattended(&known()).into_iter().map(|(session, _)| session).collect();
    sessions.extend([
        Session { locked: true, ..known() },
        Session { uid: BOB, ..known() },
        Session { class: SessionClass::LoginScreen, ..known() },
        Session { class: SessionClass::Other, ..known() },
        Session { identity: None, ..known() },
    ]);
    for session in sessions {
        let origin = Origin::Session(session.clone());
        assert_eq!(of(origin, Some(known()), ROOT, ALICE, sudo), None, "{session:?}");
        assert_eq!(of(manager(), Some(session.clone()), ROOT, ALICE, sudo), None, "{session:?}");
    }
    for (caller, subject, camera_use) in [
        (ALICE, ALICE, sudo),
        (ROOT, BOB, sudo),
        (ROOT, ALICE, CameraUse::Own),
        (ROOT, ALICE, CameraUse::Prewarm),
        (ROOT, ALICE, verdict_for("swaylock")),
    ] {
        let found = of(Origin::Session(known()), None, caller, subject, camera_use);
        assert_eq!(found, None, "{caller} {subject} {camera_use:?}");
    }
    assert_eq!(of(service(GETTY), None, ROOT, ALICE, verdict_for("login")), None);
    assert_eq!(of(Origin::Elsewhere, Some(known()), ROOT, ALICE, sudo), None);
}
