//! Codes that are refused.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use fpass_proto::{Refusal, names::RECOVERY_INTERFACE};
use fpass_tests::{
    ALICE, BOB, DAEMON_UID, Reply, Scene, Testbed,
    logind::{Place, Session},
    scene::{BIDEN, OBAMA},
};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::{STORE, altered, codes, left, recover, recover_as, taken, with_alice};

/// Bob is also enrolled, and alice is in front of the camera.
fn with_both() -> Testbed {
    let mut testbed = with_alice();
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    testbed.enrol(BOB).unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed
}

fn verdict(testbed: &Testbed, caller: &str) -> Reply {
    testbed.verify(caller, ALICE).unwrap()
}

fn done(testbed: &Testbed, words: &[&str]) {
    let run = testbed.fpass_enroll("root", words).unwrap();
    assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
}

#[test]
fn wrong_used_and_foreign_codes_and_what_is_none() {
    let mut testbed = with_both();
    assert_eq!(
        recover(&testbed, ALICE, "0-0000-0000-0000-0000"),
        Reply::refused(Refusal::NoRecoveryCodes)
    );
    let (alices, bobs) = (codes(&testbed, ALICE), codes(&testbed, BOB));
    for none in [
        "",
        " ",
        "-",
        "0",
        "alice-secret",
        "\u{1b}[2J\n\r\t%n%s",
        "٣-ABCD-EFGH-JKMN-PQRS",
        &alices[0][1..],
        &format!("{}0", alices[0]),
        &"0".repeat(100_000),
    ] {
        let reply = recover(&testbed, ALICE, none);
        assert_eq!(reply, Reply::refused(Refusal::RecoveryRefused), "{none:.40?}");
    }
    assert_eq!(
        recover(&testbed, ALICE, &altered(&alices[0])),
        Reply::refused(Refusal::RecoveryRefused)
    );
    assert_eq!(recover(&testbed, ALICE, &bobs[0]), Reply::refused(Refusal::RecoveryRefused));
    assert_eq!(
        recover_as(&testbed, "bob", ALICE, &alices[0]),
        Reply::refused(Refusal::UserMismatch)
    );
    assert_eq!(
        recover_as(&testbed, "..", ALICE, &alices[0]),
        Reply::refused(Refusal::MalformedUserName)
    );
    assert_eq!((left(&testbed, ALICE), left(&testbed, BOB)), (10, 10));
    assert_eq!(recover(&testbed, ALICE, &alices[0]), taken());
    assert_eq!(recover(&testbed, ALICE, &alices[0]), Reply::refused(Refusal::RecoveryRefused));
    assert_eq!((left(&testbed, ALICE), left(&testbed, BOB)), (9, 10));
    let careless = alices[1].to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    assert_eq!(recover(&testbed, ALICE, &careless), taken());
    let uid = format!("uint32:{}", ALICE.uid);
    let code = format!("string:{}", alices[2]);
    let words = [&uid, "string:alice", "string:a b", "string:", &code];
    let reply = testbed.call("root", RECOVERY_INTERFACE, "Recover", &words).unwrap();
    assert_eq!(reply, Reply::refused(Refusal::InvalidArgument));
    assert!(testbed.daemon_lives());

    // No code is in the log or on the disk.
    let log = testbed.daemon_log();
    assert!(log.contains("recovery for uid"), "{log}");
    for code in alices.iter().chain(&bobs) {
        let bare = code.replace('-', "");
        assert!(!log.contains(code) && !log.contains(&bare[1..]), "a code is in the log");
        for entry in fs::read_dir(STORE).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(code) && !text.contains(&bare[1..]), "a code is in the store");
        }
    }
}

#[test]
fn five_wrong_codes_lock_codes_alone_until_root_unlocks() {
    let testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    for _ in 0..5 {
        let reply = recover(&testbed, ALICE, &altered(&codes[0]));
        assert_eq!(reply, Reply::refused(Refusal::RecoveryRefused));
    }
    assert_eq!(recover(&testbed, ALICE, &codes[0]), Reply::refused(Refusal::LockedOut));
    assert_eq!(verdict(&testbed, "root"), Reply::matched(), "her login");
    assert_eq!(verdict(&testbed, "alice"), Reply::matched(), "her self-test");
    assert_eq!(
        recover(&testbed, ALICE, &codes[0]),
        Reply::refused(Refusal::LockedOut),
        "a match pardons none"
    );
    let status = testbed.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(
        status.contains("Recovery:    10 of 10 codes left; 5 failed attempts in a row; locked for"),
        "{status}"
    );
    done(&testbed, &["unlock", "--user", "alice"]);
    assert_eq!(recover(&testbed, ALICE, &codes[0]), taken());
    let status = testbed.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(status.contains("Recovery:    9 of 10 codes left; no failed attempts"), "{status}");
}

#[test]
fn the_codes_of_an_f_pass_that_is_gone() {
    let ends: [&[&str]; 3] = [
        &["clear", "--user", "alice", "--yes"],
        &["remove", "--user", "alice", "face"],
        &["clear", "--forget", "--user", "alice", "--yes"],
    ];
    let testbed = with_alice();
    let file = Path::new(STORE).join(format!("{}.recovery", ALICE.uid));
    let none = Reply::refused(Refusal::NoRecoveryCodes);
    for end in ends {
        let codes = codes(&testbed, ALICE);
        let kept = fs::read(&file).unwrap();
        done(&testbed, end);
        assert!(!file.exists(), "{end:?}");
        assert_eq!(recover(&testbed, ALICE, &codes[0]), none, "{end:?}");
        // Restored by hand, they belong to no F-pass, not even the next one.
        plant(&file, &kept);
        assert_eq!(recover(&testbed, ALICE, &codes[0]), none, "{end:?}");
        testbed.enrol(ALICE).unwrap();
        assert_eq!(recover(&testbed, ALICE, &codes[0]), none, "{end:?}");
    }
}

/// Writes a file as the daemon's own.
fn plant(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    chown(file, Some(DAEMON_UID), Some(DAEMON_UID)).unwrap();
}

#[test]
fn a_code_from_afar_is_refused_and_stays_good() {
    let mut testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    let remote = Session { remote: true, ..Session::default() };
    testbed.logind().says(|script| script.place = Place::Session(remote));
    assert_eq!(recover(&testbed, ALICE, &codes[0]), Reply::refused(Refusal::RemoteSession));
    testbed.logind().says(|script| script.place = Place::Session(Session::default()));
    assert_eq!(recover(&testbed, ALICE, &codes[0]), taken());
}

#[test]
fn a_store_that_takes_nothing_refuses_and_loses_no_code() {
    let testbed = with_alice();
    let codes = codes(&testbed, ALICE);
    let bind = MsFlags::MS_BIND;
    mount(Some(STORE), STORE, None::<&str>, bind, None::<&str>).unwrap();
    let read_only = bind | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(Some(STORE), STORE, None::<&str>, read_only, None::<&str>).unwrap();
    assert_eq!(recover(&testbed, ALICE, &codes[0]), Reply::refused(Refusal::StorageFailed));
    let run =
        testbed.fpass_enroll("root", &["recovery-codes", "--user", "alice", "--yes"]).unwrap();
    assert_eq!(run.code, Some(9), "{run:?}");
    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(left(&testbed, ALICE), 10);
    assert_eq!(recover(&testbed, ALICE, &codes[0]), taken());
}
