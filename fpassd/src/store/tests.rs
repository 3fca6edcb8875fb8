use std::{fs, os::unix::fs::PermissionsExt, os::unix::fs::symlink};

use fpass_face::{Embedding, Features, embedder::EMBEDDING_LENGTH};

use fpass_proto::Refusal;

use super::*;
use crate::folder::private_directory;

pub(super) const ALICE: Uid = Uid(1000);
pub(super) const BOB: Uid = Uid(1001);
/// Adapted samples taken earlier have expired.
pub(super) const HORIZON: u64 = 100;

pub(super) fn binding() -> Binding {
    Binding {
        machine_id: "0123456789abcdef0123456789abcdef".into(),
        features: [8; 32],
        former: Some([7; 32]),
    }
}

pub(super) fn store() -> (tempfile::TempDir, Store) {
    let directory = private_directory();
    create_key(directory.path()).unwrap();
    let store = Store::new(directory.path().to_owned(), binding());
    (directory, store)
}

pub(super) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(super) fn template(text: &str) -> StoredTemplate {
    let embedding = Embedding::from_values(&[0.25; EMBEDDING_LENGTH]).unwrap();
    let sample = Features { dlib: Some(embedding.clone()), sface: Some(embedding) };
    StoredTemplate {
        label: label(text),
        created: 1,
        samples: vec![sample; 5],
        adapted: Vec::new(),
        camera: None,
        rotation: None,
    }
}

pub(super) fn add(store: &Store, uid: Uid, template: StoredTemplate) -> Result<(), StoreError> {
    store.add(uid, store.templates_or_empty(uid)?.0, HORIZON, template)
}

fn refusal(store: &Store, uid: Uid) -> Refusal {
    store.templates(uid).err().unwrap().refusal()
}

#[test]
fn never_enrolled_removed_and_enrolled_are_three_states() {
    let (_directory, store) = store();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::NeverEnrolled);
    assert_eq!(refusal(&store, ALICE), Refusal::NeverEnrolled);
    add(&store, ALICE, template("face")).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Enrolled);
    store.remove(ALICE, None, HORIZON, &label("face")).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
    assert_eq!(refusal(&store, ALICE), Refusal::Removed);
    add(&store, ALICE, template("face")).unwrap();
    store.clear(ALICE, None).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
    assert_eq!(store.state(BOB).unwrap(), EnrolmentState::NeverEnrolled);
}

#[test]
fn labels_are_unique_and_bounded_in_number() {
    let (_directory, store) = store();
    add(&store, ALICE, template("0")).unwrap();
    assert!(matches!(add(&store, ALICE, template("0")), Err(StoreError::LabelTaken)));
    for n in 1..limits::TEMPLATES_MAX {
        add(&store, ALICE, template(&n.to_string())).unwrap();
    }
    assert!(matches!(add(&store, ALICE, template("x")), Err(StoreError::TooManyTemplates)));
    assert!(matches!(
        store.rename(ALICE, None, HORIZON, &label("1"), &label("2")),
        Err(StoreError::LabelTaken)
    ));
    assert!(matches!(
        store.rename(ALICE, None, HORIZON, &label("x"), &label("y")),
        Err(StoreError::NoSuchTemplate)
    ));
    store.rename(ALICE, None, HORIZON, &label("1"), &label("y")).unwrap();
    assert!(store.templates(ALICE).unwrap().1.iter().any(|t| t.label == label("y")));
    assert!(matches!(
        store.remove(ALICE, None, HORIZON, &label("1")),
        Err(StoreError::NoSuchTemplate)
    ));
    assert!(matches!(
        store.remove(BOB, None, HORIZON, &label("1")),
        Err(StoreError::NeverEnrolled)
    ));
}

#[test]
fn a_template_is_added_only_to_the_record_that_it_was_compared_with() {
    let (_directory, store) = store();
    let (generation, none) = store.templates_or_empty(ALICE).unwrap();
    assert!(none.is_empty());
    store.add(ALICE, generation, HORIZON, template("face")).unwrap();
    let late = store.add(ALICE, generation, HORIZON, template("other"));
    assert_eq!(late.unwrap_err().refusal(), Refusal::Cancelled);
    let (before, some) = store.templates_or_empty(ALICE).unwrap();
    assert_eq!(some.len(), 1);
    store.clear(ALICE, None).unwrap();
    assert!(matches!(store.add(ALICE, before, HORIZON, template("x")), Err(StoreError::Changed)));
    assert!(store.templates_or_empty(ALICE).unwrap().1.is_empty());
}

#[test]
fn a_change_based_on_another_record_is_refused_and_changes_nothing() {
    let (directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    let (basis, _) = store.templates_or_empty(ALICE).unwrap();
    add(&store, ALICE, template("glasses")).unwrap();
    let before = store.templates_or_empty(ALICE).unwrap();
    let path = directory.path().join(file_name(ALICE));
    for late in [
        store.rename(ALICE, Some(basis), HORIZON, &label("face"), &label("other")),
        store.remove(ALICE, Some(basis), HORIZON, &label("face")),
        store.reset_adaptation(ALICE, Some(basis)),
        store.clear(ALICE, Some(basis)),
        store.clear(ALICE, Some(0)),
    ] {
        assert!(matches!(late, Err(StoreError::Changed)), "{late:?}");
    }
    assert_eq!(store.templates_or_empty(ALICE).unwrap().0, before.0);
    let sealed = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let irregular = store.clear(ALICE, Some(before.0));
    assert!(matches!(irregular, Err(StoreError::Changed)), "{irregular:?}");
    assert!(path.is_dir());
    fs::remove_dir(&path).unwrap();
    fs::write(&path, sealed).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    store.clear(ALICE, Some(before.0)).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
}

#[test]
fn each_kind_of_damage_has_its_own_refusal() {
    let (directory, store) = store();
    let alice = directory.path().join("1000.fpass");
    add(&store, ALICE, template("face")).unwrap();
    add(&store, BOB, template("face")).unwrap();
    let sealed = fs::read(&alice).unwrap();

    fs::write(&alice, &sealed[..30]).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateTruncated);
    fs::write(&alice, b"").unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateTruncated);
    fs::write(&alice, &sealed[..sealed.len() - 1]).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateAltered);
    let mut flipped = sealed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&alice, flipped).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateAltered);
    fs::write(&alice, b"hello, this is no record at all, but long enough").unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateUnknownFormat);
    fs::copy(directory.path().join("1001.fpass"), &alice).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateSwapped);
    fs::write(&alice, &sealed).unwrap();
    fs::set_permissions(&alice, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateMisowned);
    fs::rename(&alice, directory.path().join("elsewhere")).unwrap();
    symlink("elsewhere", &alice).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateIrregular);

    assert_eq!(store.state(BOB).unwrap(), EnrolmentState::Enrolled, "others are unaffected");
    store.clear(ALICE, None).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed, "clearing repairs");
}

#[test]
fn a_damaged_record_is_never_taken_for_never_enrolled() {
    let (directory, store) = store();
    fs::write(directory.path().join("1000.fpass"), b"").unwrap();
    assert!(store.state(ALICE).is_err());
    assert!(add(&store, ALICE, template("face")).is_err(), "an enrolment does not overwrite it");
}

#[test]
fn a_lost_or_bad_key_is_refused_and_never_replaced() {
    let (directory, store) = store();
    let key = directory.path().join("key");
    add(&store, ALICE, template("face")).unwrap();
    let bytes = fs::read(&key).unwrap();
    assert_eq!(bytes.len(), 32);

    fs::write(&key, &bytes[..31]).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::KeyUnreadable);
    fs::write(&key, [0; 32]).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::KeyUnreadable);
    fs::remove_file(&key).unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::KeyUnreadable);
    assert_eq!(add(&store, BOB, template("face")).unwrap_err().refusal(), Refusal::KeyUnreadable);
    assert_eq!(store.clear(ALICE, None).unwrap_err().refusal(), Refusal::KeyUnreadable);
    assert_eq!(create_key(directory.path()).unwrap_err().refusal(), Refusal::KeyUnreadable);
    assert!(!key.exists());
}

#[test]
fn only_forget_removes_a_tombstone() {
    let (directory, store) = store();
    assert!(matches!(store.forget(ALICE), Err(StoreError::NeverEnrolled)));
    add(&store, ALICE, template("face")).unwrap();
    add(&store, BOB, template("face")).unwrap();
    store.remove(ALICE, None, HORIZON, &label("face")).unwrap();
    let key = directory.path().join("key");
    fs::rename(&key, directory.path().join("elsewhere")).unwrap();
    assert!(matches!(store.forget(ALICE), Err(StoreError::KeyMissing)));
    fs::rename(directory.path().join("elsewhere"), &key).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
    assert!(matches!(store.clear(ALICE, None), Ok(())), "clearing leaves another tombstone");
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
    store.forget(ALICE).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::NeverEnrolled);
    assert_eq!(store.state(BOB).unwrap(), EnrolmentState::Enrolled);
    fs::write(directory.path().join("1001.fpass"), b"damaged").unwrap();
    store.forget(BOB).unwrap();
    assert_eq!(
        store.state(BOB).unwrap(),
        EnrolmentState::NeverEnrolled,
        "damaged records are removed too"
    );
}

#[test]
fn in_an_empty_directory_no_user_counts_as_never_enrolled() {
    let directory = private_directory();
    let store = Store::new(directory.path().to_owned(), binding());
    assert_eq!(refusal(&store, ALICE), Refusal::KeyUnreadable);
    assert_eq!(store.state(ALICE).unwrap_err().refusal(), Refusal::KeyUnreadable);
}

#[test]
fn an_existing_key_is_kept() {
    let (directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    create_key(directory.path()).unwrap();
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Enrolled);
}

#[test]
fn every_change_raises_the_generation() {
    let (_directory, store) = store();
    add(&store, ALICE, template("a")).unwrap();
    let first = store.templates(ALICE).unwrap().0;
    store.rename(ALICE, None, HORIZON, &label("a"), &label("b")).unwrap();
    let second = store.templates(ALICE).unwrap().0;
    store.clear(ALICE, None).unwrap();
    add(&store, ALICE, template("a")).unwrap();
    let third = store.templates(ALICE).unwrap().0;
    assert!(first < second && second < third);
}

fn adapt(store: &Store, generation: u64, taken: u64) -> Result<Result<(), ()>, StoreError> {
    store.adapt(ALICE, generation, |templates| {
        let features = templates[0].samples[0].clone();
        templates[0].adapted.push(AdaptedSample { taken, features });
        Ok(())
    })
}

fn adapted(store: &Store) -> Vec<u64> {
    let templates = store.templates(ALICE).unwrap().1;
    templates.iter().flat_map(|t| &t.adapted).map(|sample| sample.taken).collect()
}

#[test]
fn an_adapted_sample_is_added_only_to_the_record_of_the_verdict() {
    let (_directory, store) = store();
    assert!(matches!(adapt(&store, 0, 200), Err(StoreError::NeverEnrolled)));
    add(&store, ALICE, template("face")).unwrap();
    let generation = store.templates(ALICE).unwrap().0;
    let declined = store.adapt(ALICE, generation, |templates| {
        templates[0].samples.clear();
        Err::<(), _>("declined")
    });
    assert_eq!(declined.unwrap(), Err("declined"));
    adapt(&store, generation, 200).unwrap().unwrap();
    assert_eq!(adapted(&store), [200]);
    assert_eq!(store.templates(ALICE).unwrap().0, generation, "verdicts under way stay valid");
    store.rename(ALICE, None, HORIZON, &label("face"), &label("other")).unwrap();
    assert!(matches!(adapt(&store, generation, 300), Err(StoreError::Changed)));
    store.clear(ALICE, None).unwrap();
    assert!(matches!(adapt(&store, generation, 300), Err(StoreError::Removed)));
}

#[test]
fn a_change_drops_expired_samples_and_a_reset_drops_all() {
    let (_directory, store) = store();
    assert!(matches!(store.reset_adaptation(ALICE, None), Err(StoreError::NeverEnrolled)));
    add(&store, ALICE, template("face")).unwrap();
    let generation = store.templates(ALICE).unwrap().0;
    for taken in [HORIZON - 1, HORIZON, 200] {
        adapt(&store, generation, taken).unwrap().unwrap();
    }
    store.rename(ALICE, None, HORIZON, &label("face"), &label("other")).unwrap();
    assert_eq!(adapted(&store), [HORIZON, 200]);
    let generation = store.templates(ALICE).unwrap().0;
    store.reset_adaptation(ALICE, None).unwrap();
    assert!(adapted(&store).is_empty());
    assert_eq!(store.templates(ALICE).unwrap().1[0].samples.len(), 5);
    assert!(matches!(adapt(&store, generation, 300), Err(StoreError::Changed)), "a reset wins");
}

#[test]
fn a_record_with_too_many_adapted_samples_is_refused() {
    let (_directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    let generation = store.templates(ALICE).unwrap().0;
    for taken in 0..ADAPTED_MAX as u64 {
        adapt(&store, generation, taken).unwrap().unwrap();
    }
    assert_eq!(adapted(&store).len(), ADAPTED_MAX);
    adapt(&store, generation, 200).unwrap().unwrap();
    assert_eq!(refusal(&store, ALICE), Refusal::TemplateAltered);
}

#[test]
fn no_part_of_a_template_is_unencrypted_on_disk() {
    let (directory, store) = store();
    add(&store, ALICE, template("with glasses")).unwrap();
    let sealed = fs::read(directory.path().join("1000.fpass")).unwrap();
    for needle in [b"glasses".as_slice(), &0.25_f32.to_le_bytes().repeat(2)] {
        assert!(!sealed.windows(needle.len()).any(|window| window == needle));
    }
}

#[test]
fn records_of_other_networks_have_their_own_refusal() {
    let (directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    let other = Binding { features: [9; 32], ..binding() };
    let other = Store::new(directory.path().to_owned(), other);
    assert_eq!(refusal(&other, ALICE), Refusal::TemplateModels);
    assert!(matches!(other.migrate(), Ok(0)), "it stays as it is");
    // What the former versions had in addition to the networks no longer matters.
    let other = Store::new(directory.path().to_owned(), Binding { former: None, ..binding() });
    assert_eq!(other.templates(ALICE).unwrap().1.len(), 1);
}

#[test]
fn a_directory_that_is_missing_or_open_is_refused() {
    let (directory, store) = store();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).unwrap();
    assert!(matches!(store.check(), Err(StoreError::Directory(FolderError::Misowned))));
    let nowhere = Store::new(directory.path().join("nowhere"), binding());
    assert!(matches!(nowhere.check(), Err(StoreError::Directory(FolderError::Io(_)))));
}
