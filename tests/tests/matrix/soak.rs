//! The real module many times in one process: the cost for the host, and valgrind's report.

use std::{fs, time::Instant};

use fpass_tests::{
    ALICE, Testbed,
    fake_daemon::{Delivery, FakeDaemon, FakeReply},
    stack::FACE_LINE,
    tree,
};

use crate::{
    host::{Host, Report},
    machine,
};

/// Number of transactions, each from `pam_start` to `pam_end`: libpam loads the module at the start
/// and unloads it at the end.
const TRANSACTIONS: u32 = 10_000;
/// Transactions under valgrind in an ordinary run.
const UNDER_VALGRIND: u32 = 150;
/// Allowed growth of the host between its first and last transaction, in KiB.
const GROWTH: u64 = 1024;

const SUPPRESSIONS: &str = "tests/tests/matrix/valgrind.supp";

/// A machine with a daemon that knows alice, and a service with only our line.
fn soaked() -> (Testbed, FakeDaemon) {
    let mut testbed = machine();
    testbed.service("soak", &format!("{FACE_LINE} sole_factor\n")).unwrap();
    let script = FakeReply::knows(ALICE, Delivery::AtOnce);
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &script).unwrap();
    (testbed, daemon)
}

/// Leaves lines for `scripts/matrix`.
fn write(part: &str, lines: &str) {
    let directory = tree::root().join("target/fpass/matrix");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(part), format!("{lines}\nsum 0 0 -1\n")).unwrap();
}

#[test]
fn ten_thousand_transactions_cost_the_host_nothing() {
    let (testbed, daemon) = soaked();
    let begun = Instant::now();
    let report = Host { count: TRANSACTIONS, ..Host::of("soak", ALICE) }.run(&testbed, &[]);
    let took = begun.elapsed().as_secs_f64();
    let transactions = usize::try_from(TRANSACTIONS).unwrap();
    assert!(report.codes.len() == transactions && report.codes.iter().all(|code| code == "a=0"));
    assert_eq!(daemon.asked().len(), transactions, "each has asked the daemon");
    let (before, after) = (&report.before, &report.after);
    let resident = |facts| Report::kibibytes(facts, "VmRSS");
    write(
        "8-soak",
        &format!(
            "{TRANSACTIONS} transactions in one process: {took:.1} s; from the first to the last: \
             resident {} -> {} KiB, descriptors {} -> {}, threads {} -> {}, mappings {} -> {}",
            resident(before),
            resident(after),
            before["Descriptors"],
            after["Descriptors"],
            before["Threads"],
            after["Threads"],
            before["Mappings"],
            after["Mappings"],
        ),
    );
    for fact in ["Descriptors", "Threads", "Streams", "SigBlk", "SigIgn", "SigCgt", "Umask"] {
        assert_eq!(before[fact], after[fact], "{fact}");
    }
    let mappings = |facts: &std::collections::BTreeMap<String, String>| -> i32 {
        facts["Mappings"].parse().unwrap()
    };
    assert!(mappings(after) <= mappings(before) + 2, "{} mappings", after["Mappings"]);
    assert!(resident(after) <= resident(before) + GROWTH, "grew to {} KiB", resident(after));
}

#[test]
fn valgrind_finds_no_leak_and_no_invalid_access() {
    under_valgrind(UNDER_VALGRIND, "9-valgrind");
}

/// The test for `scripts/soak`.
#[test]
#[ignore = "takes a quarter of an hour: scripts/soak runs it"]
fn valgrind_finds_nothing_in_ten_thousand_transactions() {
    under_valgrind(TRANSACTIONS, "full-soak");
}

fn under_valgrind(count: u32, part: &str) {
    const LOG: &str = "/run/valgrind.log";
    let (testbed, daemon) = soaked();
    let begun = Instant::now();
    let suppressions = tree::require(SUPPRESSIONS).unwrap();
    let suppressions = format!("--suppressions={}", suppressions.display());
    let log = format!("--log-file={LOG}");
    let prefix = [
        "/usr/bin/valgrind",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--show-leak-kinds=definite",
        "--error-exitcode=9",
        "--track-fds=yes",
        &suppressions,
        &log,
    ];
    let host = Host { count, ..Host::of("soak", ALICE) };
    let words = host.words();
    let words: Vec<&str> =
        prefix.iter().skip(1).copied().chain(words.iter().map(String::as_str)).collect();
    let run = testbed.run("root", prefix[0], &words).unwrap();
    let text = fs::read_to_string(LOG).unwrap_or_default();
    assert_eq!(run.code, Some(0), "{run:?}\n{text}");
    assert_eq!(daemon.asked().len(), usize::try_from(count).unwrap());
    assert!(crate::host::report().codes.iter().all(|code| code == "a=0"));
    let summary = |what: &str| {
        let line = text.lines().find(|line| line.contains(what)).unwrap_or("not in the log");
        line.split_once("== ").map_or(line, |(_, rest)| rest).trim().to_owned()
    };
    let took = begun.elapsed().as_secs_f64();
    let lines = ["definitely lost:", "indirectly lost:", "still reachable:", "ERROR SUMMARY:"];
    let lines: Vec<String> = lines.into_iter().map(|what| format!("  {}", summary(what))).collect();
    let head = format!("{count} transactions under valgrind: {took:.1} s");
    write(part, &format!("{head}\n{}", lines.join("\n")));
}
