//! Every refusal of the contract, sent by a daemon.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE,
    fake_daemon::{FakeDaemon, FakeReply, ReplyBody},
};

use crate::{
    AUTH_ERR, IGNORE, MAXTRIES, UNAVAIL,
    attempt::Attempt,
    machine, stacks,
    table::{Expected, Table},
};

#[test]
fn every_refusal_in_every_stack_refuses_but_never_enrolled_under_nullok() {
    let testbed = machine();
    let mut table = Table::new("1-refusals");
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &says(Refusal::ALL[0])).unwrap();
    for &refusal in Refusal::ALL {
        daemon.set_reply(&says(refusal)).unwrap();
        let word = refusal.error_name().rsplit('.').next().unwrap();
        for nullok in [false, true] {
            let attempt = Attempt::of(ALICE, if nullok { "nullok" } else { "" });
            let passes = nullok && refusal == Refusal::NeverEnrolled;
            let expected = if passes {
                Expected::admitted(word, IGNORE)
            } else {
                Expected::refused(&[word], &[code(refusal)])
            };
            table.row(&testbed, &format!("refused: {word}"), &attempt, &stacks::all(), &expected);
        }
    }
    let runs = Refusal::ALL.len() * 2 * stacks::all().len();
    assert_eq!(daemon.asked().len(), runs, "every run has reached the daemon");
    table.close();
}

fn says(refusal: Refusal) -> FakeReply {
    FakeReply::says(ReplyBody::Error(refusal.error_name().to_owned()))
}

/// The code that `pam_fpass(8)` documents for a refusal; unlisted ones are unavailable.
pub(crate) fn code(refusal: Refusal) -> i32 {
    match refusal {
        Refusal::SeveralFaces | Refusal::AttackSuspected | Refusal::RecoveryRefused => AUTH_ERR,
        Refusal::LockedOut => MAXTRIES,
        _ => UNAVAIL,
    }
}
