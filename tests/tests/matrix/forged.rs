//! Others on the bus who say what only the daemon may say.

use std::thread;

use fpass_proto::names::BUS_NAME;
use fpass_tests::{
    ALICE, BOB, Ground,
    bus::let_own,
    stand_in::{Answer, Forger, Manner, Script, StandIn},
    watch::wait_until,
};

use crate::{
    SUCCESS, UNAVAIL,
    attempt::Attempt,
    faults::{believed, four, four_refused},
    machine, stacks,
    table::{Expected, Table},
};

#[test]
fn nobody_else_on_the_bus_is_believed() {
    let ground = machine();
    let mut table = Table::new("4-forged");
    forged_replies(&mut table, &ground);
    forged_signals(&mut table, &ground);
    exchanged(&mut table, &ground);
    oversized(&mut table, &ground);
    accounts(&mut table, &ground);
    table.close();
}

fn knows_alice(manner: Manner) -> Script {
    Script::knows(ALICE, manner)
}

/// Bob sends a verdict with every serial that the call may have, and the error that opens the way.
fn forged_replies(table: &mut Table, ground: &Ground) {
    let daemon = StandIn::start("stand-in", "fpassd", &knows_alice(Manner::Never)).unwrap();
    let forger = Forger::start(BOB.name, "replies").unwrap();
    let expected = Expected::refused(&["deadline-passed"], &[UNAVAIL]);
    for (name, attempt) in four("timeout=1") {
        let before = forger.sent();
        let what = format!("replies forged by bob: {name}");
        table.row(ground, &what, &attempt, &[stacks::shipped()], &expected);
        // The module is the bus's newcomer: what has been sent was meant for it.
        let sent = forger.sent() - before;
        assert!(sent > 100, "{what}: {sent} forgeries");
    }
    assert_eq!(daemon.asked().len(), 4);
    table.note(&format!("({} forged replies were sent)", forger.sent()));
}

/// Bob announces that the daemon has gone and come, or sends what is meant for nobody; the verdict
/// of the real daemon stands.
fn forged_signals(table: &mut Table, ground: &Ground) {
    let _daemon = StandIn::start("stand-in", "fpassd", &knows_alice(Manner::After(800))).unwrap();
    for (kind, what) in [("signals", "forged signals"), ("flood", "signals of 16 MiB")] {
        let forger = Forger::start(BOB.name, kind).unwrap();
        for (name, attempt) in four("timeout=5") {
            let expected = believed(name, &attempt);
            let what = format!("{what} by bob: {name}");
            let before = forger.sent();
            table.row(ground, &what, &attempt, &[stacks::shipped()], &expected);
            // Each row brings a newcomer, and the count follows what was sent to it.
            wait_until("something is forged", || forger.sent() > before);
        }
        table.note(&format!("({} {what} were sent)", forger.sent()));
    }
}

/// Another connection of the daemon's own account takes the name in the middle; the first owner
/// answers when it is no longer, or the second answers a call that it never got.
fn exchanged(table: &mut Table, ground: &Ground) {
    for (manner, what, words) in [
        (Manner::OnceReplaced, "the old owner answers", &["owner-changed"][..]),
        (Manner::Never, "nobody answers", &["owner-changed"]),
    ] {
        for (name, attempt) in four("timeout=2") {
            let first = StandIn::start("stand-in", "fpassd", &knows_alice(manner)).unwrap();
            let ending = thread::scope(|scope| {
                let run = scope.spawn(|| attempt.run(ground, &stacks::shipped()));
                wait_until("the daemon is asked", || !first.asked().is_empty());
                let second = knows_alice(Manner::AtOnce);
                let second = StandIn::start("usurper", "fpassd", &second).unwrap();
                let ending = run.join().unwrap();
                assert_eq!(second.asked(), [""; 0], "the module has asked again");
                ending
            });
            let what = format!("a new owner, {what}: {name}");
            let expected = Expected::refused(words, &[UNAVAIL]);
            let arguments = attempt.arguments();
            table.judge(&what, arguments, &[stacks::shipped()], &[ending], &expected);
        }
    }
}

/// Replies that no daemon of ours sends. The bus itself passes on at most 32 MiB.
fn oversized(table: &mut Table, ground: &Ground) {
    let daemon = StandIn::start("stand-in", "fpassd", &knows_alice(Manner::AtOnce)).unwrap();
    for (answer, what, words) in [
        (Answer::Long(15_000), "a word of 15,000 bytes", &["version-skew"][..]),
        (Answer::Many(1000), "a thousand words", &["version-skew"]),
        // What is larger than 16 KiB is not read.
        (Answer::Long(17_000), "a word of 17,000 bytes", &["deadline-passed"]),
        (Answer::Many(5000), "five thousand words", &["deadline-passed"]),
        (Answer::Long(1 << 20), "a word of 1 MiB", &["deadline-passed"]),
        (Answer::Long(30 << 20), "a word of 30 MiB", &["deadline-passed"]),
        (Answer::Many(1_000_000), "a million words", &["deadline-passed"]),
    ] {
        daemon.told(&Script::says(answer)).unwrap();
        four_refused(table, ground, what, words, &[UNAVAIL]);
    }
    drop(daemon);
    for (name, attempt) in four("timeout=2") {
        let script = Script::says(Answer::Long(60 << 20));
        // The bus throws a sender of so much out.
        let _daemon = StandIn::start("stand-in", "fpassd", &script).unwrap();
        let what = format!("a word of 60 MiB: {name}");
        let expected = Expected::refused(&["connection-lost"], &[UNAVAIL]);
        table.row(ground, &what, &attempt, &[stacks::shipped()], &expected);
    }
}

/// The account behind the name decides: bob's is refused before it is asked, root's is believed.
fn accounts(table: &mut Table, ground: &Ground) {
    let_own(ground, BOB.name, BUS_NAME).unwrap();
    let bobs = StandIn::start("stand-in", BOB.name, &knows_alice(Manner::AtOnce)).unwrap();
    four_refused(table, ground, "the name is bob's", &["wrong-owner"], &[UNAVAIL]);
    assert_eq!(bobs.asked(), [""; 0], "bob's daemon was asked");
    drop(bobs);
    let_own(ground, "root", BUS_NAME).unwrap();
    let _roots = StandIn::start("stand-in", "root", &knows_alice(Manner::AtOnce)).unwrap();
    let expected = Expected::admitted("match", SUCCESS);
    let attempt = Attempt::of(ALICE, "timeout=2");
    table.row(ground, "the name is root's: alice", &attempt, &[stacks::shipped()], &expected);
}
