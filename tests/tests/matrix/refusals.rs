//! Every refusal that the contract knows, as a daemon says it.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE,
    stand_in::{Answer, Script, StandIn},
};

use crate::{
    AUTH_ERR, IGNORE, MAXTRIES, UNAVAIL, USER_UNKNOWN,
    attempt::Attempt,
    machine, stacks,
    table::{Expected, Table},
};

#[test]
fn every_refusal_in_every_stack_refuses_but_never_enrolled_under_nullok() {
    let ground = machine();
    let mut table = Table::new("1-refusals");
    let daemon = StandIn::start("stand-in", "fpassd", &says(Refusal::ALL[0])).unwrap();
    for &refusal in Refusal::ALL {
        daemon.told(&says(refusal)).unwrap();
        let word = refusal.error_name().rsplit('.').next().unwrap();
        for nullok in [false, true] {
            let attempt = Attempt::of(ALICE, if nullok { "nullok" } else { "" });
            let passes = nullok && refusal == Refusal::NeverEnrolled;
            let expected = if passes {
                Expected::admitted(word, IGNORE)
            } else {
                Expected::refused(&[word], &[code(refusal)])
            };
            table.row(&ground, &format!("refused: {word}"), &attempt, &stacks::all(), &expected);
        }
    }
    let runs = Refusal::ALL.len() * 2 * stacks::all().len();
    assert_eq!(daemon.asked().len(), runs, "every run has reached the daemon");
    table.close();
}

fn says(refusal: Refusal) -> Script {
    Script::says(Answer::Error(refusal.error_name().to_owned()))
}

/// The code that `pam_fpass(8)` gives a refusal. What is not named there is unavailable.
fn code(refusal: Refusal) -> i32 {
    match refusal {
        Refusal::SeveralFaces | Refusal::AttackSuspected | Refusal::RecoveryRefused => AUTH_ERR,
        Refusal::LockedOut => MAXTRIES,
        Refusal::UnknownUser | Refusal::MalformedUserName => USER_UNKNOWN,
        _ => UNAVAIL,
    }
}
