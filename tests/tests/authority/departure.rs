//! Callers who leave before it is clear who they are or what they may. A look-up that fails, or a
//! yes about somebody who is gone, must not become a permission.

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, ENROLMENT_INTERFACE, OBJECT_PATH},
};
use fpass_tests::{
    ALICE, Beside, Ground,
    polkit::{Behaviour, MANAGE_OTHERS},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::{FPASS_ENROLL, in_state, matched, uid, with_alice};

/// Bob asks for the removal of alice's F-pass, and polkit waits for an administrator's password.
fn bob_is_asked(ground: &Ground) -> Beside {
    ground.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let clear = ["clear", "--yes", "--user", "alice"];
    let caller = Beside::start("bob", FPASS_ENROLL, &clear).unwrap();
    wait_until("bob is asked for a password", || ground.authority.questions() == 2);
    caller
}

fn clearings(ground: &Ground, refusal: Refusal) -> usize {
    let log = ground.daemon_log();
    let lines = log.lines().filter(|line| line.contains("clearing for uid"));
    lines.filter(|line| line.contains(refusal.error_name())).count()
}

#[test]
fn a_caller_that_is_gone_before_it_is_known_is_nobody() {
    let ground = with_alice();
    ground.authority.does(MANAGE_OTHERS, Behaviour::Grant);
    let member = format!("{ENROLMENT_INTERFACE}.Clear");
    let destination = format!("--dest={BUS_NAME}");
    let subject = uid(ALICE);
    let words =
        ["--system", "--type=method_call", &destination, OBJECT_PATH, &member, subject.as_str()];
    // The bus may still know whose connection it was, and say that it has ended right afterwards.
    let refused = || {
        let unknown = ground.daemon_log().matches("a caller without a known user").count();
        unknown + clearings(&ground, Refusal::Cancelled)
    };
    for caller in ["bob", "alice", "root"] {
        let before = refused();
        // The call waits before a daemon that stands still; its caller is gone when it goes on.
        ground.signal_daemon(Signal::SIGSTOP).unwrap();
        assert_eq!(ground.run(caller, "dbus-send", &words).unwrap().code, Some(0));
        ground.signal_daemon(Signal::SIGCONT).unwrap();
        wait_until("the caller is refused", || refused() > before);
        assert_eq!(ground.authority.asked(), [], "{caller}");
        in_state(&ground, ALICE, EnrolmentState::Enrolled, caller);
    }
    matched(&ground, ALICE);
}

#[test]
fn a_question_is_withdrawn_when_its_caller_leaves_or_stops() {
    let ground = with_alice();
    for (number, signal) in [Signal::SIGKILL, Signal::SIGINT].into_iter().enumerate() {
        let caller = bob_is_asked(&ground);
        caller.signal(signal).unwrap();
        let mut withdrawn = Vec::new();
        wait_until("the question is withdrawn", || {
            withdrawn.extend(ground.authority.withdrawn());
            !withdrawn.is_empty()
        });
        let open = ground.authority.asked().pop().unwrap();
        assert!(open.interactive);
        assert_eq!(withdrawn, [open.cancellation], "{signal}");
        // Whoever typed goes on and is right, for nobody.
        ground.authority.release();
        wait_until("the journal says so", || clearings(&ground, Refusal::Cancelled) > number);
        in_state(&ground, ALICE, EnrolmentState::Enrolled, "its caller left");
    }
}

#[test]
fn a_yes_about_a_caller_that_is_gone_is_nobody_s() {
    let ground = with_alice();
    let mut caller = bob_is_asked(&ground);
    // The yes and the news that bob is gone wait side by side for the daemon.
    ground.signal_daemon(Signal::SIGSTOP).unwrap();
    caller.signal(Signal::SIGKILL).unwrap();
    assert_eq!(caller.code(), None);
    ground.authority.release();
    ground.signal_daemon(Signal::SIGCONT).unwrap();
    wait_until("the journal says so", || clearings(&ground, Refusal::Cancelled) > 0);
    in_state(&ground, ALICE, EnrolmentState::Enrolled, "its caller left");
}
