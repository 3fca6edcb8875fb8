//! The audit log of a running daemon in a journal, and the errors that are found after it was
//! edited.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod edited;
mod head;

use std::fs;

use fpass_proto::{Verdict, audit, names::ADMINISTRATION_INTERFACE};
use fpass_tests::{
    ALICE, Reply, Run, Scene, Testbed,
    journal::Journal,
    scene::{BIDEN, OBAMA},
    watch::wait_until,
};
use serde_json::Value;

/// Path of an edited journal.
const FILE: &str = "/run/testbed/journal.json";

/// A running machine with a journal, on which alice was enrolled, recognised, and not recognised,
/// and bob was refused.
fn recorded() -> (Testbed, Journal) {
    let mut testbed = Testbed::new().unwrap();
    let journal = Journal::start().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.enrol(ALICE).unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::verdict(Verdict::NoMatch));
    assert!(matches!(testbed.verify("bob", ALICE).unwrap(), Reply::Error(_)));
    // The start of the chain, the enrolment, and three attempts.
    wait_until("five records are there", || journal.records().len() == 5);
    (testbed, journal)
}

/// The head, as the daemon reports it to root.
fn head(testbed: &Testbed) -> String {
    let reply = testbed.call("root", ADMINISTRATION_INTERFACE, "AuditHead", &[]).unwrap();
    let Reply::Answer(text) = reply else { panic!("{reply:?}") };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, sequence, hash] = words.as_slice() else { panic!("{text}") };
    format!("{sequence}:{hash}")
}

/// The output of the command for these lines.
fn verify(testbed: &Testbed, lines: &[Value], more: &[&str]) -> Run {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(FILE, text).unwrap();
    let words: Vec<&str> =
        ["audit", "verify", "--file", FILE].iter().chain(more).copied().collect();
    testbed.fpass_enroll("root", &words).unwrap()
}

/// Position of a record among the lines.
fn at(lines: &[Value], sequence: u64) -> usize {
    let place = Value::from(sequence.to_string());
    lines.iter().position(|line| line.get(audit::SEQUENCE) == Some(&place)).unwrap()
}
