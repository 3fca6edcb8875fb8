//! The scenarios with which fprintd tests its PAM module, told of faces. A face is judged once per
//! call of the application: what fprintd does by three tries inside the module is three calls here,
//! and it is the daemon that says when there were too many.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, Ground,
    stand_in::{Answer, Manner, Script, StandIn},
};

use crate::{
    AUTH_ERR, IGNORE, MAXTRIES, SUCCESS, UNAVAIL,
    attempt::Attempt,
    machine, stacks,
    table::{Expected, Table},
};

/// What the daemon says at one call, and what it makes of the login.
type Step = (Script, &'static str, i32);

#[test]
fn scenarios_of_fprintd_end_as_they_should() {
    let ground = machine();
    let mut table = Table::new("6-scenarios");
    let none = Attempt::of(ALICE, "timeout=2");
    let expected = Expected::refused(&["no-daemon"], &[UNAVAIL]);
    table.row(&ground, "no service", &none, &stacks::all(), &expected);

    let daemon = StandIn::start("stand-in", "fpassd", &says("match")).unwrap();
    for (name, steps) in scenarios() {
        for (index, (script, word, code)) in steps.iter().enumerate() {
            daemon.told(script).unwrap();
            let expected = match *code {
                SUCCESS => Expected::admitted(word, SUCCESS),
                code => Expected::refused(&[word], &[code]),
            };
            let what = format!("{name}, call {}", index + 1);
            table.row(&ground, &what, &none, &[stacks::shipped()], &expected);
        }
    }
    with_the_store(&mut table, &ground, &daemon);
    drop(daemon);
    leaving(&mut table, &ground);
    table.close();
}

fn says(word: &str) -> Script {
    Script::says(Answer::Word(word.to_owned()))
}

fn refuses(refusal: Refusal) -> Script {
    Script::says(Answer::Error(refusal.error_name().to_owned()))
}

fn scenarios() -> Vec<(&'static str, Vec<Step>)> {
    let matches = || (says("match"), "match", SUCCESS);
    let differs = || (says("no-match"), "no-match", AUTH_ERR);
    let refused = |refusal: Refusal, word| (refuses(refusal), word, UNAVAIL);
    let late = Script { answer: Answer::Word("match".to_owned()), manner: Manner::Never };
    vec![
        ("a match", vec![matches()]),
        ("no device", vec![refused(Refusal::NoCamera, "NoCamera")]),
        ("the device goes away", vec![refused(Refusal::CameraFailed, "CameraFailed")]),
        ("the device is claimed by another", vec![refused(Refusal::CameraBusy, "CameraBusy")]),
        ("the daemon cannot start", vec![refused(Refusal::NotReady, "NotReady")]),
        ("verification fails inside", vec![refused(Refusal::EngineFailed, "EngineFailed")]),
        (
            "an error that nobody knows",
            vec![(
                Script::says(Answer::Error("org.example.Error.Unknown".to_owned())),
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

/// Nothing enrolled, and what was enrolled is removed while somebody looks.
fn with_the_store(table: &mut Table, ground: &Ground, daemon: &StandIn) {
    let nullok = Attempt::of(ALICE, "timeout=2 nullok");
    daemon.told(&refuses(Refusal::NeverEnrolled)).unwrap();
    let plain = Attempt::of(ALICE, "timeout=2");
    let expected = Expected::refused(&["NeverEnrolled"], &[UNAVAIL]);
    table.row(ground, "nothing enrolled", &plain, &stacks::all(), &expected);
    let expected = Expected::admitted("NeverEnrolled", IGNORE);
    table.row(ground, "nothing enrolled", &nullok, &stacks::all(), &expected);
    let removed = Answer::Error(Refusal::Removed.error_name().to_owned());
    daemon.told(&Script { answer: removed, manner: Manner::After(200) }).unwrap();
    let expected = Expected::refused(&["Removed"], &[UNAVAIL]);
    table.row(ground, "removed while verifying", &nullok, &stacks::all(), &expected);
}

/// A verdict that is sent before it was asked for is none, and a service that goes is noticed.
fn leaving(table: &mut Table, ground: &Ground) {
    let gone = Script { answer: Answer::Nothing, manner: Manner::Leaving };
    let _daemon = StandIn::start("stand-in", "fpassd", &gone).unwrap();
    let attempt = Attempt::of(ALICE, "timeout=2 nullok");
    let expected = Expected::refused(&["connection-lost"], &[UNAVAIL]);
    table.row(ground, "the service disappears", &attempt, &[stacks::shipped()], &expected);
    let forger = fpass_tests::stand_in::Forger::start("bob", "replies").unwrap();
    let _daemon = StandIn::start("second", "fpassd", &says("no-match")).unwrap();
    let expected = Expected::refused(&["no-match"], &[AUTH_ERR]);
    for stack in stacks::all() {
        let what = "a match that nobody asked for, then no match";
        table.row(ground, what, &attempt, &[stack], &expected);
    }
    assert!(forger.sent() > 0);
}
