//! The scenarios with which fprintd tests its PAM module, for faces. A face is checked once per
//! call of the application: three tries inside fprintd's module are three calls here. The daemon
//! reports that there were too many.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, Testbed,
    fake_daemon::{Delivery, FakeDaemon, FakeReply, ReplyBody},
};

use crate::{
    AUTH_ERR, IGNORE, MAXTRIES, SUCCESS, UNAVAIL,
    attempt::Attempt,
    machine, stacks,
    table::{Expected, Table},
};

/// The daemon's answer to one call, and the expected result of the login.
type Step = (FakeReply, &'static str, i32);

#[test]
fn scenarios_of_fprintd_end_as_they_should() {
    let testbed = machine();
    let mut table = Table::new("6-scenarios");
    let none = Attempt::of(ALICE, "timeout=2");
    let expected = Expected::refused(&["no-daemon"], &[UNAVAIL]);
    table.row(&testbed, "no service", &none, &stacks::all(), &expected);

    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &says("match")).unwrap();
    for (name, steps) in scenarios() {
        for (index, (script, word, code)) in steps.iter().enumerate() {
            daemon.set_reply(script).unwrap();
            let expected = match *code {
                SUCCESS => Expected::admitted(word, SUCCESS),
                code => Expected::refused(&[word], &[code]),
            };
            let what = format!("{name}, call {}", index + 1);
            table.row(&testbed, &what, &none, &[stacks::shipped()], &expected);
        }
    }
    with_the_store(&mut table, &testbed, &daemon);
    drop(daemon);
    leaving(&mut table, &testbed);
    table.close();
}

fn says(word: &str) -> FakeReply {
    FakeReply::says(ReplyBody::Word(word.to_owned()))
}

fn refuses(refusal: Refusal) -> FakeReply {
    FakeReply::says(ReplyBody::Error(refusal.error_name().to_owned()))
}

fn scenarios() -> Vec<(&'static str, Vec<Step>)> {
    let matches = || (says("match"), "match", SUCCESS);
    let differs = || (says("no-match"), "no-match", AUTH_ERR);
    let refused = |refusal: Refusal, word| (refuses(refusal), word, UNAVAIL);
    let late = FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::Never);
    vec![
        ("a match", vec![matches()]),
        ("no device", vec![refused(Refusal::NoCamera, "NoCamera")]),
        ("the device goes away", vec![refused(Refusal::CameraFailed, "CameraFailed")]),
        ("the device is claimed by another", vec![refused(Refusal::CameraBusy, "CameraBusy")]),
        ("the daemon cannot start", vec![refused(Refusal::NotReady, "NotReady")]),
        ("verification fails inside", vec![refused(Refusal::EngineFailed, "EngineFailed")]),
        ("the daemon fails inside", vec![refused(Refusal::Internal, "Internal")]),
        (
            "an error that nobody knows",
            vec![(
                FakeReply::says(ReplyBody::Error("org.example.Error.Unknown".to_owned())),
                "version-skew",
                UNAVAIL,
            )],
        ),
        ("a result that nobody knows", vec![(says("verify-swipe"), "version-skew", UNAVAIL)]),
        (
            "retry: too dark, not clear, then a match",
            vec![
                refused(Refusal::TooDark, "TooDark"),
                refused(Refusal::Unclear, "Unclear"),
                matches(),
            ],
        ),
        ("a match at the last try", vec![differs(), differs(), matches()]),
        (
            "tries used up",
            vec![differs(), differs(), (refuses(Refusal::LockedOut), "LockedOut", MAXTRIES)],
        ),
        ("no answer in time", vec![(late, "deadline-passed", UNAVAIL)]),
        ("remote session", vec![refused(Refusal::RemoteSession, "RemoteSession")]),
    ]
}

/// No template is enrolled, or it is removed during an attempt.
fn with_the_store(table: &mut Table, testbed: &Testbed, daemon: &FakeDaemon) {
    let nullok = Attempt::of(ALICE, "timeout=2 nullok");
    daemon.set_reply(&refuses(Refusal::NeverEnrolled)).unwrap();
    let plain = Attempt::of(ALICE, "timeout=2");
    let expected = Expected::refused(&["NeverEnrolled"], &[UNAVAIL]);
    table.row(testbed, "nothing enrolled", &plain, &stacks::all(), &expected);
    let expected = Expected::admitted("NeverEnrolled", IGNORE);
    table.row(testbed, "nothing enrolled", &nullok, &stacks::all(), &expected);
    let removed = ReplyBody::Error(Refusal::Removed.error_name().to_owned());
    daemon.set_reply(&FakeReply::delivering(removed, Delivery::After(200))).unwrap();
    let expected = Expected::refused(&["Removed"], &[UNAVAIL]);
    table.row(testbed, "removed while verifying", &nullok, &stacks::all(), &expected);
}

/// A verdict before the call is ignored, and a service that leaves is noticed.
fn leaving(table: &mut Table, testbed: &Testbed) {
    let gone = FakeReply::delivering(ReplyBody::Nothing, Delivery::Leaving);
    let _daemon = FakeDaemon::start("fake-daemon", "fpassd", &gone).unwrap();
    let attempt = Attempt::of(ALICE, "timeout=2 nullok");
    let expected = Expected::refused(&["connection-lost"], &[UNAVAIL]);
    table.row(testbed, "the service disappears", &attempt, &[stacks::shipped()], &expected);
    let forger = fpass_tests::fake_daemon::Forger::start("bob", "replies").unwrap();
    let _daemon = FakeDaemon::start("second", "fpassd", &says("no-match")).unwrap();
    let expected = Expected::refused(&["no-match"], &[AUTH_ERR]);
    for stack in stacks::all() {
        let what = "a match that nobody asked for, then no match";
        table.row(testbed, what, &attempt, &[stack], &expected);
    }
    assert!(forger.sent() > 0);
}
