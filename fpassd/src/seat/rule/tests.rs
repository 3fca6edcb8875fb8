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

fn foreground(session: Session) -> Option<ForegroundSession> {
    Some(ForegroundSession { session, remote_elsewhere: false })
}

fn verdict_for(service: &str) -> CameraUse<'static> {
    CameraUse::Verdict(Box::leak(Box::new(ServiceName::parse(service).unwrap())))
}

fn judged(
    origin: &Origin,
    foreground: Option<ForegroundSession>,
    caller: Uid,
    camera_use: CameraUse<'_>,
) -> Result<(), NotLocal> {
    let facts = SeatFacts { origin: origin.clone(), foreground };
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
                    let outcome = judged(&origin, foreground(working()), caller, camera_use);
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
fn the_lock_screen_of_a_session_may_ask() {
    let origin = Origin::Session(Session { locked: true, ..working() });
    assert_eq!(judged(&origin, None, ALICE, verdict_for("swaylock")), Ok(()));
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
fn a_user_manager_counts_while_its_user_works_at_the_seat_and_has_no_remote_session() {
    let origin = Origin::UserManager(ALICE);
    let uses = [verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm];
    for camera_use in uses {
        let outcome = |foreground, caller| judged(&origin, foreground, caller, camera_use);
        for caller in [ROOT, ALICE] {
            assert_eq!(outcome(None, caller), Err(NotLocal::NobodyThere));
            assert_eq!(outcome(foreground(greeting()), caller), Err(NotLocal::NobodyThere));
            let other = Session { uid: BOB, ..working() };
            assert_eq!(outcome(foreground(other), caller), Err(NotLocal::OtherUser));
            let also_remote =
                Some(ForegroundSession { session: working(), remote_elsewhere: true });
            assert_eq!(outcome(also_remote, caller), Err(NotLocal::RemoteElsewhere));
            for (session, reason) in unattended(&working()) {
                assert_eq!(outcome(foreground(session), caller), Err(reason));
            }
            assert_eq!(outcome(foreground(working()), caller), Ok(()), "{caller} {camera_use:?}");
        }
        assert_eq!(outcome(foreground(working()), BOB), Err(NotLocal::OtherUser));
        let locked = Session { locked: true, ..working() };
        assert_eq!(outcome(foreground(locked.clone()), ROOT), Err(NotLocal::Locked));
        assert_eq!(outcome(foreground(locked), ALICE), Ok(()), "the desktop's own lock screen");
    }
}

#[test]
fn an_administrator_can_refuse_user_managers() {
    let facts = SeatFacts { origin: Origin::UserManager(ALICE), foreground: foreground(working()) };
    let request = SeatRequest { caller: ALICE, subject: ALICE, camera_use: CameraUse::Own };
    let config = SeatConfig { user_manager: false, ..SeatConfig::default() };
    assert_eq!(judge(&facts, &request, &config), Err(NotLocal::UserManager));
}

#[test]
fn a_service_that_is_not_listed_is_always_refused() {
    for unit in ["cron.service", "run-u12.service", "apache2.service", "ssh.service", GETTY, HELPER]
    {
        for there in [None, foreground(working()), foreground(greeting())] {
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
            let outcome = judged(&service(unit), foreground(working()), ALICE, verdict_for(name));
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
        assert_eq!(outcome(GETTY, foreground(there)), Err(NotLocal::SeatTaken));
    }
    assert_eq!(outcome(GETTY, None), Ok(()));
    let left_behind = Session { state: SessionState::Closing, active: false, ..working() };
    assert_eq!(outcome(GETTY, foreground(left_behind)), Ok(()));
}

#[test]
fn a_display_manager_asks_behind_its_greeter_or_to_unlock_the_session_in_front() {
    for name in ["gdm-password", "lightdm", "sddm", "greetd"] {
        let outcome = |foreground| {
            judged(&service("display-manager.service"), foreground, ROOT, verdict_for(name))
        };
        assert_eq!(outcome(None), Err(NotLocal::NobodyThere));
        let other = Session { uid: BOB, ..working() };
        assert_eq!(outcome(foreground(other)), Err(NotLocal::OtherUser));
        let background = Session { class: SessionClass::Other, ..working() };
        assert_eq!(outcome(foreground(background)), Err(NotLocal::UnknownClass));
        for base in [greeting(), working()] {
            for (session, reason) in unattended(&base) {
                assert_eq!(outcome(foreground(session)), Err(reason), "{name}");
            }
        }
        assert_eq!(outcome(foreground(greeting())), Ok(()), "{name}");
        assert_eq!(outcome(foreground(Session { locked: true, ..working() })), Ok(()), "{name}");
    }
}

#[test]
fn the_helper_of_an_agent_counts_for_the_user_who_works_at_the_seat() {
    let outcome =
        |unit: &str, foreground| judged(&service(unit), foreground, ROOT, verdict_for("polkit-1"));
    for unit in ["polkit.service", "polkit-agent-helper@3.service", "run-u12.service", GETTY] {
        assert_eq!(outcome(unit, foreground(working())), Err(NotLocal::OtherUnit(unit.to_owned())));
    }
    let of_root = "polkit-agent-helper@3-812-0.service";
    let of_bob = "polkit-agent-helper@3-812-1001.service";
    for unit in [of_root, of_bob] {
        assert_eq!(outcome(unit, foreground(working())), Err(NotLocal::OtherUser));
    }
    assert_eq!(outcome(HELPER, None), Err(NotLocal::NobodyThere));
    assert_eq!(outcome(HELPER, foreground(greeting())), Err(NotLocal::NobodyThere));
    let also_remote = Some(ForegroundSession { session: working(), remote_elsewhere: true });
    assert_eq!(outcome(HELPER, also_remote), Err(NotLocal::RemoteElsewhere));
    let locked = Session { locked: true, ..working() };
    assert_eq!(outcome(HELPER, foreground(locked)), Err(NotLocal::Locked));
    for (session, reason) in unattended(&working()) {
        assert_eq!(outcome(HELPER, foreground(session)), Err(reason));
    }
    assert_eq!(outcome(HELPER, foreground(working())), Ok(()));
}

#[test]
fn the_camera_may_be_prewarmed_where_a_listed_service_may_ask() {
    let outcome =
        |unit: &str, foreground| judged(&service(unit), foreground, ROOT, CameraUse::Prewarm);
    for there in
        [None, foreground(working()), foreground(Session { uid: BOB, locked: true, ..working() })]
    {
        assert!(outcome("cron.service", there.clone()).is_err(), "{there:?}");
        assert!(outcome("run-u12.service", there.clone()).is_err(), "{there:?}");
    }
    assert!(outcome("serial-getty@ttyS0.service", None).is_err());
    assert_eq!(outcome(GETTY, None), Ok(()));
    assert_eq!(outcome("gdm.service", foreground(greeting())), Ok(()));
    assert_eq!(outcome("gdm.service", foreground(Session { locked: true, ..working() })), Ok(()));
    assert_eq!(outcome(HELPER, foreground(working())), Ok(()));
    let nothing = SeatConfig {
        console_services: Vec::new(),
        login_screen_services: Vec::new(),
        agent_services: Vec::new(),
        user_manager: true,
    };
    let facts = SeatFacts { origin: service(GETTY), foreground: None };
    let request = SeatRequest { caller: ROOT, subject: ALICE, camera_use: CameraUse::Prewarm };
    assert_eq!(judge(&facts, &request, &nothing), Err(NotLocal::ServiceNotListed));
}

#[test]
fn a_process_in_no_session_and_no_service_is_refused() {
    for caller in [ROOT, ALICE] {
        for camera_use in
            [verdict_for("login"), verdict_for("sudo"), CameraUse::Own, CameraUse::Prewarm]
        {
            let outcome = judged(&Origin::Elsewhere, foreground(working()), caller, camera_use);
            assert_eq!(outcome, Err(NotLocal::Elsewhere));
        }
    }
}
