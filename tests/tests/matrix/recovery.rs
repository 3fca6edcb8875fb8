//! Lines with `recovery`.

use fpass_proto::{Refusal, RefusalClass};
use fpass_tests::{
    ALICE, Testbed,
    fake_daemon::{Codes, Delivery, FakeDaemon, FakeReply, ReplyBody},
    pam::Conversation,
};

use crate::{
    AUTH_ERR, CONV_ERR, MAXTRIES, SERVICE_ERR, SUCCESS, UNAVAIL,
    attempt::Attempt,
    stacks::{self, Stack},
    table::{Expected, Table},
};

const RIGHT: &str = "3-ABCD-EFGH-JKMN-PQRS";
const WRONG: &str = "3-ABCD-EFGH-JKMN-PQRT";

/// Whether a code is asked for after this refusal.
fn leads_to_the_question(refusal: Refusal) -> bool {
    match refusal.class() {
        RefusalClass::Camera | RefusalClass::View | RefusalClass::Lockout => true,
        RefusalClass::Enrolment => refusal == Refusal::Removed,
        RefusalClass::Store => refusal != Refusal::RecoveryUnreadable,
        RefusalClass::Daemon => refusal != Refusal::NotReady,
        RefusalClass::Permission
        | RefusalClass::Locality
        | RefusalClass::Usage
        | RefusalClass::Naming
        | RefusalClass::Bundle
        | RefusalClass::Mismatch
        | RefusalClass::Cancellation => false,
    }
}

fn typing(line: &str, typed: &[&str]) -> Attempt {
    let answers = typed.iter().map(|&text| text.to_owned()).collect();
    Attempt::of(ALICE, line).with(|request| request.conversation = Conversation::Answers(answers))
}

fn refuses(refusal: Refusal) -> FakeReply {
    FakeReply::says(ReplyBody::Error(refusal.error_name().to_owned()))
}

/// The stacks in which the password comes first; in the others no code is asked for.
fn after_the_password() -> Vec<Stack> {
    stacks::all().into_iter().filter(|stack| stack.name != "first").collect()
}

/// Every kind of stack with every kind of reply to the question.
pub(crate) fn rows(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("recovering", "fpassd", &refuses(Refusal::NoCamera)).unwrap();
    let password = ALICE.password;
    let mut row = |what: &str, attempt: &Attempt, stacks: &[Stack], expected: &Expected| {
        for attempt in [attempt.clone(), attempt.clone().adding("nullok")] {
            table.row(testbed, what, &attempt, stacks, expected);
        }
    };
    let no_camera = Expected::refused(&["NoCamera"], &[UNAVAIL]);
    let plain = typing("timeout=2", &[password, RIGHT]);
    let asked = typing("timeout=2 recovery", &[password, RIGHT]);

    // An older daemon, one without codes, and a line that does not ask.
    row("recovery: an older daemon", &asked, &stacks::all(), &no_camera);
    let codes = |left| Codes { left, right: RIGHT.to_owned() };
    daemon.set_codes(&codes(0)).unwrap();
    row("recovery: no codes", &asked, &stacks::all(), &no_camera);
    daemon.set_codes(&codes(3)).unwrap();
    row("a code, but no recovery", &plain, &stacks::all(), &no_camera);
    let quiet = asked.clone().adding("quiet");
    let bad = Expected::refused(&["bad-arguments"], &[SERVICE_ERR]);
    row("recovery and quiet", &quiet, &stacks::all(), &bad);
    let first: Vec<Stack> = stacks::all().into_iter().filter(|s| s.name == "first").collect();
    row("recovery before a password", &asked, &first, &no_camera);
    assert_eq!(daemon.redeemed(), [""; 0], "a code was taken that nobody was asked for");

    let stacks = after_the_password();
    let given_up = typing("timeout=2 recovery", &[password, ""]);
    row("recovery: given up", &given_up, &stacks, &no_camera);
    let broken = typing("timeout=2 recovery", &[password]);
    let failed = Expected::refused(&["conversation-failed"], &[CONV_ERR]);
    row("recovery: the question is cancelled", &broken, &stacks, &failed);
    let refused = Expected::refused(&["RecoveryRefused"], &[AUTH_ERR]);
    let long = "0".repeat(100_000);
    row("recovery: too long", &typing("timeout=2 recovery", &[password, &long]), &stacks, &refused);
    assert_eq!(daemon.redeemed(), [""; 0]);
    row("recovery: wrong", &typing("timeout=2 recovery", &[password, WRONG]), &stacks, &refused);
    let admitted = Expected::admitted("recovered", SUCCESS);
    row("recovery: right", &asked, &stacks, &admitted);
    let silent = asked.clone().with(|request| request.silent = true);
    row("recovery: right, PAM_SILENT", &silent, &stacks, &admitted);
    // The question is asked although no text can be shown; the one answer is not a code.
    let deaf = Conversation::FailsWhenTold(password.to_owned(), CONV_ERR);
    let untold = asked.clone().with(|request| request.conversation = deaf.clone());
    row("recovery: no text can be shown", &untold, &stacks, &refused);
    wrong_password(table, testbed);

    for refusal in Refusal::ALL {
        daemon.set_reply(&refuses(*refusal)).unwrap();
        let word = refusal.error_name().rsplit('.').next().unwrap();
        let expected = match refusal {
            refusal if leads_to_the_question(*refusal) => Expected::admitted("recovered", SUCCESS),
            Refusal::AttackSuspected | Refusal::RecoveryRefused => {
                Expected::refused(&[word], &[AUTH_ERR])
            }
            Refusal::LockedOut => Expected::refused(&[word], &[MAXTRIES]),
            _ => Expected::refused(&[word], &[UNAVAIL]),
        };
        table.row(testbed, &format!("recovery: {word}"), &asked, &stacks, &expected);
    }
    daemon.set_reply(&FakeReply::says(ReplyBody::Word("no-match".to_owned()))).unwrap();
    table.row(testbed, "recovery: no match", &asked, &stacks, &admitted);
    let never = FakeReply::delivering(ReplyBody::Nothing, Delivery::Never);
    daemon.set_reply(&never).unwrap();
    table.row(testbed, "recovery: no answer about the face", &asked, &stacks, &admitted);
}

/// A right code does not make up for a wrong password.
fn wrong_password(table: &mut Table, testbed: &Testbed) {
    let attempt = typing("timeout=2 recovery", &["guess", RIGHT]);
    for stack in after_the_password() {
        let asked = !matches!(stack.name, "shipped" | "debian");
        let expected = if asked {
            Expected::refused(&["recovered"], &[SUCCESS])
        } else {
            Expected::refused(&["-"], &[-1])
        };
        let expected = expected.overall(AUTH_ERR);
        table.row(testbed, "recovery: right, wrong password", &attempt, &[stack], &expected);
    }
}
