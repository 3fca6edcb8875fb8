//! The key that opens the records.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use fpass_proto::Refusal;
use fpass_tests::{ALICE, BOB, CAROL, DAEMON_UID, Reply, Testbed};
use nix::{sys::stat::Mode, unistd::mkfifo};

use crate::{
    locked_out, state,
    stored::{Stored, plant},
    verify,
};

#[test]
fn a_key_that_is_not_32_private_bytes_is_refused() {
    let mut testbed = Testbed::with_alice().unwrap();
    let key = Stored::key();
    assert_eq!(key.bytes.len(), 32);
    let cases: [(&str, &dyn Fn()); 13] = [
        ("missing", &|| key.remove()),
        ("empty", &|| key.replace(b"")),
        ("short", &|| key.edit(|bytes| bytes.truncate(31))),
        ("long", &|| key.edit(|bytes| bytes.push(7))),
        ("zero", &|| key.replace(&[0; 32])),
        ("owned by root", &|| key.chown(0)),
        ("owned by bob", &|| key.chown(BOB.uid)),
        ("owned by bob and readable", &|| {
            key.chown(BOB.uid);
            key.chmod(0o644);
        }),
        ("readable by a group", &|| key.chmod(0o640)),
        ("symlink", &|| {
            let good = key.copy_aside();
            key.remove();
            symlink(good, &key.path).unwrap();
        }),
        ("hard link", &|| {
            let good = key.copy_aside();
            key.remove();
            fs::hard_link(good, &key.path).unwrap();
        }),
        ("pipe", &|| {
            key.remove();
            mkfifo(&key.path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
            key.chown(DAEMON_UID);
        }),
        ("directory", &|| {
            key.remove();
            fs::create_dir(&key.path).unwrap();
            key.chown(DAEMON_UID);
        }),
    ];
    for (what, damage) in cases {
        damage();
        assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::KeyUnreadable), "{what}");
        locked_out(&testbed, Refusal::KeyUnreadable, what);
        let clearing = testbed.fpass_enroll("alice", &["clear", "--yes"]).unwrap();
        assert_eq!(clearing.code, Some(9), "{what}: {clearing:?}");
        assert!(testbed.daemon_lives(), "{what}");
        key.restore();
    }
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

#[test]
fn another_key_opens_nothing() {
    let testbed = Testbed::with_alice().unwrap();
    let key = Stored::key();
    key.edit(|bytes| bytes[0] ^= 1);
    assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::TemplateAltered));
    locked_out(&testbed, Refusal::TemplateAltered, "another key");
    key.restore();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

#[test]
fn a_lost_key_is_not_replaced_while_records_depend_on_it() {
    let testbed = Testbed::with_alice().unwrap();
    let key = Stored::key();
    key.remove();
    let run = testbed.fpass_enroll("carol", &["add"]).unwrap();
    assert_eq!(run.code, Some(9), "{run:?}");
    assert!(run.stderr.contains(Refusal::KeyUnreadable.sentence()), "{run:?}");
    assert!(!key.path.exists());
    assert_eq!(state(&testbed, CAROL), Reply::refused(Refusal::KeyUnreadable));
    key.restore();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

#[test]
fn an_emptied_store_is_not_taken_for_one_where_nobody_enrolled() {
    let testbed = Testbed::with_alice().unwrap();
    let key = Stored::key();
    let record = Stored::record(ALICE);
    key.remove();
    record.remove();
    locked_out(&testbed, Refusal::KeyUnreadable, "an emptied store");
    key.restore();
    record.restore();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

/// Passes a directory of credentials to the daemon, as the service manager does.
fn with_credentials(testbed: &mut Testbed) {
    const UNIT: &str = "/usr/lib/systemd/system/fpassd.service";
    let unit = fs::read_to_string(UNIT).unwrap();
    fs::write(UNIT, unit + "\nEnvironment=CREDENTIALS_DIRECTORY=/run/credentials\n").unwrap();
    fs::create_dir_all("/run/credentials").unwrap();
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
}

#[test]
fn a_credential_takes_the_place_of_the_key_file_and_is_not_replaced_by_it() {
    let mut testbed = Testbed::with_alice().unwrap();
    let (key, credential) = (Stored::key(), Path::new("/run/credentials/fpass.key"));
    fs::create_dir_all("/run/credentials").unwrap();
    plant(credential, &[7; 32]);
    with_credentials(&mut testbed);
    assert_eq!(
        verify(&testbed, ALICE),
        Reply::refused(Refusal::TemplateAltered),
        "sealed by the file's"
    );
    let rotate = ["--rotate-key", "--stderr"];
    let environment = ["CREDENTIALS_DIRECTORY=/run/credentials", "/usr/libexec/fpassd"];
    testbed.stop_daemon().unwrap();
    let words: Vec<&str> = environment.into_iter().chain(rotate).collect();
    let run = testbed.run("fpassd", "/usr/bin/env", &words).unwrap();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("the key is a credential"), "{run:?}");

    for (bytes, mode) in [(&key.bytes[..31], 0o400), (&key.bytes[..], 0o444)] {
        fs::remove_file(credential).unwrap();
        plant(credential, bytes);
        fs::set_permissions(credential, fs::Permissions::from_mode(mode)).unwrap();
        testbed.start_daemon().unwrap();
        assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::KeyUnreadable), "{mode:o}");
        locked_out(&testbed, Refusal::KeyUnreadable, "an unusable credential");
        testbed.stop_daemon().unwrap();
    }

    // The same key as a credential, and no file: the state after the move that fpassd(8) describes.
    fs::remove_file(credential).unwrap();
    plant(credential, &key.bytes);
    key.remove();
    testbed.start_daemon().unwrap();
    // This directory cannot be distinguished from an unmounted store.
    assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::KeyUnreadable));
    locked_out(&testbed, Refusal::KeyUnreadable, "a credential and an unmarked directory");
    let mark = ["-m", "0600", "/dev/null", "/var/lib/fpass/credential"];
    assert_eq!(testbed.run("fpassd", "/usr/bin/install", &mark).unwrap().code, Some(0));
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
    let status = testbed.fpass_enroll("root", &["status"]).unwrap();
    assert!(status.stdout.contains("Key:         credential"), "{status:?}");
}
