//! A disk that is full or fails.

use std::{fs, io::Write, path::Path};

use fpass_proto::{
    Refusal,
    names::{ENROLMENT_INTERFACE, RECOVERY_INTERFACE},
};
use fpass_tests::{ALICE, DAEMON_UID, Reply, Testbed, strace::Strace, watch::wait_until};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::{
    stored::{STORE, Stored, plant},
    verify,
};

/// Changes of a user's own F-pass. Removing deletes the recovery codes first, which frees space.
const CHANGES: [&str; 3] = ["Rename", "Remove", "Clear"];

/// Alice's second enrolment and these changes fail. Her existing F-pass stays, and an attempt has
/// this reply.
fn nothing_changes(testbed: &mut Testbed, what: &str, attempt: &Reply, changes: &[&str]) {
    let run = testbed.fpass_enroll("alice", &["add", "--label", "second"]).unwrap();
    assert_eq!(run.code, Some(9), "{what}: {run:?}");
    assert!(run.stderr.contains(Refusal::StorageFailed.sentence()), "{what}: {run:?}");

    let alice = ALICE.uid_argument();
    for member in changes {
        let arguments: &[&str] = match *member {
            "Rename" => &[&alice, "string:face", "string:first"],
            "Remove" => &[&alice, "string:face"],
            _ => &[&alice],
        };
        let reply = testbed.call("alice", ENROLMENT_INTERFACE, member, arguments).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::StorageFailed), "{what}, {member}");
    }

    assert!(testbed.daemon_lives(), "{what}");
    assert_eq!(verify(testbed, ALICE), *attempt, "{what}");
    let list = testbed.fpass_enroll("alice", &["list", "--json"]).unwrap();
    assert!(
        list.stdout.contains("\"face\"") && !list.stdout.contains("second"),
        "{what}: {list:?}"
    );
    // The history of the attempt is written after its answer.
    wait_until(&format!("no draft is left behind, {what}"), || {
        let names = fs::read_dir(STORE).unwrap().map(|entry| entry.unwrap().file_name());
        names.into_iter().all(|name| !name.to_string_lossy().contains("draft"))
    });
}

fn mounted(source: &str, kind: Option<&str>, flags: MsFlags, options: Option<&str>) {
    mount(Some(source), STORE, kind, flags, options).unwrap();
}

#[test]
fn a_full_disk_keeps_the_old_template() {
    let mut testbed = Testbed::with_alice().unwrap();
    let words = ["recovery-codes", "--user", "alice", "--json", "--yes"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let code = format!("string:{}", printed["codes"][3].as_str().unwrap());
    let files = Stored::all();
    let options = format!("size=128k,mode=0700,uid={DAEMON_UID},gid={DAEMON_UID}");
    mounted("tmpfs", Some("tmpfs"), MsFlags::empty(), Some(&options));
    for file in &files {
        plant(&file.path, &file.bytes);
    }
    let filler = Path::new(STORE).join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    drop(file);
    // Attempts are counted and recorded in place.
    nothing_changes(&mut testbed, "a full disk", &Reply::matched(), &["Rename"]);
    for file in files.iter().filter(|file| file.path.ends_with(format!("{}.logins", ALICE.uid))) {
        assert_ne!(fs::read(&file.path).unwrap(), file.bytes, "nothing was counted");
    }
    // A code is used up, once.
    let alice = ALICE.uid_argument();
    let arguments = [alice.as_str(), "string:alice", "string:login", "string:tty1", &code];
    let recover = || testbed.call("root", RECOVERY_INTERFACE, "Recover", &arguments).unwrap();
    assert_eq!(recover(), Reply::Answer(String::new()));
    assert_eq!(recover(), Reply::refused(Refusal::RecoveryRefused));

    // With free space again, the same enrolment succeeds.
    fs::remove_file(filler).unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::matched(), "the old template");
    let run = testbed.fpass_enroll("alice", &["add", "--label", "second"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
}

#[test]
fn a_read_only_disk_keeps_the_old_template() {
    let mut testbed = Testbed::with_alice().unwrap();
    mounted(STORE, None, MsFlags::MS_BIND, None);
    mounted(STORE, None, MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, None);
    nothing_changes(
        &mut testbed,
        "a read-only disk",
        &Reply::refused(Refusal::StorageFailed),
        &CHANGES,
    );

    umount2(STORE, MntFlags::MNT_DETACH).unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::matched(), "the old template");
}

#[test]
fn a_failing_disk_keeps_the_old_template() {
    let mut testbed = Testbed::with_alice().unwrap();
    // The n-th of these calls by the writing thread: draft, its sync, exchange, the directory's
    // sync. An error after the new record is in place would mislead the caller.
    for fault in [
        "fsync:error=EIO:when=1",
        "fsync:error=EDQUOT:when=1",
        "renameat2:error=EIO:when=1",
        "renameat2:error=EROFS:when=1",
        "fsync:error=EIO:when=2",
    ] {
        let strace = Strace::attach(testbed.daemon_id().unwrap(), fault).unwrap();
        let run = testbed.fpass_enroll("alice", &["rename", "face", "other"]).unwrap();
        drop(strace);
        assert_eq!(run.code, Some(9), "{fault}: {run:?}");
        assert!(run.stderr.contains(Refusal::StorageFailed.sentence()), "{fault}: {run:?}");
        assert!(testbed.daemon_lives(), "{fault}");
        let list = testbed.fpass_enroll("alice", &["list", "--json"]).unwrap();
        assert!(list.stdout.contains("\"face\"") && !list.stdout.contains("other"), "{list:?}");
    }
    // During a whole enrolment, in every writing thread.
    let (refused, matched) = (Reply::refused(Refusal::StorageFailed), Reply::matched());
    for (fault, attempt) in [
        ("fsync:error=EIO", &matched),
        ("fsync:error=ENOSPC", &matched),
        ("renameat2:error=EIO", &matched),
        ("fsync,fdatasync:error=EIO", &refused),
        ("fsync,pwrite64:error=ENOSPC", &refused),
    ] {
        let strace = Strace::attach(testbed.daemon_id().unwrap(), fault).unwrap();
        nothing_changes(&mut testbed, fault, attempt, &CHANGES);
        drop(strace);
    }
    let run = testbed.fpass_enroll("alice", &["rename", "face", "other"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
}
