//! Codes that let nobody in.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use fpass_proto::{Refusal, Verdict, names::RECOVERY_INTERFACE};
use fpass_tests::{
    ALICE, BOB, DAEMON_UID, Ground, Reply, Scene,
    logind::{Place, Session},
    scene::{BIDEN, OBAMA},
};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::{STORE, altered, codes, left, recover, recover_as, refused, taken, with_alice};

/// Bob is enrolled too, and alice sits before the camera.
fn with_both() -> Ground {
    let mut ground = with_alice();
    ground.camera_shows(&Scene::person(BIDEN)).unwrap();
    ground.enrol(BOB).unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground
}

fn verdict(ground: &Ground, caller: &str) -> Reply {
    ground.verify(caller, ALICE).unwrap()
}

fn matched() -> Reply {
    Reply::Answer(Verdict::Match.as_str().to_owned())
}

fn done(ground: &Ground, words: &[&str]) {
    let run = ground.fpass_enroll("root", words).unwrap();
    assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
}

#[test]
fn wrong_used_and_foreign_codes_and_what_is_none() {
    let mut ground = with_both();
    assert_eq!(recover(&ground, ALICE, "0-0000-0000-0000-0000"), refused(Refusal::NoRecoveryCodes));
    let (alices, bobs) = (codes(&ground, ALICE), codes(&ground, BOB));
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
        let reply = recover(&ground, ALICE, none);
        assert_eq!(reply, refused(Refusal::RecoveryRefused), "{none:.40?}");
    }
    assert_eq!(recover(&ground, ALICE, &altered(&alices[0])), refused(Refusal::RecoveryRefused));
    assert_eq!(recover(&ground, ALICE, &bobs[0]), refused(Refusal::RecoveryRefused));
    assert_eq!(recover_as(&ground, "bob", ALICE, &alices[0]), refused(Refusal::UserMismatch));
    assert_eq!(recover_as(&ground, "..", ALICE, &alices[0]), refused(Refusal::MalformedUserName));
    assert_eq!((left(&ground, ALICE), left(&ground, BOB)), (10, 10));
    assert_eq!(recover(&ground, ALICE, &alices[0]), taken());
    assert_eq!(recover(&ground, ALICE, &alices[0]), refused(Refusal::RecoveryRefused));
    assert_eq!((left(&ground, ALICE), left(&ground, BOB)), (9, 10));
    let careless = alices[1].to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    assert_eq!(recover(&ground, ALICE, &careless), taken());
    let uid = format!("uint32:{}", ALICE.uid);
    let code = format!("string:{}", alices[2]);
    let words = [&uid, "string:alice", "string:a b", "string:", &code];
    let reply = ground.call("root", RECOVERY_INTERFACE, "Recover", &words).unwrap();
    assert_eq!(reply, refused(Refusal::InvalidArgument));
    assert!(ground.daemon_lives());

    // Neither in the log nor on the disk.
    let log = ground.daemon_log();
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
    let ground = with_alice();
    let codes = codes(&ground, ALICE);
    for _ in 0..5 {
        let reply = recover(&ground, ALICE, &altered(&codes[0]));
        assert_eq!(reply, refused(Refusal::RecoveryRefused));
    }
    assert_eq!(recover(&ground, ALICE, &codes[0]), refused(Refusal::LockedOut));
    assert_eq!(verdict(&ground, "root"), matched(), "her login");
    assert_eq!(verdict(&ground, "alice"), matched(), "her self-test");
    assert_eq!(
        recover(&ground, ALICE, &codes[0]),
        refused(Refusal::LockedOut),
        "a match pardons none"
    );
    let status = ground.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(
        status.contains("Recovery:    10 of 10 codes left; 5 failed attempts in a row; locked for"),
        "{status}"
    );
    done(&ground, &["unlock", "--user", "alice"]);
    assert_eq!(recover(&ground, ALICE, &codes[0]), taken());
    let status = ground.fpass_enroll("alice", &["status"]).unwrap().stdout;
    assert!(status.contains("Recovery:    9 of 10 codes left; no failed attempts"), "{status}");
}

#[test]
fn the_codes_of_an_f_pass_that_is_gone() {
    let ends: [&[&str]; 3] = [
        &["clear", "--user", "alice", "--yes"],
        &["remove", "--user", "alice", "face"],
        &["clear", "--forget", "--user", "alice", "--yes"],
    ];
    let ground = with_alice();
    let file = Path::new(STORE).join(format!("{}.recovery", ALICE.uid));
    let none = refused(Refusal::NoRecoveryCodes);
    for end in ends {
        let codes = codes(&ground, ALICE);
        let kept = fs::read(&file).unwrap();
        done(&ground, end);
        assert!(!file.exists(), "{end:?}");
        assert_eq!(recover(&ground, ALICE, &codes[0]), none, "{end:?}");
        // Put back by hand they are codes of no F-pass, nor of the next one.
        plant(&file, &kept);
        assert_eq!(recover(&ground, ALICE, &codes[0]), none, "{end:?}");
        ground.enrol(ALICE).unwrap();
        assert_eq!(recover(&ground, ALICE, &codes[0]), none, "{end:?}");
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
    let mut ground = with_alice();
    let codes = codes(&ground, ALICE);
    let remote = Session { remote: true, ..Session::default() };
    ground.logind().says(|script| script.place = Place::Session(remote));
    assert_eq!(recover(&ground, ALICE, &codes[0]), refused(Refusal::RemoteSession));
    ground.logind().says(|script| script.place = Place::Session(Session::default()));
    assert_eq!(recover(&ground, ALICE, &codes[0]), taken());
}

#[test]
fn a_store_that_takes_nothing_refuses_and_loses_no_code() {
    let ground = with_alice();
    let codes = codes(&ground, ALICE);
    let bind = MsFlags::MS_BIND;
    mount(Some(STORE), STORE, None::<&str>, bind, None::<&str>).unwrap();
    let read_only = bind | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(Some(STORE), STORE, None::<&str>, read_only, None::<&str>).unwrap();
    assert_eq!(recover(&ground, ALICE, &codes[0]), refused(Refusal::StorageFailed));
    let run = ground.fpass_enroll("root", &["recovery-codes", "--user", "alice", "--yes"]).unwrap();
    assert_eq!(run.code, Some(9), "{run:?}");
    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(left(&ground, ALICE), 10);
    assert_eq!(recover(&ground, ALICE, &codes[0]), taken());
}
