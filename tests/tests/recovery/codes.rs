//! The making of codes, and who may make them.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    time::Instant,
};

use fpass_proto::Refusal;
use fpass_tests::{ALICE, CAROL, DAEMON_UID, Reply, Scene, Testbed, scene::BIDEN, scene::OBAMA};

use crate::{STORE, codes, left, recover, taken, with_alice};

#[test]
fn who_has_no_f_pass_and_whose_face_it_is_not_gets_none() {
    let mut testbed = with_alice();
    for caller in ["carol", "root"] {
        let words = ["recovery-codes", "--user", "carol", "--yes"];
        let run = testbed.fpass_enroll(caller, &words).unwrap();
        assert_eq!(run.code, Some(3), "{caller}: {run:?}");
        assert!(run.stderr.contains(Refusal::NeverEnrolled.sentence()), "{run:?}");
    }
    assert_eq!(left(&testbed, CAROL), 0);

    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let run = testbed.fpass_enroll("alice", &["recovery-codes"]).unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains(Refusal::FaceNotConfirmed.sentence()), "{run:?}");
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(left(&testbed, ALICE), 0);

    let run = testbed.fpass_enroll("alice", &["recovery-codes"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("write them down now"), "{run:?}");
    let shown: Vec<&str> = run.stdout.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(shown.len(), 10, "{run:?}");
    assert_eq!(recover(&testbed, ALICE, shown[9]), taken());
    let status = testbed.fpass_enroll("alice", &["status", "--json"]).unwrap().stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["recovery_codes"], 9);

    // A stranger cannot make codes void either.
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let run = testbed.fpass_enroll("alice", &["recovery-codes", "--remove", "--yes"]).unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(left(&testbed, ALICE), 9);
}

#[test]
fn codes_that_somebody_may_have_on_paper_become_void_only_on_purpose() {
    let testbed = with_alice();
    let old = codes(&testbed, ALICE);
    for words in [&["recovery-codes"][..], &["recovery-codes", "--remove"]] {
        let run = testbed.fpass_enroll("alice", words).unwrap();
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("add --yes"), "{run:?}");
    }
    assert_eq!(recover(&testbed, ALICE, &old[0]), taken());
    let new = codes(&testbed, ALICE);
    assert_eq!(recover(&testbed, ALICE, &old[1]), Reply::refused(Refusal::RecoveryRefused));
    assert_eq!(recover(&testbed, ALICE, &new[1]), taken());

    let file = Path::new(STORE).join(format!("{}.recovery", ALICE.uid));
    let facts = fs::metadata(&file).unwrap();
    assert_eq!((facts.uid(), facts.permissions().mode() & 0o7777), (DAEMON_UID, 0o600));
    let run = testbed.fpass_enroll("alice", &["recovery-codes", "--remove", "--yes"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!file.exists());
    assert_eq!(recover(&testbed, ALICE, &new[2]), Reply::refused(Refusal::NoRecoveryCodes));
    let run = testbed.fpass_enroll("alice", &["recovery-codes", "--remove", "--yes"]).unwrap();
    assert_eq!(run.code, Some(3), "{run:?}");
}

#[test]
fn damaged_codes_are_refused_until_new_ones_are_made() {
    let testbed = with_alice();
    let old = codes(&testbed, ALICE);
    let file = Path::new(STORE).join(format!("{}.recovery", ALICE.uid));
    let mut bytes = fs::read(&file).unwrap();
    // The file has two slots; a damaged one alone would leave the other.
    for damaged in [100, 4096 + 100] {
        bytes[damaged] ^= 1;
    }
    fs::write(&file, bytes).unwrap();
    assert_eq!(recover(&testbed, ALICE, &old[0]), Reply::refused(Refusal::RecoveryUnreadable));
    let status = testbed.fpass_enroll("alice", &["status"]).unwrap();
    assert!(status.stdout.contains("the codes cannot be read"), "{status:?}");
    let new = codes(&testbed, ALICE);
    assert_eq!(recover(&testbed, ALICE, &new[0]), taken());
}

/// Resident memory of the daemon in KiB, now and at most so far.
fn memory(testbed: &Testbed) -> (u64, u64) {
    let status =
        fs::read_to_string(format!("/proc/{}/status", testbed.daemon_id().unwrap())).unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// `cargo nextest run -p fpass-tests --test recovery what_it_costs --no-capture`
#[test]
#[allow(clippy::print_stdout, reason = "the figures are wanted")]
fn what_it_costs_is_printed() {
    let testbed = with_alice();
    let before = memory(&testbed);
    let started = Instant::now();
    let codes = codes(&testbed, ALICE);
    let made = started.elapsed();
    let mut took: Vec<_> = codes
        .iter()
        .map(|code| {
            let started = Instant::now();
            assert_eq!(recover(&testbed, ALICE, code), taken());
            started.elapsed()
        })
        .collect();
    took.sort_unstable();
    let after = memory(&testbed);
    println!("ten codes made and shown: {made:?}; one used, dbus-send included: {:?}", took[5]);
    println!("fpassd, KiB now and at most: {before:?} before, {after:?} after");
}
