//! Faults in the process of the application during an attempt: memory, descriptors, signals,
//! panics. The application survives all of them.

use fpass_tests::{
    ALICE, Account, CAROL, Testbed,
    fake_daemon::{Delivery, FakeDaemon, FakeReply, ReplyBody},
    pam::{Conversation, HostFault},
};

use crate::{
    ABORT, BUF_ERR, IGNORE, SUCCESS, UNAVAIL,
    attempt::Attempt,
    faults::{believed, four, four_refused_as},
    machine,
    stacks::{self, Stack},
    table::{Expected, Table},
};

/// Number of allocations that are made to fail, spread over those of one attempt.
const ALLOCATIONS: u32 = 60;

/// The allocation after a larger block was freed (`pam-fpass/src/reserve.rs`). Nothing can replace
/// it.
const HANDLE_OF_THE_THREAD: u32 = 6;
/// Allocations before that larger block: the copies of the arguments. When only one of them comes
/// from the reserve, the attempt lacks nothing.
const BEFORE_THE_ATTEMPT: u32 = HANDLE_OF_THE_THREAD - 2;
/// Upper bound of the allocations after the verdict: the log line, and a few that differ between
/// runs. A failure among them, or beyond the last, may change nothing.
const AFTER_THE_VERDICT: u32 = 16;
/// Number of counted attempts without a fault; the smallest count is compared.
const COUNTED: u32 = 3;

#[test]
fn whatever_befalls_the_process_it_goes_on_and_nobody_is_admitted() {
    let testbed = machine();
    let mut table = Table::new("5-process");
    let script = FakeReply::knows(ALICE, Delivery::AtOnce);
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &script).unwrap();
    signals(&mut table, &testbed, &daemon);
    conversations(&mut table, &testbed);
    four_refused_as(
        &mut table,
        &testbed,
        "no descriptor is left",
        |attempt| attempt.with(|request| request.fault = HostFault::Descriptors),
        &Expected::refused(&["no-resources"], &[UNAVAIL]).overall(crate::SYSTEM_ERR),
    );
    panics(&mut table, &testbed);
    allocations(&mut table, &testbed);
    address_space(&mut table, &testbed, &daemon);
    table.close();
}

/// A storm of signals neither ends an attempt nor lengthens it.
fn signals(table: &mut Table, testbed: &Testbed, daemon: &FakeDaemon) {
    daemon.set_reply(&FakeReply::knows(ALICE, Delivery::After(300))).unwrap();
    for (name, attempt) in four("timeout=5") {
        let attempt = attempt.with(|request| request.fault = HostFault::Signals);
        let expected = believed(name, &attempt);
        let what = format!("a storm of signals: {name}");
        table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
    }
    daemon.set_reply(&FakeReply::knows(ALICE, Delivery::Never)).unwrap();
    four_refused_as(
        table,
        testbed,
        "a storm of signals and no answer",
        |attempt| attempt.with(|request| request.fault = HostFault::Signals),
        &Expected::refused(&["deadline-passed"], &[UNAVAIL]),
    );
    daemon.set_reply(&FakeReply::knows(ALICE, Delivery::AtOnce)).unwrap();
}

/// An application that returns no reply to a message without a question has answered.
fn conversations(table: &mut Table, testbed: &Testbed) {
    let attempt = Attempt::of(ALICE, "timeout=2").with(|request| {
        request.conversation = Conversation::LeavesNoReply(ALICE.password.to_owned());
    });
    let expected = Expected::admitted("match", SUCCESS);
    table.row(testbed, "the conversation leaves NULL", &attempt, &stacks::all(), &expected);
}

/// Panics at every place where the shipped module can be made to panic from outside: at each
/// reading of the clock (`Instant::now` panics when the clock fails) and at each look-up in the
/// user database (with an impossible buffer size).
fn panics(table: &mut Table, testbed: &Testbed) {
    let panicked = Expected::refused(&["panicked"], &[ABORT]);
    for (function, value) in [("clock_gettime", 0), ("sysconf", -2)] {
        let counted = Attempt::of(ALICE, "timeout=2 debug")
            .failing(&format!("{function}:1000000:1000000:{value}"))
            .run(testbed, &stacks::shipped());
        assert!(counted.calls >= 2, "{function}: {counted:?}");
        // The number of turns of the runtime varies between runs; the first calls do not.
        for call in 1..=counted.calls.min(12) {
            for account in [ALICE, CAROL] {
                let attempt = Attempt::of(account, "timeout=2 debug nullok")
                    .failing(&format!("{function}:{call}:{call}:{value}"));
                let what = format!("a panic at {function} {call}: {}", account.name);
                table.row(testbed, &what, &attempt, &[stacks::shipped()], &panicked);
            }
        }
    }
}

/// Our line comes first, so no other module allocates before it.
fn first() -> Stack {
    stacks::all().into_iter().find(|stack| stack.name == "first").unwrap()
}

/// The expected result of the account: its result without a fault if it had that before, otherwise
/// this refusal.
fn as_ever_or(refused: Expected, account: Account, word: &str) -> Expected {
    match (account.name, word) {
        ("alice", "match") => Expected::admitted("match", SUCCESS),
        ("carol", "NeverEnrolled") => Expected::admitted("NeverEnrolled", IGNORE),
        _ => refused,
    }
}

/// Allocations of the module in one attempt without a fault.
fn needed(testbed: &Testbed, account: Account) -> u32 {
    let attempt = Attempt::of(account, "timeout=2 nullok").failing("malloc:1000000:1000000:0");
    (0..COUNTED).map(|_| attempt.run(testbed, &first()).calls).min().unwrap()
}

/// One allocation of the module fails, or all from one on.
fn allocations(table: &mut Table, testbed: &Testbed) {
    let (calls, carols) = (needed(testbed, ALICE), needed(testbed, CAROL));
    assert!(calls > 50 && carols > 50, "{calls} and {carols} allocations");
    table.note(&format!(
        "({calls} allocations in an attempt of alice's, {carols} in one of carol's)"
    ));
    let early = (1..20).filter(|&call| call != HANDLE_OF_THE_THREAD);
    let spread = (0..ALLOCATIONS).map(|step| 20 + step * (calls - 20) / (ALLOCATIONS - 1));
    for (step, call) in early.chain(spread).enumerate() {
        let last = if step % 2 == 0 { call } else { 1_000_000 };
        let (account, calls) = if step % 4 < 2 { (ALICE, calls) } else { (CAROL, carols) };
        let attempt =
            Attempt::of(account, "timeout=2 nullok").failing(&format!("malloc:{call}:{last}:0"));
        let ending = attempt.run(testbed, &first());
        let refused = Expected::refused(&["out-of-memory"], &[BUF_ERR]);
        let outside = call + AFTER_THE_VERDICT > calls || last <= BEFORE_THE_ATTEMPT;
        let expected = if outside { as_ever_or(refused, account, &ending.word) } else { refused };
        let one = if last == call { "fails" } else { "and all after it fail" };
        let what = format!("allocation {call} {one}: {}", account.name);
        table.judge(&what, attempt.arguments(), &[first()], &[ending], &expected);
    }
}

/// The address space may not grow, or only by this amount.
fn address_space(table: &mut Table, testbed: &Testbed, daemon: &FakeDaemon) {
    // More than is left, and more than the reserve: it is not even read.
    daemon.set_reply(&FakeReply::says(ReplyBody::Long(8 << 20))).unwrap();
    four_refused_as(
        table,
        testbed,
        "64 KiB left and a word of 8 MiB",
        |attempt| attempt.with(|request| request.fault = HostFault::AddressSpace(64)),
        &Expected::refused(&["deadline-passed", "out-of-memory"], &[UNAVAIL, BUF_ERR]),
    );
    daemon.set_reply(&FakeReply::knows(ALICE, Delivery::AtOnce)).unwrap();
    for kibibytes in [0, 16, 64, 128, 256, 1024, 65536] {
        for account in [ALICE, CAROL] {
            let attempt = Attempt::of(account, "timeout=2 nullok")
                .with(|request| request.fault = HostFault::AddressSpace(kibibytes));
            let ending = attempt.run(testbed, &stacks::shipped());
            // The memory left in the heap may be enough.
            let refused = Expected::refused(
                &["out-of-memory", "no-resources", "no-bus"],
                &[BUF_ERR, UNAVAIL],
            );
            let expected = as_ever_or(refused, account, &ending.word);
            let what = format!("{kibibytes} KiB of address space: {}", account.name);
            table.judge(&what, attempt.arguments(), &[stacks::shipped()], &[ending], &expected);
        }
    }
}
