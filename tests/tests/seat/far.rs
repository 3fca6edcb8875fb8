//! Sessions from elsewhere: who else may be typing at a program of the seat.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use fpass_tests::{
    ALICE, Reply, Testbed,
    logind::{Place, Session},
};

use crate::{manager, refused, session, sits, unit, verdict, with_alice};

/// A terminal at which somebody has just typed.
struct Typed {
    script: Child,
    name: String,
}

impl Typed {
    fn now() -> Self {
        let mut script = Command::new("script")
            .args(["-q", "-f", "-c", "tty; read line", "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut path = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut path).unwrap();
        Self { script, name: path.trim().strip_prefix("/dev/").unwrap().to_owned() }
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

fn elsewhere(change: impl FnOnce(&mut Session)) -> Session {
    let mut session = Session::from_afar();
    change(&mut session);
    session
}

/// The places from which a program of alice's desktop asks, with a service.
fn places() -> [(Place, Option<Session>, &'static str); 3] {
    let front = Some(Session::of(ALICE.uid));
    let helper = format!("polkit-agent-helper@1-4097-1300-{}.service", ALICE.uid);
    [
        (session(|_| {}), None, "sudo"),
        (manager(), front.clone(), "sudo"),
        (unit(&helper), front, "polkit-1"),
    ]
}

fn asks(testbed: &mut Testbed, what: &str, elsewhere: &Session, admitted: bool) {
    for (place, front, service) in places() {
        sits(testbed, &place, front.as_ref());
        testbed.logind().says(|script| script.elsewhere = Some(elsewhere.clone()));
        let expected = if admitted { Reply::matched() } else { refused() };
        assert_eq!(verdict(testbed, "root", service), expected, "{what}: {place:?}");
    }
}

#[test]
fn a_program_of_the_desktop_is_refused_while_somebody_may_type_at_it_from_elsewhere() {
    let mut testbed = with_alice();
    let typed = Typed::now();
    let mut refuses = |what, session: &Session| asks(&mut testbed, what, session, false);
    refuses("ssh without a terminal", &Session::from_afar());
    refuses("ssh, somebody types", &elsewhere(|s| s.tty.clone_from(&typed.name)));
    // The owner of a terminal can set the time of its last input back.
    let path = format!("/dev/{}", typed.name);
    let set_back = Command::new("touch").args(["-a", "-d", "@0", &path]).status().unwrap();
    assert!(set_back.success() && fs::exists(&path).unwrap());
    refuses("ssh, set back", &elsewhere(|s| s.tty.clone_from(&typed.name)));
    refuses("a remote desktop", &elsewhere(|s| "wayland".clone_into(&mut s.kind)));
    refuses(
        "a desktop without a seat",
        &elsewhere(|s| {
            s.remote = false;
            "x11".clone_into(&mut s.kind);
        }),
    );
    refuses(
        "another seat",
        &elsewhere(|s| {
            s.remote = false;
            "seat1".clone_into(&mut s.seat);
        }),
    );
}

#[test]
fn a_session_at_which_nobody_can_type_any_more_refuses_nothing() {
    let mut testbed = with_alice();
    // An open session may have its terminal where the daemon does not see it.
    let hidden = elsewhere(|s| "pts/999999".clone_into(&mut s.tty));
    asks(&mut testbed, "ssh whose terminal is not found", &hidden, false);
    let mut admits = |what, session: &Session| asks(&mut testbed, what, session, true);
    admits("ssh that ended", &elsewhere(|s| "closing".clone_into(&mut s.state)));
    admits(
        "ssh that ended, whose terminal is gone",
        &elsewhere(|s| {
            "closing".clone_into(&mut s.state);
            "pts/999999".clone_into(&mut s.tty);
        }),
    );
    admits(
        "cron",
        &elsewhere(|s| {
            s.remote = false;
            "unspecified".clone_into(&mut s.kind);
        }),
    );
    admits(
        "another console",
        &elsewhere(|s| {
            s.remote = false;
            "seat0".clone_into(&mut s.seat);
            s.active = false;
        }),
    );
}

#[test]
fn a_session_from_elsewhere_never_closes_a_lock_screen() {
    let mut testbed = with_alice();
    let locked = Session { locked: true, ..Session::of(ALICE.uid) };
    for state in ["active", "closing"] {
        for (place, front) in [(Place::Session(locked.clone()), None), (manager(), Some(&locked))] {
            sits(&mut testbed, &place, front);
            let other = elsewhere(|s| state.clone_into(&mut s.state));
            testbed.logind().says(|script| script.elsewhere = Some(other));
            assert_eq!(verdict(&testbed, "alice", "kde"), Reply::matched(), "{state} {place:?}");
            // What is no lock screen is not admitted by that.
            assert_eq!(verdict(&testbed, "root", "sudo"), refused(), "{state} {place:?}");
        }
    }
}
