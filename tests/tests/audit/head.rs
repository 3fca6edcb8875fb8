//! The head in the store: it survives the daemon, and damage to it is reported.

use std::fs;

use fpass_proto::{audit, names::ADMINISTRATION_INTERFACE};
use fpass_tests::{ALICE, Reply, Testbed, watch::wait_until};

use crate::{head, recorded, verify};

const HEAD: &str = "/var/lib/fpass/audit-head";

#[test]
fn only_root_is_told_the_head() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    for caller in ["alice", "fpassd"] {
        let reply = testbed.call(caller, ADMINISTRATION_INTERFACE, "AuditHead", &[]).unwrap();
        // The bus refuses before the daemon could.
        let denied = Reply::Error("org.freedesktop.DBus.Error.AccessDenied".to_owned());
        assert_eq!(reply, denied, "{caller}");
    }
    assert!(head(&testbed).starts_with("1:"));
}

#[test]
fn a_restart_goes_on_with_the_chain_and_a_damaged_head_begins_another_that_shows() {
    let (mut testbed, journal) = recorded();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    let before = head(&testbed);
    assert!(before.starts_with("5:"), "{before}");
    testbed.verify("root", ALICE).unwrap();
    wait_until("six records are there", || journal.records().len() == 6);
    let run = verify(&testbed, &journal.lines(), &["--head", &head(&testbed), "--from-start"]);
    assert_eq!(run.code, Some(0), "{run:?}");

    testbed.stop_daemon().unwrap();
    let mut bytes = fs::read(HEAD).unwrap();
    // The file has two slots; a damaged one alone would leave the other.
    for damaged in [10, 4096 + 10] {
        bytes[damaged] ^= 1;
    }
    fs::write(HEAD, bytes).unwrap();
    testbed.start_daemon().unwrap();
    testbed.verify("root", ALICE).unwrap();
    wait_until("eight records are there", || journal.records().len() == 8);
    assert_eq!(journal.records()[6][audit::KIND], audit::KIND_RESTART);
    let run = verify(&testbed, &journal.lines(), &["--head", &head(&testbed)]);
    assert_eq!(run.code, Some(30), "{run:?}");
    assert!(run.stdout.contains("another chain begins with entry 7"), "{run:?}");
    // The noted head is still in the first chain.
    let run = verify(&testbed, &journal.lines()[..], &["--head", &before, "--json"]);
    assert!(!run.stdout.contains("head-"), "{run:?}");
}

#[test]
fn of_no_records_it_is_not_said_that_none_is_missing() {
    let mut testbed = Testbed::new().unwrap();
    fs::remove_file("/usr/libexec/fpassd").unwrap();
    // First no daemon and no journal, then a file without a record.
    let run = testbed.fpass_enroll("root", &["audit", "verify"]).unwrap();
    assert!(matches!(run.code, Some(6 | 31)), "{run:?}");
    assert_eq!(run.stdout, "", "{run:?}");
    testbed.stop_bus().unwrap();
    let run = testbed.fpass_enroll("root", &["audit", "verify", "--file", "/dev/null"]).unwrap();
    assert_eq!((run.code, run.stdout.as_str()), (Some(31), ""), "{run:?}");
}
