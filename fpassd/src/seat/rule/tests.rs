//! Every row of the table.

use super::*;

const ROOT: Uid = Uid::ROOT;
const ALICE: Uid = Uid(1000);
const BOB: Uid = Uid(1001);
const GREETER: Uid = Uid(118);

const GETTY: &str = "getty@tty3.service";
const HELPER: &str = "polkit-agent-helper@3-812-1000.service";

/// A session of alice's in the foreground of the seat.
fn working() -> Session {
    Session {
        uid: ALICE,
        remote: false,
        active: true,
        state: State::Active,
        at_camera: true,
        class: Class::User,
        displayed: true,
        locked: false,
    }
}

fn greeting() -> Session {
    Session { uid: GREETER, class: Class::LoginScreen, ..working() }
}

/// The ways in which a session has nobody before the camera.
fn unattended(session: &Session) -> Vec<(Session, NotHere)> {
    let change = |change: fn(&mut Session)| {
        let mut session = session.clone();
        change(&mut session);
        session
    };
    vec![
        (change(|s| s.remote = true), NotHere::Remote),
        (change(|s| s.at_camera = false), NotHere::OtherSeat),
        (change(|s| s.active = false), NotHere::Inactive),
        (change(|s| s.state = State::Closing), NotHere::Inactive),
        (change(|s| s.state = State::Other), NotHere::Inactive),
        (change(|s| s.displayed = false), NotHere::UnknownType),
    ]
}

fn front(session: Session) -> Option<Front> {
    Some(Front { session, remote_elsewhere: false })
}

fn verdict_for(service: &str) -> Purpose<'_> {
    Purpose::Verdict(service)
}

fn judged(
    place: &Place,
    front: Option<Front>,
    caller: Uid,
    purpose: Purpose<'_>,
) -> Result<(), NotHere> {
    let facts = Facts { place: place.clone(), front };
    let request = Request { caller, subject: ALICE, purpose };
    judge(&facts, &request, &SeatConfig::default())
}

fn service(unit: &str) -> Place {
    Place::Service(unit.to_owned())
}

#[test]
fn a_session_must_have_somebody_before_the_camera_whatever_the_purpose() {
    let purposes = [
        verdict_for("sudo"),
        verdict_for("login"),
        verdict_for(""),
        Purpose::Own,
        Purpose::Prewarm,
    ];
    for base in [working(), greeting()] {
        for (session, reason) in unattended(&base) {
            for purpose in purposes {
                for caller in [ROOT, session.uid] {
                    let place = Place::Session(session.clone());
                    // A front must not make up for it.
                    let outcome = judged(&place, front(working()), caller, purpose);
                    assert_eq!(outcome, Err(reason.clone()), "{session:?} {purpose:?}");
                }
            }
        }
    }
}

#[test]
fn a_session_speaks_for_its_user_and_for_root() {
    let place = Place::Session(working());
    for purpose in [verdict_for("sudo"), verdict_for(""), Purpose::Own, Purpose::Prewarm] {
        assert_eq!(judged(&place, None, BOB, purpose), Err(NotHere::OtherUser), "{purpose:?}");
        for caller in [ROOT, ALICE] {
            assert_eq!(judged(&place, None, caller, purpose), Ok(()), "{caller} {purpose:?}");
        }
    }
    // `su alice` in the session of bob, who is at the machine.
    let place = Place::Session(Session { uid: BOB, ..working() });
    assert_eq!(judged(&place, None, ROOT, verdict_for("su")), Ok(()));
}

#[test]
fn a_locked_session_is_asked_in_by_its_own_lock_screen() {
    let place = Place::Session(Session { locked: true, ..working() });
    assert_eq!(judged(&place, None, ALICE, verdict_for("swaylock")), Ok(()));
}

#[test]
fn a_session_of_another_class_is_refused() {
    let place = Place::Session(Session { class: Class::Other, ..working() });
    for caller in [ROOT, ALICE] {
        let outcome = judged(&place, None, caller, verdict_for("sudo"));
        assert_eq!(outcome, Err(NotHere::UnknownClass));
    }
}

#[test]
fn the_session_of_a_greeter_serves_login_screens_alone() {
    let place = Place::Session(greeting());
    for (caller, purpose, outcome) in [
        (GREETER, verdict_for("lightdm"), Err(NotHere::NotRoot)),
        (GREETER, Purpose::Own, Err(NotHere::NotRoot)),
        (ROOT, verdict_for("sudo"), Err(NotHere::ServiceNotListed)),
        (ROOT, verdict_for("login"), Err(NotHere::ServiceNotListed)),
        (ROOT, verdict_for(""), Err(NotHere::ServiceNotListed)),
        (ROOT, Purpose::Own, Err(NotHere::ServiceNotListed)),
        (ROOT, verdict_for("lightdm"), Ok(())),
        (ROOT, Purpose::Prewarm, Ok(())),
    ] {
        assert_eq!(judged(&place, None, caller, purpose), outcome, "{caller} {purpose:?}");
    }
}

#[test]
fn a_user_manager_speaks_for_a_user_who_works_at_the_seat_and_nowhere_else() {
    let place = Place::UserManager(ALICE);
    let purposes = [verdict_for("sudo"), verdict_for(""), Purpose::Own, Purpose::Prewarm];
    for purpose in purposes {
        let outcome = |front, caller| judged(&place, front, caller, purpose);
        for caller in [ROOT, ALICE] {
            assert_eq!(outcome(None, caller), Err(NotHere::NobodyThere));
            assert_eq!(outcome(front(greeting()), caller), Err(NotHere::NobodyThere));
            let other = Session { uid: BOB, ..working() };
            assert_eq!(outcome(front(other), caller), Err(NotHere::OtherUser));
            let also_remote = Some(Front { session: working(), remote_elsewhere: true });
            assert_eq!(outcome(also_remote, caller), Err(NotHere::RemoteElsewhere));
            for (session, reason) in unattended(&working()) {
                assert_eq!(outcome(front(session), caller), Err(reason));
            }
            assert_eq!(outcome(front(working()), caller), Ok(()), "{caller} {purpose:?}");
        }
        assert_eq!(outcome(front(working()), BOB), Err(NotHere::OtherUser));
        let locked = Session { locked: true, ..working() };
        assert_eq!(outcome(front(locked.clone()), ROOT), Err(NotHere::Locked));
        assert_eq!(outcome(front(locked), ALICE), Ok(()), "the desktop's own lock screen");
    }
}

#[test]
fn a_user_manager_is_refused_where_the_administrator_says_so() {
    let facts = Facts { place: Place::UserManager(ALICE), front: front(working()) };
    let request = Request { caller: ALICE, subject: ALICE, purpose: Purpose::Own };
    let config = SeatConfig { user_manager: false, ..SeatConfig::default() };
    assert_eq!(judge(&facts, &request, &config), Err(NotHere::UserManager));
}

#[test]
fn a_service_that_is_not_listed_is_refused_whoever_is_at_the_seat() {
    for unit in ["cron.service", "run-u12.service", "apache2.service", "ssh.service", GETTY, HELPER]
    {
        for there in [None, front(working()), front(greeting())] {
            for name in ["", "sudo", "su", "cron", "sshd", "apache2", "xrdp-sesman", "other"] {
                let outcome = judged(&service(unit), there.clone(), ROOT, verdict_for(name));
                assert_eq!(outcome, Err(NotHere::ServiceNotListed), "{unit} {name}");
            }
            let outcome = judged(&service(unit), there.clone(), ROOT, Purpose::Own);
            assert_eq!(outcome, Err(NotHere::ServiceNotListed), "{unit}");
        }
    }
}

#[test]
fn only_root_asks_from_a_service() {
    for name in ["login", "gdm-password", "polkit-1"] {
        for unit in [GETTY, HELPER, "gdm.service"] {
            let outcome = judged(&service(unit), front(working()), ALICE, verdict_for(name));
            assert_eq!(outcome, Err(NotHere::NotRoot), "{unit} {name}");
        }
    }
}

#[test]
fn a_console_login_happens_at_a_virtual_console_without_a_session() {
    let outcome = |unit: &str, front| judged(&service(unit), front, ROOT, verdict_for("login"));
    for unit in ["serial-getty@ttyS0.service", "telnet@1.service", "run-u12.service", HELPER] {
        assert_eq!(outcome(unit, None), Err(NotHere::OtherUnit(unit.to_owned())));
    }
    for there in [working(), greeting()] {
        assert_eq!(outcome(GETTY, front(there)), Err(NotHere::SeatTaken));
    }
    assert_eq!(outcome(GETTY, None), Ok(()));
    let left_behind = Session { state: State::Closing, active: false, ..working() };
    assert_eq!(outcome(GETTY, front(left_behind)), Ok(()));
}

#[test]
fn a_display_manager_asks_behind_its_greeter_or_to_unlock_the_session_in_front() {
    for name in ["gdm-password", "lightdm", "sddm", "greetd"] {
        let outcome =
            |front| judged(&service("display-manager.service"), front, ROOT, verdict_for(name));
        assert_eq!(outcome(None), Err(NotHere::NobodyThere));
        let other = Session { uid: BOB, ..working() };
        assert_eq!(outcome(front(other)), Err(NotHere::OtherUser));
        let background = Session { class: Class::Other, ..working() };
        assert_eq!(outcome(front(background)), Err(NotHere::UnknownClass));
        for base in [greeting(), working()] {
            for (session, reason) in unattended(&base) {
                assert_eq!(outcome(front(session)), Err(reason), "{name}");
            }
        }
        assert_eq!(outcome(front(greeting())), Ok(()), "{name}");
        assert_eq!(outcome(front(Session { locked: true, ..working() })), Ok(()), "{name}");
    }
}

#[test]
fn an_agent_s_helper_speaks_for_whoever_works_at_the_seat() {
    let outcome = |unit: &str, front| judged(&service(unit), front, ROOT, verdict_for("polkit-1"));
    for unit in ["polkit.service", "polkit-agent-helper@3.service", "run-u12.service", GETTY] {
        assert_eq!(outcome(unit, front(working())), Err(NotHere::OtherUnit(unit.to_owned())));
    }
    let of_root = "polkit-agent-helper@3-812-0.service";
    let of_bob = "polkit-agent-helper@3-812-1001.service";
    for unit in [of_root, of_bob] {
        assert_eq!(outcome(unit, front(working())), Err(NotHere::OtherUser));
    }
    assert_eq!(outcome(HELPER, None), Err(NotHere::NobodyThere));
    assert_eq!(outcome(HELPER, front(greeting())), Err(NotHere::NobodyThere));
    let also_remote = Some(Front { session: working(), remote_elsewhere: true });
    assert_eq!(outcome(HELPER, also_remote), Err(NotHere::RemoteElsewhere));
    let locked = Session { locked: true, ..working() };
    assert_eq!(outcome(HELPER, front(locked)), Err(NotHere::Locked));
    for (session, reason) in unattended(&working()) {
        assert_eq!(outcome(HELPER, front(session)), Err(reason));
    }
    assert_eq!(outcome(HELPER, front(working())), Ok(()));
}

#[test]
fn the_camera_is_started_ahead_where_some_service_would_be_admitted() {
    let outcome = |unit: &str, front| judged(&service(unit), front, ROOT, Purpose::Prewarm);
    for there in [None, front(working()), front(Session { uid: BOB, locked: true, ..working() })] {
        assert!(outcome("cron.service", there.clone()).is_err(), "{there:?}");
        assert!(outcome("run-u12.service", there.clone()).is_err(), "{there:?}");
    }
    assert!(outcome("serial-getty@ttyS0.service", None).is_err());
    assert_eq!(outcome(GETTY, None), Ok(()));
    assert_eq!(outcome("gdm.service", front(greeting())), Ok(()));
    assert_eq!(outcome("gdm.service", front(Session { locked: true, ..working() })), Ok(()));
    assert_eq!(outcome(HELPER, front(working())), Ok(()));
    let nothing = SeatConfig {
        console_services: Vec::new(),
        login_screen_services: Vec::new(),
        agent_services: Vec::new(),
        user_manager: true,
    };
    let facts = Facts { place: service(GETTY), front: None };
    let request = Request { caller: ROOT, subject: ALICE, purpose: Purpose::Prewarm };
    assert_eq!(judge(&facts, &request, &nothing), Err(NotHere::ServiceNotListed));
}

#[test]
fn what_is_nowhere_is_refused() {
    for caller in [ROOT, ALICE] {
        for purpose in [verdict_for("login"), verdict_for("sudo"), Purpose::Own, Purpose::Prewarm] {
            let outcome = judged(&Place::Elsewhere, front(working()), caller, purpose);
            assert_eq!(outcome, Err(NotHere::NoPlace));
        }
    }
}
