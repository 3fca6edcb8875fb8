//! Callers outside any session: those who are at this machine, and those who only claim it.

use fpass_proto::names::VERIFICATION_INTERFACE;
use fpass_tests::{
    ALICE, BOB, Login, Reply,
    logind::{Place, Session},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::{
    SERVICES, camera_was_used, cover_the_camera, logs_in, manager, refused, session, sits,
    turned_away, turned_away_by, unit, verdict, with_alice,
};

/// The result of a login that succeeds.
fn let_in() -> (&'static str, String) {
    ("PAM_SUCCESS", "Look at the camera.".to_owned())
}

const GETTY: &str = "getty@tty2.service";

/// The unit of a polkit helper that an agent of this user started.
fn helper(uid: u32) -> Place {
    unit(&format!("polkit-agent-helper@1-4097-1300_38767-{uid}.service"))
}

#[test]
fn each_rule_admits_its_own_services_from_its_own_place_only() {
    let mut testbed = with_alice();
    let (alice, bob) = (Session::of(ALICE.uid), Session::of(BOB.uid));
    let locked = Session { locked: true, ..alice.clone() };
    let greeter = Session::greeter();
    let rows: [(&str, Place, Option<&Session>, &[&str]); 12] = [
        ("a console", unit(GETTY), None, &["login"]),
        ("a console while alice is in front", unit(GETTY), Some(&alice), &[]),
        ("a serial line", unit("serial-getty@ttyS0.service"), None, &[]),
        (
            "a display manager behind its greeter",
            unit("gdm.service"),
            Some(&greeter),
            &["gdm-password", "lightdm"],
        ),
        (
            "a display manager that unlocks",
            unit("gdm.service"),
            Some(&locked),
            &["gdm-password", "lightdm"],
        ),
        // GDM serves logins from other machines in the same way.
        ("a display manager while alice works", unit("gdm.service"), Some(&alice), &[]),
        ("a display manager and another's session", unit("gdm.service"), Some(&bob), &[]),
        ("a display manager without a seat", unit("gdm.service"), None, &[]),
        ("the helper of an agent of alice's", helper(ALICE.uid), Some(&alice), &["polkit-1"]),
        ("the same while bob is in front", helper(ALICE.uid), Some(&bob), &[]),
        ("the helper of an agent of bob's", helper(BOB.uid), Some(&alice), &[]),
        ("systemd-run", unit("run-u1.service"), None, &[]),
    ];
    for (what, place, front, admitted) in rows {
        sits(&mut testbed, &place, front);
        for service in SERVICES {
            let is_admitted = admitted.contains(&service);
            let expected = if is_admitted { let_in() } else { turned_away_by(service) };
            assert_eq!(logs_in(&testbed, service), expected, "{what}: {service}");
        }
        assert_eq!(logs_in(&testbed, "fpass-test"), turned_away(), "{what}");
        for service in SERVICES {
            assert_eq!(
                verdict(&testbed, "alice", service),
                refused(),
                "{what}: {service} by alice"
            );
        }
    }
}

#[test]
fn the_screen_of_a_greeter_is_no_place_for_other_services() {
    let mut testbed = with_alice();
    sits(&mut testbed, &Place::Session(Session::greeter()), None);
    assert_eq!(logs_in(&testbed, "fpass-test"), turned_away());
    assert_eq!(logs_in(&testbed, "login"), turned_away());
    assert_eq!(logs_in(&testbed, "lightdm"), let_in());
}

#[test]
fn a_terminal_of_the_desktop_is_at_the_seat_unless_that_is_locked() {
    let mut testbed = with_alice();
    let locked = Session { locked: true, ..Session::of(ALICE.uid) };
    sits(&mut testbed, &manager(), Some(&locked));
    assert_eq!(logs_in(&testbed, "sudo"), turned_away());
    assert_eq!(verdict(&testbed, "alice", "kde"), Reply::matched(), "its own lock screen");
    sits(&mut testbed, &manager(), Some(&Session::of(ALICE.uid)));
    assert_eq!(logs_in(&testbed, "sudo"), let_in());
    assert_eq!(verdict(&testbed, "alice", ""), Reply::matched());
}

#[test]
fn the_camera_starts_ahead_for_a_greeter_and_not_for_cron() {
    let mut testbed = with_alice();
    let prewarm = |testbed: &fpass_tests::Testbed| {
        testbed.call("root", VERIFICATION_INTERFACE, "Prewarm", &[&ALICE.uid_argument()]).unwrap()
    };
    sits(&mut testbed, &unit("cron.service"), None);
    assert_eq!(prewarm(&testbed), refused());
    sits(&mut testbed, &unit("gdm.service"), Some(&Session::greeter()));
    assert_eq!(prewarm(&testbed), Reply::Answer(String::new()));
}

#[test]
fn the_light_of_a_camera_that_starts_ahead_tells_nothing_about_the_user() {
    let mut testbed = with_alice();
    let line = "auth optional pam_fpass.so prewarm\nauth requisite pam_deny.so\n";
    testbed.service("fpass-ahead", line).unwrap();
    let prewarm = |testbed: &fpass_tests::Testbed, uid: u32| {
        let uid = format!("uint32:{uid}");
        testbed.call("root", VERIFICATION_INTERFACE, "Prewarm", &[&uid]).unwrap()
    };
    // Enrolled, never enrolled, no user at all.
    for uid in [ALICE.uid, BOB.uid, 77_777, u32::MAX] {
        restart(&mut testbed);
        cover_the_camera();
        assert_eq!(prewarm(&testbed, uid), Reply::Answer(String::new()), "{uid}");
        wait_until("the camera starts ahead", camera_was_used);
    }
    for name in ["alice", "bob", "nobody-of-that-name", "../root"] {
        restart(&mut testbed);
        cover_the_camera();
        let transcript = testbed.transact(&Login::new("fpass-ahead", name, "x")).unwrap();
        assert_ne!(transcript.code_name(), "PAM_SUCCESS", "{name}");
        wait_until("the camera starts ahead", camera_was_used);
    }
}

/// A daemon without a camera that an earlier call started.
fn restart(testbed: &mut fpass_tests::Testbed) {
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
}

#[test]
fn the_administrator_s_file_says_which_services_those_are() {
    let mut testbed = with_alice();
    sits(&mut testbed, &unit("ly.service"), Some(&Session::greeter()));
    assert_eq!(verdict(&testbed, "root", "ly"), refused());
    testbed.configure("[seat]\nlogin_screen_services = [\"ly\"]\nuser_manager = false\n").unwrap();
    testbed.signal_daemon(Signal::SIGHUP).unwrap();
    wait_until("the file was read", || testbed.daemon_log().contains("read again"));
    assert_eq!(verdict(&testbed, "root", "ly"), Reply::matched());
    assert_eq!(verdict(&testbed, "root", "gdm-password"), refused());
    sits(&mut testbed, &manager(), Some(&Session::of(ALICE.uid)));
    assert_eq!(verdict(&testbed, "root", "sudo"), refused());
    sits(&mut testbed, &session(|_| {}), None);
    assert_eq!(verdict(&testbed, "root", "sudo"), Reply::matched());
}
