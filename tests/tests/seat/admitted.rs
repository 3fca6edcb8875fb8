//! Callers outside any session who are at this machine all the same, and those who only say so.

use fpass_proto::names::VERIFICATION_INTERFACE;
use fpass_tests::{
    ALICE, BOB, Reply,
    logind::{Place, Session},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::{
    SERVICES, logs_in, manager, matched, refused, session, sits, turned_away, uid, unit, verdict,
    with_alice,
};

/// What a login that succeeds shows.
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
    let mut ground = with_alice();
    let (alice, bob) = (Session::of(ALICE.uid), Session::of(BOB.uid));
    let greeter = Session::greeter();
    let rows: [(&str, Place, Option<&Session>, &[&str]); 11] = [
        ("a console", unit(GETTY), None, &["login"]),
        (
            "a console while alice is in front",
            unit(GETTY),
            Some(&alice),
            &["gdm-password", "lightdm"],
        ),
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
            Some(&alice),
            &["gdm-password", "lightdm"],
        ),
        ("a display manager and another's session", unit("gdm.service"), Some(&bob), &[]),
        ("a display manager without a seat", unit("gdm.service"), None, &[]),
        (
            "the helper of an agent of alice's",
            helper(ALICE.uid),
            Some(&alice),
            &["gdm-password", "lightdm", "polkit-1"],
        ),
        ("the same while bob is in front", helper(ALICE.uid), Some(&bob), &[]),
        (
            "the helper of an agent of bob's",
            helper(BOB.uid),
            Some(&alice),
            &["gdm-password", "lightdm"],
        ),
        ("systemd-run", unit("run-u1.service"), None, &[]),
    ];
    for (what, place, front, admitted) in rows {
        sits(&mut ground, &place, front);
        for service in SERVICES {
            let expected = if admitted.contains(&service) { let_in() } else { turned_away() };
            assert_eq!(logs_in(&ground, service), expected, "{what}: {service}");
        }
        assert_eq!(logs_in(&ground, "fpass-test"), turned_away(), "{what}");
        for service in SERVICES {
            assert_eq!(verdict(&ground, "alice", service), refused(), "{what}: {service} by alice");
        }
    }
}

#[test]
fn the_screen_of_a_greeter_is_no_place_for_other_services() {
    let mut ground = with_alice();
    sits(&mut ground, &Place::Session(Session::greeter()), None);
    assert_eq!(logs_in(&ground, "fpass-test"), turned_away());
    assert_eq!(logs_in(&ground, "login"), turned_away());
    assert_eq!(logs_in(&ground, "lightdm"), let_in());
}

#[test]
fn a_terminal_of_the_desktop_is_at_the_seat_unless_that_is_locked() {
    let mut ground = with_alice();
    let locked = Session { locked: true, ..Session::of(ALICE.uid) };
    sits(&mut ground, &manager(), Some(&locked));
    assert_eq!(logs_in(&ground, "sudo"), turned_away());
    assert_eq!(verdict(&ground, "alice", "kde"), matched(), "its own lock screen");
    sits(&mut ground, &manager(), Some(&Session::of(ALICE.uid)));
    assert_eq!(logs_in(&ground, "sudo"), let_in());
    assert_eq!(verdict(&ground, "alice", ""), matched());
}

#[test]
fn the_camera_starts_ahead_for_a_greeter_and_not_for_cron() {
    let mut ground = with_alice();
    let prewarm = |ground: &fpass_tests::Ground| {
        ground.call("root", VERIFICATION_INTERFACE, "Prewarm", &[&uid(ALICE)]).unwrap()
    };
    sits(&mut ground, &unit("cron.service"), None);
    assert_eq!(prewarm(&ground), refused());
    sits(&mut ground, &unit("gdm.service"), Some(&Session::greeter()));
    assert_eq!(prewarm(&ground), Reply::Answer(String::new()));
}

#[test]
fn the_administrator_s_file_says_which_services_those_are() {
    let mut ground = with_alice();
    sits(&mut ground, &unit("ly.service"), Some(&Session::greeter()));
    assert_eq!(verdict(&ground, "root", "ly"), refused());
    ground.configure("[seat]\nlogin_screen_services = [\"ly\"]\nuser_manager = false\n").unwrap();
    ground.signal_daemon(Signal::SIGHUP).unwrap();
    wait_until("the file was read", || ground.daemon_log().contains("read again"));
    assert_eq!(verdict(&ground, "root", "ly"), matched());
    assert_eq!(verdict(&ground, "root", "gdm-password"), refused());
    sits(&mut ground, &manager(), Some(&Session::of(ALICE.uid)));
    assert_eq!(verdict(&ground, "root", "sudo"), refused());
    sits(&mut ground, &session(|_| {}), None);
    assert_eq!(verdict(&ground, "root", "sudo"), matched());
}
