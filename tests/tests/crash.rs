//! SIGKILL at the system calls that write in the daemon, and in a rotation of the key.
//!
//! `fpassd/src/store/crash.rs` does the same at every system call of the store; this test uses the
//! installed daemon.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "all of this program is tests"
)]

use std::{fs, path::Path, thread, time::Duration};

use fpass_proto::names::ENROLMENT_INTERFACE;
use fpass_tests::{
    ALICE, Account, BOB, CAROL, Reply, Run, Scene, Testbed,
    scene::{BIDEN, OBAMA},
    strace::Strace,
};

const STORE: &str = "/var/lib/fpass";
/// System calls that write a file of the store.
const WRITING: [&str; 5] = ["openat2", "write", "fsync", "renameat2", "unlinkat"];

fn with_alice_in_view() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.start_daemon().unwrap();
    testbed
}

fn state(testbed: &Testbed, account: Account) -> Reply {
    let uid = format!("uint32:{}", account.uid);
    testbed.call("root", ENROLMENT_INTERFACE, "State", &[&uid]).unwrap()
}

fn labels(testbed: &Testbed) -> String {
    let run = testbed.fpass_enroll("alice", &["list", "--json"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout
}

/// Whether the daemon was killed by `fault` during `work`.
fn killed(testbed: &mut Testbed, fault: &str, work: impl FnOnce(&Testbed) -> Run) -> bool {
    let strace = Strace::attach(testbed.daemon_id().unwrap(), fault).unwrap();
    let run = work(testbed);
    drop(strace);
    let killed = run.code != Some(0);
    for _ in 0..500 {
        if killed && testbed.daemon_lives() {
            thread::sleep(Duration::from_millis(10));
        }
    }
    assert_eq!(killed, !testbed.daemon_lives(), "{fault}: {run:?}");
    if !killed {
        testbed.stop_daemon().unwrap();
    }
    testbed.start_daemon().unwrap();
    let drafts = fs::read_dir(STORE)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("draft"));
    assert_eq!(drafts.count(), 0, "{fault}: a draft is left behind");
    // Attempts that a killed daemon did not settle count as failed; this test is not about them.
    let unlocked = testbed.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
    assert_eq!(unlocked.code, Some(0), "{fault}: {unlocked:?}");
    killed
}

#[test]
fn a_daemon_killed_in_a_first_enrolment_has_enrolled_or_has_not() {
    let mut testbed = with_alice_in_view();
    let mut kills = 0;
    for fault in [
        "fsync:signal=KILL:when=1",
        "renameat2:signal=KILL:when=1",
        "fsync:signal=KILL:when=2",
        "unlinkat:signal=KILL:when=2",
    ] {
        assert_eq!(state(&testbed, ALICE), Reply::word("never-enrolled"), "{fault}");
        assert!(
            killed(&mut testbed, fault, |testbed| testbed.fpass_enroll("alice", &["add"]).unwrap()),
            "{fault}"
        );
        kills += 1;
        match state(&testbed, ALICE) {
            Reply::Answer(word) if word == "never-enrolled" => {}
            Reply::Answer(word) if word == "enrolled" => {
                assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched(), "{fault}");
                let words = ["clear", "--forget", "--user", "alice", "--yes"];
                assert_eq!(testbed.fpass_enroll("root", &words).unwrap().code, Some(0));
            }
            other => panic!("{fault}: {other:?}"),
        }
    }
    println!("first enrolment: daemon killed at {kills} system calls: 0 lost");
    testbed.enrol(ALICE).unwrap();
}

#[test]
fn a_daemon_killed_in_a_change_keeps_the_old_record_or_has_the_new_one() {
    let mut testbed = with_alice_in_view();
    testbed.enrol(ALICE).unwrap();
    let mut kills = 0;
    for call in WRITING {
        for when in 1..40 {
            let (old, new) = if labels(&testbed).contains("\"face\"") {
                ("face", "other")
            } else {
                ("other", "face")
            };
            let fault = format!("{call}:signal=KILL:when={when}");
            let rename =
                |testbed: &Testbed| testbed.fpass_enroll("alice", &["rename", old, new]).unwrap();
            if !killed(&mut testbed, &fault, rename) {
                break;
            }
            kills += 1;
            let labels = labels(&testbed);
            assert_ne!(
                labels.contains("\"face\""),
                labels.contains("\"other\""),
                "{fault}: {labels}"
            );
        }
    }
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    println!("change: daemon killed at {kills} system calls: 0 lost");
    assert!(kills >= 6, "{kills}");
}

/// Runs fpassd with an option for the store, under strace if there is a fault.
fn offline(testbed: &Testbed, option: &[&str], fault: Option<&str>) -> Run {
    let daemon = ["/usr/libexec/fpassd", "--stderr"];
    let inject = fault.map(|fault| format!("inject={fault}"));
    let words: Vec<&str> = match &inject {
        None => daemon.iter().chain(option).copied().collect(),
        Some(inject) => ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", inject]
            .into_iter()
            .chain(daemon)
            .chain(option.iter().copied())
            .collect(),
    };
    let [program, arguments @ ..] = words.as_slice() else { panic!("a program") };
    testbed.run("fpassd", program, arguments).unwrap()
}

#[test]
fn every_record_opens_wherever_a_rotation_is_killed() {
    let mut testbed = with_alice_in_view();
    testbed.enrol(ALICE).unwrap();
    testbed.enrol(CAROL).unwrap();
    let clear = testbed.fpass_enroll("carol", &["clear", "--yes"]).unwrap();
    assert_eq!(clear.code, Some(0), "{clear:?}");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed.enrol(BOB).unwrap();

    // Never while a daemon runs.
    let second = offline(&testbed, &["--rotate-key"], None);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("another fpassd uses it"), "{second:?}");
    testbed.stop_daemon().unwrap();

    let key = Path::new(STORE).join("key");
    let mut kills = 0;
    for call in ["flock"].into_iter().chain(WRITING) {
        for when in 1..200 {
            let before = fs::read(&key).unwrap();
            let fault = format!("{call}:signal=KILL:when={when}");
            let run = offline(&testbed, &["--rotate-key"], Some(&fault));
            let killed = run.code != Some(0);
            // The interrupted work is completed; a record that does not open would make it fail.
            let again = offline(&testbed, &["--rotate-key"], None);
            assert_eq!(again.code, Some(0), "{fault}: {again:?}");
            assert!(again.stderr.contains("records=3"), "{fault}: {again:?}");
            let after = fs::read(&key).unwrap();
            assert!(after.len() == 32 && after != before, "{fault}");
            if !killed {
                break;
            }
            kills += 1;
        }
    }
    println!("rotation: killed at {kills} system calls: 0 records lost");
    assert!(kills >= 30, "{kills}");

    testbed.start_daemon().unwrap();
    assert_eq!(testbed.verify("root", BOB).unwrap(), Reply::matched());
    assert_eq!(state(&testbed, CAROL), Reply::word("removed"));
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
}

#[test]
fn an_older_format_is_written_on_request_and_read_again() {
    let mut testbed = with_alice_in_view();
    testbed.enrol(ALICE).unwrap();
    testbed.stop_daemon().unwrap();
    for number in ["2", "6", "x"] {
        assert_eq!(
            offline(&testbed, &["--downgrade-store", number], None).code,
            Some(2),
            "{number}"
        );
    }
    let run = offline(&testbed, &["--downgrade-store", "3"], None);
    assert_eq!(run.code, Some(0), "{run:?}");
    let record = Path::new(STORE).join(format!("{}.fpass", ALICE.uid));
    assert_eq!(fs::read(&record).unwrap().get(8), Some(&3));
    testbed.start_daemon().unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::matched());
    let rename = testbed.fpass_enroll("alice", &["rename", "face", "other"]).unwrap();
    assert_eq!(rename.code, Some(0), "{rename:?}");
    assert_eq!(fs::read(&record).unwrap().get(8), Some(&6));
}
