//! One change to the journal, and whether it is found.

use std::fs;

use fpass_proto::audit;
use fpass_tests::{ALICE, Run};
use serde_json::{Value, json};

use crate::{FILE, at, head, recorded, verify};

fn found(run: &Run, sentence: &str) {
    assert_eq!(run.code, Some(30), "{run:?}");
    assert!(run.stdout.contains(sentence), "{sentence}: {run:?}");
}

#[test]
fn a_removed_an_altered_and_a_moved_line_are_each_found() {
    let (testbed, journal) = recorded();
    let head = head(&testbed);
    let whole = journal.lines();
    let more = ["--head", head.as_str(), "--from-start"];
    let run = verify(&testbed, &whole, &more);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.ends_with(&format!("Head: {head}\n")), "{run:?}");

    let mut removed = whole.clone();
    removed.remove(at(&whole, 3));
    found(&verify(&testbed, &removed, &[]), "record 3 is missing");

    for (name, value) in [
        (audit::RESULT, "match"),
        (audit::UID, "0"),
        (audit::TIME, "0"),
        (audit::MESSAGE, "attempt for uid 1000: match"),
    ] {
        let mut altered = whole.clone();
        altered[at(&whole, 4)][name] = json!(value);
        found(&verify(&testbed, &altered, &[]), "record 4 was altered");
    }

    let mut moved = whole.clone();
    moved.swap(at(&whole, 3), at(&whole, 4));
    let run = verify(&testbed, &moved, &[]);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert!(run.stdout.contains("is out of order"), "{run:?}");

    let mut doubled = whole.clone();
    doubled.push(whole[at(&whole, 2)].clone());
    found(&verify(&testbed, &doubled, &[]), "record 2 was found twice");

    let mut cut = whole.clone();
    cut.truncate(at(&whole, 5));
    assert_eq!(verify(&testbed, &cut, &[]).code, Some(0), "nothing shows without the head");
    found(&verify(&testbed, &cut, &more), "record 5, the last one, is missing");

    let rotated = &whole[at(&whole, 2)..];
    let run = verify(&testbed, rotated, &["--head", &head]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("Records before 2 were not found"), "{run:?}");
    found(&verify(&testbed, rotated, &more), "record 1 is missing");
}

#[test]
fn what_other_programs_send_does_not_count() {
    let (testbed, journal) = recorded();
    // With exactly the fields of a record of the daemon, and with those that only the system may
    // set.
    let record = journal.records()[3].clone();
    let mut text = String::new();
    for (name, value) in record.as_object().unwrap() {
        text += &format!("{name}={}\n", value.as_str().unwrap());
    }
    fs::write("/run/testbed/forged", text).unwrap();
    let script = "use IO::Socket::UNIX; open F, '/run/testbed/forged'; local $/; my $d = <F>; \
                  IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => \
                  '/run/systemd/journal/socket')->send($d)";
    let before = journal.lines().len();
    let run = testbed.run("alice", "perl", &["-e", script]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    fpass_tests::watch::wait_until("it is there", || journal.lines().len() > before);
    let run = verify(&testbed, &journal.lines(), &["--head", &head(&testbed)]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn records_hold_what_is_promised_and_are_shown() {
    let (testbed, journal) = recorded();
    let records = journal.records();
    let value = |record: &Value, name: &str| record[name].as_str().unwrap_or("-").to_owned();
    let attempt = &records[2];
    for (name, expected) in [
        (audit::KIND, "attempt"),
        (audit::CALLER, "0"),
        (audit::UID, &ALICE.uid.to_string()),
        (audit::SERVICE, "fpass-test"),
        (audit::TTY, "tty1"),
        (audit::RESULT, "match"),
        (audit::REASON, ""),
        ("SYSLOG_IDENTIFIER", "fpassd"),
    ] {
        assert_eq!(value(attempt, name), expected, "{name}");
    }
    assert!(value(attempt, audit::CAMERA).contains("scene.y4m"), "{attempt}");
    assert_eq!(value(attempt, audit::MODELS).len(), 64, "{attempt}");
    assert_ne!(value(attempt, audit::REQUEST), "-");
    assert_eq!(value(&records[4], audit::REASON), "org.fpass.Fpass1.Error.NotAuthorized");

    let text: String = journal.lines().iter().map(|line| format!("{line}\n")).collect();
    fs::write(FILE, text).unwrap();
    let show = ["audit", "show", "--file", FILE, "--user", "bob", "--json"];
    let run = testbed.fpass_enroll("root", &show).unwrap();
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shown.as_array().map(Vec::len), Some(1), "{run:?}");
    assert_eq!(shown[0]["state"], "intact");
    let all = testbed.fpass_enroll("root", &["audit", "show", "--file", FILE]).unwrap();
    assert_eq!(all.stdout.lines().count(), 5, "{all:?}");
}
