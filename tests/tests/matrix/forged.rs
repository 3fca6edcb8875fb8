//! Other connections on the bus that send what only the daemon may send.

use std::thread;

use fpass_proto::{Prompt, names::BUS_NAME};
use fpass_tests::{
    ALICE, BOB, Testbed,
    bus::let_own,
    fake_daemon::{Delivery, FakeDaemon, FakeReply, Forger, ReplyBody},
    watch::wait_until,
};

use crate::{
    SUCCESS, UNAVAIL,
    attempt::Attempt,
    faults::{believed, four, four_refused},
    machine, prompts, stacks,
    table::{Expected, Table},
};

#[test]
fn nobody_else_on_the_bus_is_believed() {
    let testbed = machine();
    let mut table = Table::new("4-forged");
    forged_replies(&mut table, &testbed);
    forged_signals(&mut table, &testbed);
    forged_prompts(&mut table, &testbed);
    exchanged(&mut table, &testbed);
    oversized(&mut table, &testbed);
    accounts(&mut table, &testbed);
    table.close();
}

fn knows_alice(delivery: Delivery) -> FakeReply {
    FakeReply::knows(ALICE, delivery)
}

/// Bob sends a verdict with every serial that the call may have, and the error "never enrolled".
fn forged_replies(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &knows_alice(Delivery::Never)).unwrap();
    let forger = Forger::start(BOB.name, "replies").unwrap();
    let expected = Expected::refused(&["deadline-passed"], &[UNAVAIL]);
    for (name, attempt) in four("timeout=1") {
        let before = forger.sent();
        let what = format!("replies forged by bob: {name}");
        table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
        // The module is the newest connection on the bus, so the forged messages are for it.
        let sent = forger.sent() - before;
        assert!(sent > 100, "{what}: {sent} forgeries");
    }
    assert_eq!(daemon.asked().len(), 4);
    table.note(&format!("({} forged replies were sent)", forger.sent()));
}

/// Bob announces that the daemon left and returned, or sends messages without a recipient; the
/// verdict of the real daemon counts.
fn forged_signals(table: &mut Table, testbed: &Testbed) {
    let _daemon =
        FakeDaemon::start("fake-daemon", "fpassd", &knows_alice(Delivery::After(800))).unwrap();
    for (kind, what) in [("signals", "forged signals"), ("flood", "signals of 16 MiB")] {
        let forger = Forger::start(BOB.name, kind).unwrap();
        for (name, attempt) in four("timeout=5") {
            let expected = believed(name, &attempt);
            let what = format!("{what} by bob: {name}");
            let before = forger.sent();
            table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
            // Each row has a new connection, and the count follows the messages sent to it.
            wait_until("something is forged", || forger.sent() > before);
        }
        table.note(&format!("({} {what} were sent)", forger.sent()));
    }
}

/// Bob asks the user to turn the head, and for the password. Only the daemon's prompt is shown.
fn forged_prompts(table: &mut Table, testbed: &Testbed) {
    let _daemon =
        FakeDaemon::start("fake-daemon", "fpassd", &knows_alice(Delivery::After(800))).unwrap();
    let forger = Forger::start(BOB.name, "prompts").unwrap();
    for (name, attempt) in four("timeout=5") {
        let (expected, before) = (believed(name, &attempt), forger.sent());
        let what = format!("prompts forged by bob: {name}");
        let endings = table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
        wait_until("something is forged", || forger.sent() > before);
        if prompts::shown(&endings[0]) != [Prompt::Look.sentence()] {
            table.wrong(format!("{what}: {:?}", endings[0].transcript));
        }
    }
    table.note(&format!("({} prompts were forged)", forger.sent()));
}

/// Another connection of the daemon's account takes the name during the attempt. Either the
/// previous owner answers, or the new owner answers a call that it never got.
fn exchanged(table: &mut Table, testbed: &Testbed) {
    for (delivery, what, words) in [
        (Delivery::OnceReplaced, "the old owner answers", &["owner-changed"][..]),
        (Delivery::Never, "nobody answers", &["owner-changed"]),
    ] {
        for (name, attempt) in four("timeout=2") {
            let first = FakeDaemon::start("fake-daemon", "fpassd", &knows_alice(delivery)).unwrap();
            let ending = thread::scope(|scope| {
                let run = scope.spawn(|| attempt.run(testbed, &stacks::shipped()));
                wait_until("the daemon is asked", || !first.asked().is_empty());
                let second = knows_alice(Delivery::AtOnce);
                let second = FakeDaemon::start("usurper", "fpassd", &second).unwrap();
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
fn oversized(table: &mut Table, testbed: &Testbed) {
    let daemon =
        FakeDaemon::start("fake-daemon", "fpassd", &knows_alice(Delivery::AtOnce)).unwrap();
    for (answer, what, words) in [
        (ReplyBody::Long(15_000), "a word of 15,000 bytes", &["version-skew"][..]),
        (ReplyBody::Many(1000), "a thousand words", &["version-skew"]),
        // A message above 16 KiB is not read.
        (ReplyBody::Long(17_000), "a word of 17,000 bytes", &["deadline-passed"]),
        (ReplyBody::Many(5000), "five thousand words", &["deadline-passed"]),
        (ReplyBody::Long(1 << 20), "a word of 1 MiB", &["deadline-passed"]),
        (ReplyBody::Long(30 << 20), "a word of 30 MiB", &["deadline-passed"]),
        (ReplyBody::Many(1_000_000), "a million words", &["deadline-passed"]),
    ] {
        daemon.set_reply(&FakeReply::says(answer)).unwrap();
        four_refused(table, testbed, what, words, &[UNAVAIL]);
    }
    drop(daemon);
    for (name, attempt) in four("timeout=2") {
        let script = FakeReply::says(ReplyBody::Long(60 << 20));
        // The bus disconnects a sender of this size.
        let _daemon = FakeDaemon::start("fake-daemon", "fpassd", &script).unwrap();
        let what = format!("a word of 60 MiB: {name}");
        let expected = Expected::refused(&["connection-lost"], &[UNAVAIL]);
        table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
    }
}

/// The account of the name's owner decides: bob's is refused before it is called, root's is
/// believed.
fn accounts(table: &mut Table, testbed: &Testbed) {
    let_own(testbed, BOB.name, &[BUS_NAME]).unwrap();
    let bobs = FakeDaemon::start("fake-daemon", BOB.name, &knows_alice(Delivery::AtOnce)).unwrap();
    four_refused(table, testbed, "the name is bob's", &["wrong-owner"], &[UNAVAIL]);
    assert_eq!(bobs.asked(), [""; 0], "bob's daemon was asked");
    drop(bobs);
    let_own(testbed, "root", &[BUS_NAME]).unwrap();
    let _roots = FakeDaemon::start("fake-daemon", "root", &knows_alice(Delivery::AtOnce)).unwrap();
    let expected = Expected::admitted("match", SUCCESS);
    let attempt = Attempt::of(ALICE, "timeout=2");
    table.row(testbed, "the name is root's: alice", &attempt, &[stacks::shipped()], &expected);
}
