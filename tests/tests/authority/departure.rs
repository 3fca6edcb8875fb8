//! Callers who leave before they are identified or authorised. Neither a failed look-up nor an
//! authorisation for a closed connection may become a permission.

use fpass_proto::{
    EnrolmentState, Refusal,
    names::{BUS_NAME, ENROLMENT_INTERFACE, OBJECT_PATH},
};
use fpass_tests::{
    ALICE, Background, Testbed,
    polkit::{Behaviour, MANAGE_OTHERS},
    watch::wait_until,
};
use nix::sys::signal::Signal;

use crate::{FPASS_ENROLL, in_state, matched, with_alice};

/// Bob asks for the removal of alice's F-pass, and polkit waits for an administrator's password.
fn bob_is_asked(testbed: &Testbed) -> Background {
    testbed.authority.does(MANAGE_OTHERS, Behaviour::SlowPassword);
    let clear = ["clear", "--yes", "--user", "alice"];
    let caller = Background::start("bob", FPASS_ENROLL, &clear).unwrap();
    wait_until("bob is asked for a password", || testbed.authority.questions() == 2);
    caller
}

fn clearings(testbed: &Testbed, refusal: Refusal) -> usize {
    let log = testbed.daemon_log();
    let lines = log.lines().filter(|line| line.contains("clearing for uid"));
    lines.filter(|line| line.contains(refusal.error_name())).count()
}

#[test]
fn a_caller_that_is_gone_before_it_is_known_is_nobody() {
    let testbed = with_alice();
    testbed.authority.does(MANAGE_OTHERS, Behaviour::Grant);
    let member = format!("{ENROLMENT_INTERFACE}.Clear");
    let destination = format!("--dest={BUS_NAME}");
    let subject = ALICE.uid_argument();
    // The caller asks for a reply, and leaves without waiting for it.
    let words = [
        "--system",
        "--print-reply",
        "--reply-timeout=1",
        &destination,
        OBJECT_PATH,
        &member,
        subject.as_str(),
    ];
    // The bus may still know the owner of the connection, and report its end right afterwards.
    let refused = || {
        let unknown = testbed.daemon_log().matches("kind=\"refused calls\"").count();
        unknown + clearings(&testbed, Refusal::Cancelled)
    };
    for caller in ["bob", "alice", "root"] {
        let before = refused();
        // The call waits for a stopped daemon; its caller is gone when the daemon continues.
        testbed.signal_daemon(Signal::SIGSTOP).unwrap();
        assert_eq!(testbed.run(caller, "dbus-send", &words).unwrap().code, Some(1));
        testbed.signal_daemon(Signal::SIGCONT).unwrap();
        wait_until("the caller is refused", || refused() > before);
        assert_eq!(testbed.authority.asked(), [], "{caller}");
        in_state(&testbed, ALICE, EnrolmentState::Enrolled, caller);
    }
    matched(&testbed, ALICE);
}

#[test]
fn a_question_is_withdrawn_when_its_caller_leaves_or_stops() {
    let testbed = with_alice();
    for (number, signal) in [Signal::SIGKILL, Signal::SIGINT].into_iter().enumerate() {
        let caller = bob_is_asked(&testbed);
        caller.signal(signal).unwrap();
        let mut withdrawn = Vec::new();
        wait_until("the question is withdrawn", || {
            withdrawn.extend(testbed.authority.withdrawn());
            !withdrawn.is_empty()
        });
        let open = testbed.authority.asked().pop().unwrap();
        assert!(open.interactive);
        assert_eq!(withdrawn, [open.cancellation], "{signal}");
        // The administrator types the right password, but the caller is gone.
        testbed.authority.release();
        wait_until("the journal says so", || clearings(&testbed, Refusal::Cancelled) > number);
        in_state(&testbed, ALICE, EnrolmentState::Enrolled, "its caller left");
    }
}

#[test]
fn a_yes_about_a_caller_that_is_gone_is_nobody_s() {
    let testbed = with_alice();
    let mut caller = bob_is_asked(&testbed);
    // polkit's yes and the end of bob's connection wait for the daemon at the same time.
    testbed.signal_daemon(Signal::SIGSTOP).unwrap();
    caller.signal(Signal::SIGKILL).unwrap();
    assert_eq!(caller.code(), None);
    testbed.authority.release();
    testbed.signal_daemon(Signal::SIGCONT).unwrap();
    wait_until("the journal says so", || clearings(&testbed, Refusal::Cancelled) > 0);
    in_state(&testbed, ALICE, EnrolmentState::Enrolled, "its caller left");
}
