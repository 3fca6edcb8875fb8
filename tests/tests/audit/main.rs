//! The audit trail of a running daemon, in a journal, and what is found when somebody edits it.

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

use fpass_proto::{audit, names::ADMINISTRATION_INTERFACE};
use fpass_tests::{
    ALICE, Ground, Reply, Run, Scene,
    journal::Journal,
    scene::{BIDEN, OBAMA},
    watch::wait_until,
};
use serde_json::Value;

/// Where an edited journal is put.
const FILE: &str = "/run/ground/journal.json";

/// A running machine with a journal, on which alice was enrolled, recognised, and not recognised, and
/// bob was refused.
fn recorded() -> (Ground, Journal) {
    let mut ground = Ground::new().unwrap();
    let journal = Journal::start().unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    assert_eq!(ground.verify("root", ALICE).unwrap(), Reply::Answer("match".to_owned()));
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(ground.verify("root", ALICE).unwrap(), Reply::Answer("no-match".to_owned()));
    assert!(matches!(ground.verify("bob", ALICE).unwrap(), Reply::Error(_)));
    // The start of the chain, the enrolment, and three attempts.
    wait_until("five records are there", || journal.records().len() == 5);
    (ground, journal)
}

/// The head as the daemon tells root.
fn head(ground: &Ground) -> String {
    let reply = ground.call("root", ADMINISTRATION_INTERFACE, "AuditHead", &[]).unwrap();
    let Reply::Answer(text) = reply else { panic!("{reply:?}") };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, sequence, hash] = words.as_slice() else { panic!("{text}") };
    format!("{sequence}:{hash}")
}

/// What the command says about these lines.
fn verify(ground: &Ground, lines: &[Value], more: &[&str]) -> Run {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(FILE, text).unwrap();
    let words: Vec<&str> =
        ["audit", "verify", "--file", FILE].iter().chain(more).copied().collect();
    ground.fpass_enroll("root", &words).unwrap()
}

/// Position of a record among the lines.
fn at(lines: &[Value], sequence: u64) -> usize {
    let place = Value::from(sequence.to_string());
    lines.iter().position(|line| line.get(audit::SEQUENCE) == Some(&place)).unwrap()
}
