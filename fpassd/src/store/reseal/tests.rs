use std::{fs, path::PathBuf};

use fpass_camera::Rotation;

use super::*;
use crate::store::{
    Store,
    tests::{ALICE, BOB, HORIZON, add, binding, label, store, template},
};

fn key(directory: &tempfile::TempDir) -> Vec<u8> {
    fs::read(directory.path().join("key")).unwrap()
}

fn record(directory: &tempfile::TempDir, uid: Uid) -> PathBuf {
    directory.path().join(format!("{uid}.fpass"))
}

fn format(directory: &tempfile::TempDir, uid: Uid) -> u8 {
    fs::read(record(directory, uid)).unwrap()[8]
}

/// Alice has a template and Bob a tombstone.
fn inhabited() -> (tempfile::TempDir, Store) {
    let (directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    add(&store, BOB, template("face")).unwrap();
    store.clear(BOB, None).unwrap();
    (directory, store)
}

#[test]
fn a_store_in_use_or_without_a_key_is_left_alone() {
    let (directory, store) = inhabited();
    let before = (key(&directory), fs::read(record(&directory, ALICE)).unwrap());
    let lock = store.lock().unwrap();
    assert!(matches!(rotate_key(directory.path(), &binding()), Err(StoreError::InUse)));
    let downgraded = downgrade(directory.path(), &binding(), Format::V3);
    assert!(matches!(downgraded, Err(StoreError::InUse)));
    assert!(matches!(store.lock(), Err(StoreError::InUse)), "a second daemon is refused too");
    drop(lock);
    assert_eq!(before, (key(&directory), fs::read(record(&directory, ALICE)).unwrap()));
    fs::remove_file(directory.path().join("key")).unwrap();
    assert!(matches!(rotate_key(directory.path(), &binding()), Err(StoreError::KeyMissing)));
    assert!(!directory.path().join("key").exists());
}

#[test]
fn a_record_that_does_not_open_keeps_the_old_key() {
    let (directory, store) = inhabited();
    let old = key(&directory);
    let sealed = fs::read(record(&directory, ALICE)).unwrap();
    fs::write(record(&directory, ALICE), &sealed[..sealed.len() - 1]).unwrap();
    fs::write(directory.path().join("01.fpass"), b"").unwrap();
    let unfinished = rotate_key(directory.path(), &binding());
    assert!(matches!(unfinished, Err(StoreError::Unopened(2))), "{unfinished:?}");
    assert_eq!(key(&directory)[KEY_LENGTH..], old);
    let downgraded = downgrade(directory.path(), &binding(), Format::V3);
    assert!(matches!(downgraded, Err(StoreError::Rotating)));

    // After the file is repaired and the foreign file removed, the rotation continues with the same
    // new key.
    let new = key(&directory)[..KEY_LENGTH].to_vec();
    fs::write(record(&directory, ALICE), &sealed).unwrap();
    fs::remove_file(directory.path().join("01.fpass")).unwrap();
    assert_eq!(store.templates(ALICE).unwrap().1.len(), 1, "both keys open in between");
    assert_eq!(rotate_key(directory.path(), &binding()).unwrap(), 2);
    assert_eq!(key(&directory), new);
    assert_eq!(store.templates(ALICE).unwrap().1.len(), 1);
}

#[test]
fn a_rotation_changes_the_key_and_nothing_that_is_stored() {
    let (directory, store) = inhabited();
    let (old, generation) = (key(&directory), store.templates_or_empty(ALICE).unwrap().0);
    let sealed = fs::read(record(&directory, ALICE)).unwrap();
    assert_eq!(rotate_key(directory.path(), &binding()).unwrap(), 2);
    assert_ne!(key(&directory), old);
    assert_eq!(key(&directory).len(), KEY_LENGTH);
    assert_eq!(store.templates_or_empty(ALICE).unwrap().0, generation);
    assert_eq!(store.templates(ALICE).unwrap().1[0].label, label("face"));
    assert!(matches!(store.templates(BOB), Err(StoreError::Removed)));
    fs::write(record(&directory, ALICE), sealed).unwrap();
    assert!(
        matches!(store.templates(ALICE), Err(StoreError::ForeignKey)),
        "the old key no longer opens records"
    );
}

#[test]
fn records_are_converted_to_the_older_format_and_back() {
    let (directory, store) = inhabited();
    let generation = store.templates_or_empty(ALICE).unwrap().0;
    assert_eq!(format(&directory, ALICE), 6);
    assert_eq!(downgrade(directory.path(), &binding(), Format::V3).unwrap(), 2);
    assert_eq!((format(&directory, ALICE), format(&directory, BOB)), (3, 3));
    assert_eq!(store.templates_or_empty(ALICE).unwrap().0, generation);
    assert!(matches!(store.templates(BOB), Err(StoreError::Removed)));

    store.rename(ALICE, None, HORIZON, &label("face"), &label("other")).unwrap();
    assert_eq!((format(&directory, ALICE), format(&directory, BOB)), (6, 3), "a change raises it");
    assert_eq!(rotate_key(directory.path(), &binding()).unwrap(), 2);
    assert_eq!(format(&directory, BOB), 6, "a rotation raises it too");
    assert_eq!(store.templates(ALICE).unwrap().1[0].label, label("other"));
}

#[test]
fn records_of_every_older_format_are_migrated_and_then_depend_on_the_networks_alone() {
    for former in [Format::V3, Format::V4, Format::V5] {
        let (directory, store) = inhabited();
        let generation = store.templates_or_empty(ALICE).unwrap().0;
        downgrade(directory.path(), &binding(), former).unwrap();
        let damaged = directory.path().join("1002.fpass");
        fs::write(&damaged, b"damaged").unwrap();
        assert_eq!(store.migrate().unwrap(), 2);
        assert_eq!(store.migrate().unwrap(), 0);
        assert_eq!((format(&directory, ALICE), format(&directory, BOB)), (6, 6));
        assert_eq!(fs::read(damaged).unwrap(), b"damaged", "what does not open stays");
        let another_detector = Binding { former: Some([1; 32]), ..binding() };
        let store = Store::new(directory.path().to_owned(), another_detector);
        let (kept, templates) = store.templates(ALICE).unwrap();
        assert_eq!((kept, templates[0].rotation), (generation, Some(Rotation::None)));
        assert!(matches!(store.templates(BOB), Err(StoreError::Removed)));
    }
}

#[test]
fn a_downgrade_writes_counters_and_the_audit_head_in_their_former_layouts() {
    let (directory, _store) = inhabited();
    let folder = Folder::open(directory.path()).unwrap();
    let counter = checked_file::FAILURE_COUNTER.encode(b"counter").unwrap();
    folder.write("1000.logins", &counter).unwrap();
    folder.write("audit-head", &checked_file::AUDIT_HEAD.encode(b"head").unwrap()).unwrap();
    folder.write("1001.logins", &counter[1..]).unwrap();
    downgrade(directory.path(), &binding(), Format::V3).unwrap();
    let read = |name: &str| folder.read(name).unwrap().unwrap();
    assert!(read("1000.logins").starts_with(b"FPTC\x01counter"));
    assert!(read("audit-head").starts_with(b"FPAH\x01head"));
    assert_eq!(*read("1001.logins"), counter[1..], "a damaged file stays");
}
