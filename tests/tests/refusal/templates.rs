//! Records that differ from what the daemon stored. The right person is always in front of the
//! camera: only the record causes the refusal.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
};

use fpass_proto::{EnrolmentState, Refusal};
use fpass_tests::{
    ALICE, BOB, CAROL, DAEMON_UID, Login, MACHINE_ID, Reply, Scene, Testbed, scene::BIDEN,
};
use nix::{
    sys::stat::{Mode, SFlag, makedev, mknod},
    unistd::mkfifo,
};

use crate::{
    in_state, locked_out, state,
    stored::{STORE, Stored},
    verify, with_both,
};

// Where the parts of a record begin, in bytes: see fpassd/src/store/seal.rs.
const FORMAT: usize = 8;
const UID: usize = 10;
const GENERATION: usize = 14;
const KEY: usize = 22;
const NETWORKS: usize = 30;
const NONCE: usize = 62;
const CIPHERTEXT: usize = 86;
const TAG_LENGTH: usize = 16;

/// The name of the damage, the damage, and the expected refusal.
type Case<'a> = (&'a str, &'a dyn Fn(&Stored), Refusal);

/// The name of the fault of the store, how it is caused, and how it is undone.
type Mishap<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn());

/// Damages alice's record in each of these ways. Each has its own refusal on the bus, at a login
/// and by the command line. Bob is not affected, and clearing repairs it.
fn each_is_refused(testbed: &mut Testbed, cases: &[Case<'_>]) {
    let record = Stored::record(ALICE);
    for (what, damage, refusal) in cases {
        damage(&record);
        assert_eq!(verify(testbed, ALICE), Reply::refused(*refusal), "{what}");
        assert_eq!(state(testbed, ALICE), Reply::refused(*refusal), "{what}");
        locked_out(testbed, *refusal, what);
        let run = testbed.fpass_enroll("alice", &["verify"]).unwrap();
        assert_eq!(run.code, Some(9), "{what}: {run:?}");
        assert!(run.stderr.contains(refusal.sentence()), "{what}: {run:?}");
        assert_eq!(state(testbed, BOB), in_state(EnrolmentState::Enrolled), "{what}");
        assert!(testbed.daemon_lives(), "{what}");

        let run = testbed.fpass_enroll("root", &["clear", "--user", "alice", "--yes"]).unwrap();
        assert_eq!(run.code, Some(0), "{what}, clearing: {run:?}");
        assert_eq!(state(testbed, ALICE), in_state(EnrolmentState::Removed), "{what}, cleared");
        record.restore();
    }
    // The records work again: only the damage was refused.
    assert_eq!(verify(testbed, ALICE), Reply::matched());
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_eq!(verify(testbed, BOB), Reply::matched());
}

#[test]
fn a_record_with_other_bytes_is_refused() {
    let mut testbed = with_both();
    let bob = Stored::record(BOB).bytes;
    let swapped = |record: &Stored| record.replace(&bob);
    let relabelled = |record: &Stored| {
        let mut bytes = bob.clone();
        bytes[UID..GENERATION].copy_from_slice(&ALICE.uid.to_le_bytes());
        record.replace(&bytes);
    };
    each_is_refused(
        &mut testbed,
        &[
            ("no bytes", &|r| r.replace(b""), Refusal::TemplateTruncated),
            ("cut in the magic", &|r| r.edit(|b| b.truncate(5)), Refusal::TemplateTruncated),
            ("cut in the header", &|r| r.edit(|b| b.truncate(20)), Refusal::TemplateTruncated),
            (
                "cut before the body",
                &|r| r.edit(|b| b.truncate(CIPHERTEXT)),
                Refusal::TemplateTruncated,
            ),
            (
                "cut in the tag",
                &|r| r.edit(|b| b.truncate(CIPHERTEXT + TAG_LENGTH - 1)),
                Refusal::TemplateTruncated,
            ),
            // From this length on, a truncated file is well-formed and fails its authentication.
            ("cut by a byte", &|r| r.edit(|b| b.truncate(b.len() - 1)), Refusal::TemplateAltered),
            ("longer by a byte", &|r| r.edit(|b| b.push(0)), Refusal::TemplateAltered),
            ("flip in the magic", &|r| r.edit(|b| b[0] ^= 1), Refusal::TemplateUnknownFormat),
            ("newer format", &|r| r.edit(|b| b[FORMAT] += 1), Refusal::TemplateUnknownFormat),
            ("older format", &|r| r.edit(|b| b[FORMAT] -= 4), Refusal::TemplateUnknownFormat),
            ("as format 3", &|r| r.edit(|b| b[FORMAT] -= 3), Refusal::TemplateAltered),
            ("as format 4", &|r| r.edit(|b| b[FORMAT] -= 2), Refusal::TemplateAltered),
            ("as format 5", &|r| r.edit(|b| b[FORMAT] -= 1), Refusal::TemplateAltered),
            ("of other networks", &|r| r.edit(|b| b[NETWORKS] ^= 1), Refusal::TemplateModels),
            ("flip in the key's id", &|r| r.edit(|b| b[KEY] ^= 1), Refusal::TemplateAltered),
            ("flip in the uid", &|r| r.edit(|b| b[UID] ^= 1), Refusal::TemplateSwapped),
            (
                "flip in the generation",
                &|r| r.edit(|b| b[GENERATION] ^= 1),
                Refusal::TemplateAltered,
            ),
            ("flip in the nonce", &|r| r.edit(|b| b[NONCE] ^= 128), Refusal::TemplateAltered),
            ("flip in the body", &|r| r.edit(|b| b[CIPHERTEXT + 3] ^= 1), Refusal::TemplateAltered),
            (
                "flip in the tag",
                &|r| r.edit(|b| *b.last_mut().unwrap() ^= 1),
                Refusal::TemplateAltered,
            ),
            ("bob's record", &swapped, Refusal::TemplateSwapped),
            ("bob's record under alice's uid", &relabelled, Refusal::TemplateAltered),
            ("something else", &|r| r.replace(&[b'x'; 4096]), Refusal::TemplateUnknownFormat),
            ("2 MiB", &|r| r.replace(&vec![0; 2 << 20]), Refusal::TemplateUnreadable),
        ],
    );
}

#[test]
fn a_record_that_is_not_a_private_plain_file_is_refused() {
    let mut testbed = with_both();
    let user = Mode::S_IRUSR | Mode::S_IWUSR;
    let device = |record: &Stored| {
        record.remove();
        mknod(&record.path, SFlag::S_IFCHR, user, makedev(1, 5)).unwrap();
        record.chown(DAEMON_UID);
    };
    each_is_refused(
        &mut testbed,
        &[
            ("readable by all", &|r| r.chmod(0o644), Refusal::TemplateMisowned),
            ("readable by a group", &|r| r.chmod(0o640), Refusal::TemplateMisowned),
            ("writable by all", &|r| r.chmod(0o602), Refusal::TemplateMisowned),
            (
                "symlink to a good record",
                &|r| {
                    let good = r.copy_aside();
                    r.remove();
                    symlink(good, &r.path).unwrap();
                },
                Refusal::TemplateIrregular,
            ),
            (
                "symlink to bob's record",
                &|r| {
                    r.remove();
                    symlink(Stored::record(BOB).path, &r.path).unwrap();
                },
                Refusal::TemplateIrregular,
            ),
            (
                "symlink to nothing",
                &|r| {
                    r.remove();
                    symlink("/nowhere", &r.path).unwrap();
                },
                Refusal::TemplateIrregular,
            ),
            (
                "hard link",
                &|r| {
                    let good = r.copy_aside();
                    r.remove();
                    fs::hard_link(good, &r.path).unwrap();
                },
                Refusal::TemplateIrregular,
            ),
            (
                "pipe",
                &|r| {
                    r.remove();
                    mkfifo(&r.path, user).unwrap();
                    r.chown(DAEMON_UID);
                },
                Refusal::TemplateIrregular,
            ),
            ("device", &device, Refusal::TemplateIrregular),
        ],
    );
}

#[test]
fn a_record_that_belongs_to_somebody_else_is_refused() {
    let mut testbed = with_both();
    each_is_refused(
        &mut testbed,
        &[
            (
                "owned by bob and readable",
                &|r| {
                    r.chown(BOB.uid);
                    r.chmod(0o644);
                },
                Refusal::TemplateMisowned,
            ),
            ("owned by bob", &|r| r.chown(BOB.uid), Refusal::TemplateMisowned),
            ("owned by root", &|r| r.chown(0), Refusal::TemplateMisowned),
        ],
    );
}

#[test]
fn a_directory_in_the_place_of_a_record_is_refused() {
    let mut testbed = with_both();
    let directory = |record: &Stored| {
        record.remove();
        fs::create_dir(&record.path).unwrap();
        record.chown(DAEMON_UID);
    };
    each_is_refused(&mut testbed, &[("directory", &directory, Refusal::TemplateIrregular)]);
}

#[test]
fn a_store_that_cannot_be_looked_into_proves_nothing_about_anybody() {
    let mut testbed = Testbed::with_alice().unwrap();
    let store = Path::new(STORE);
    let aside = Path::new("/var/lib/fpass-moved");
    let owned_by = |uid| chown(store, Some(uid), Some(uid)).unwrap();
    let with_mode = |mode| fs::set_permissions(store, fs::Permissions::from_mode(mode)).unwrap();
    let cases: [Mishap<'_>; 5] = [
        ("missing", &|| fs::rename(store, aside).unwrap(), &|| fs::rename(aside, store).unwrap()),
        (
            "a symlink to itself elsewhere",
            &|| {
                fs::rename(store, aside).unwrap();
                symlink(aside, store).unwrap();
            },
            &|| {
                fs::remove_file(store).unwrap();
                fs::rename(aside, store).unwrap();
            },
        ),
        ("open to others", &|| with_mode(0o755), &|| with_mode(0o700)),
        ("closed to the daemon", &|| with_mode(0o000), &|| with_mode(0o700)),
        ("somebody else's", &|| owned_by(BOB.uid), &|| owned_by(DAEMON_UID)),
    ];
    for (what, damage, repair) in cases {
        damage();
        assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::TemplateUnreadable), "{what}");
        locked_out(&testbed, Refusal::TemplateUnreadable, what);
        // Carol has never enrolled, but without the store that is unknown.
        let carol = testbed.transact(&Login::of("fpass-nullok", CAROL)).unwrap();
        assert_eq!(carol.code_name(), "PAM_AUTHINFO_UNAVAIL", "{what}: {carol:?}");
        assert!(testbed.daemon_lives(), "{what}");
        repair();
    }
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
    assert!(testbed.transact(&Login::of("fpass-nullok", CAROL)).unwrap().admitted());
}

#[test]
fn a_record_of_another_machine_is_refused() {
    let mut testbed = Testbed::with_alice().unwrap();
    assert_eq!(fs::read_to_string("/etc/machine-id").unwrap(), MACHINE_ID, "the host's own");
    testbed.stop_daemon().unwrap();
    fs::write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n").unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::TemplateAltered));
    locked_out(&testbed, Refusal::TemplateAltered, "another machine");

    testbed.stop_daemon().unwrap();
    fs::write("/etc/machine-id", MACHINE_ID).unwrap();
    testbed.start_daemon().unwrap();
    assert_eq!(verify(&testbed, ALICE), Reply::matched());
}

#[test]
fn removed_is_not_never_enrolled() {
    let testbed = Testbed::with_alice().unwrap();
    for removal in [&["remove", "face"][..], &["clear", "--yes"]] {
        let run = testbed.fpass_enroll("alice", removal).unwrap();
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(state(&testbed, ALICE), in_state(EnrolmentState::Removed), "{removal:?}");
        assert_eq!(verify(&testbed, ALICE), Reply::refused(Refusal::Removed), "{removal:?}");
        locked_out(&testbed, Refusal::Removed, "removed");
        // A new F-pass lets her in again.
        testbed.enrol(ALICE).unwrap();
        assert_eq!(verify(&testbed, ALICE), Reply::matched(), "{removal:?}");
    }

    // Clearing without an F-pass leaves no tombstone.
    let run = testbed.fpass_enroll("carol", &["clear", "--yes"]).unwrap();
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(state(&testbed, CAROL), in_state(EnrolmentState::NeverEnrolled));
    let refused = testbed.transact(&Login::of("fpass-test", CAROL)).unwrap();
    assert_eq!(
        (refused.code_name(), refused.sentence()),
        ("PAM_AUTHINFO_UNAVAIL", Refusal::NeverEnrolled.sentence())
    );
    assert!(testbed.transact(&Login::of("fpass-nullok", CAROL)).unwrap().admitted());
}
