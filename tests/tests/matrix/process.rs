//! What goes wrong in the process of the application while the module is at work: memory,
//! descriptors, signals, panics. The application survives all of it.

use fpass_tests::{
    ALICE, Account, CAROL, Ground,
    pam::{Conversation, Strain},
    stand_in::{Answer, Manner, Script, StandIn},
};

use crate::{
    ABORT, BUF_ERR, IGNORE, SUCCESS, UNAVAIL,
    attempt::Attempt,
    faults::{believed, four, four_refused_as},
    machine,
    stacks::{self, Stack},
    table::{Expected, Table},
};

/// Calls of `malloc` and its like that are made to fail, spread over those of one attempt.
const ALLOCATIONS: u32 = 60;

/// The allocation that follows at once when a larger piece was to be had and has been given back
/// (`pam-fpass/src/reserve.rs`). Nothing can make up for its failure.
const HANDLE_OF_THE_THREAD: u32 = 6;
/// Allocations before that larger piece: the arguments are copied, before the attempt begins. When
/// one of them alone comes from the reserve, nothing is missing in the attempt.
const BEFORE_THE_ATTEMPT: u32 = HANDLE_OF_THE_THREAD - 2;
/// Allocations of one attempt, at most, that come when the verdict is there: the line in the log, and
/// a few by which one run differs from another. A failure among them, or beyond the last, may change
/// nothing.
const AFTER_THE_VERDICT: u32 = 16;
/// Attempts without a fault that are counted; the one with the fewest allocations is compared with.
const COUNTED: u32 = 3;

#[test]
fn whatever_befalls_the_process_it_goes_on_and_nobody_is_admitted() {
    let ground = machine();
    let mut table = Table::new("5-process");
    let script = Script::knows(ALICE, Manner::AtOnce);
    let daemon = StandIn::start("stand-in", "fpassd", &script).unwrap();
    signals(&mut table, &ground, &daemon);
    conversations(&mut table, &ground);
    four_refused_as(
        &mut table,
        &ground,
        "no descriptor is left",
        |attempt| attempt.with(|request| request.strain = Strain::Descriptors),
        &Expected::refused(&["no-resources"], &[UNAVAIL]).overall(crate::SYSTEM_ERR),
    );
    panics(&mut table, &ground);
    allocations(&mut table, &ground);
    address_space(&mut table, &ground, &daemon);
    table.close();
}

/// A storm of signals neither ends an attempt nor lengthens it.
fn signals(table: &mut Table, ground: &Ground, daemon: &StandIn) {
    daemon.told(&Script::knows(ALICE, Manner::After(300))).unwrap();
    for (name, attempt) in four("timeout=5") {
        let attempt = attempt.with(|request| request.strain = Strain::Signals);
        let expected = believed(name, &attempt);
        let what = format!("a storm of signals: {name}");
        table.row(ground, &what, &attempt, &[stacks::shipped()], &expected);
    }
    daemon.told(&Script::knows(ALICE, Manner::Never)).unwrap();
    four_refused_as(
        table,
        ground,
        "a storm of signals and no answer",
        |attempt| attempt.with(|request| request.strain = Strain::Signals),
        &Expected::refused(&["deadline-passed"], &[UNAVAIL]),
    );
    daemon.told(&Script::knows(ALICE, Manner::AtOnce)).unwrap();
}

/// An application that hands over no reply to a message that wants none has answered.
fn conversations(table: &mut Table, ground: &Ground) {
    let attempt = Attempt::of(ALICE, "timeout=2").with(|request| {
        request.conversation = Conversation::LeavesNoReply(ALICE.password.to_owned());
    });
    let expected = Expected::admitted("match", SUCCESS);
    table.row(ground, "the conversation leaves NULL", &attempt, &stacks::all(), &expected);
}

/// A panic wherever the shipped module can be made to panic from outside: at each look at the clock
/// (`Instant::now` panics when the clock fails) and at each look into the user database (a buffer of
/// a size that cannot be).
fn panics(table: &mut Table, ground: &Ground) {
    let panicked = Expected::refused(&["panicked"], &[ABORT]);
    for (function, value) in [("clock_gettime", 0), ("sysconf", -2)] {
        let counted = Attempt::of(ALICE, "timeout=2 debug")
            .failing(&format!("{function}:1000000:1000000:{value}"))
            .run(ground, &stacks::shipped());
        assert!(counted.calls >= 2, "{function}: {counted:?}");
        // The number of turns of the runtime differs from run to run; the first calls do not.
        for call in 1..=counted.calls.min(12) {
            for account in [ALICE, CAROL] {
                let attempt = Attempt::of(account, "timeout=2 debug nullok")
                    .failing(&format!("{function}:{call}:{call}:{value}"));
                let what = format!("a panic at {function} {call}: {}", account.name);
                table.row(ground, &what, &attempt, &[stacks::shipped()], &panicked);
            }
        }
    }
}

/// Our line first, so that nobody else needs memory before us.
fn first() -> Stack {
    stacks::all().into_iter().find(|stack| stack.name == "first").unwrap()
}

/// What the account hears without a fault, when it has heard that, or else this refusal.
fn as_ever_or(refused: Expected, account: Account, word: &str) -> Expected {
    match (account.name, word) {
        ("alice", "match") => Expected::admitted("match", SUCCESS),
        ("carol", "NeverEnrolled") => Expected::admitted("NeverEnrolled", IGNORE),
        _ => refused,
    }
}

/// Allocations of the module in one attempt that lacks nothing.
fn needed(ground: &Ground, account: Account) -> u32 {
    let attempt = Attempt::of(account, "timeout=2 nullok").failing("malloc:1000000:1000000:0");
    (0..COUNTED).map(|_| attempt.run(ground, &first()).calls).min().unwrap()
}

/// One allocation of the module fails, or all from one on.
fn allocations(table: &mut Table, ground: &Ground) {
    let (calls, carols) = (needed(ground, ALICE), needed(ground, CAROL));
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
        let ending = attempt.run(ground, &first());
        let refused = Expected::refused(&["out-of-memory"], &[BUF_ERR]);
        let outside = call + AFTER_THE_VERDICT > calls || last <= BEFORE_THE_ATTEMPT;
        let expected = if outside { as_ever_or(refused, account, &ending.word) } else { refused };
        let one = if last == call { "fails" } else { "and all after it fail" };
        let what = format!("allocation {call} {one}: {}", account.name);
        table.judge(&what, attempt.arguments(), &[first()], &[ending], &expected);
    }
}

/// The address space may not grow, or only by so much.
fn address_space(table: &mut Table, ground: &Ground, daemon: &StandIn) {
    // More than is left, and more than the reserve: it is not even read.
    daemon.told(&Script::says(Answer::Long(8 << 20))).unwrap();
    four_refused_as(
        table,
        ground,
        "64 KiB left and a word of 8 MiB",
        |attempt| attempt.with(|request| request.strain = Strain::AddressSpace(64)),
        &Expected::refused(&["deadline-passed", "out-of-memory"], &[UNAVAIL, BUF_ERR]),
    );
    daemon.told(&Script::knows(ALICE, Manner::AtOnce)).unwrap();
    for kibibytes in [0, 16, 64, 128, 256, 1024, 65536] {
        for account in [ALICE, CAROL] {
            let attempt = Attempt::of(account, "timeout=2 nullok")
                .with(|request| request.strain = Strain::AddressSpace(kibibytes));
            let ending = attempt.run(ground, &stacks::shipped());
            // What the heap still holds may be enough.
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
