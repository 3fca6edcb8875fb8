//! Records of a scripted service, and what they come to when the store fails.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use fpass_proto::audit::{Fields, Hash, Head};

use super::*;
use crate::{
    folder::{Folder, private_directory},
    scripted::{self, ALICE},
    throttle::SystemClock,
};

/// Keeps what it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Fields>>>);

impl RecordSink for Kept {
    fn write(&self, fields: &Fields) -> io::Result<()> {
        self.0.lock().unwrap().push(fields.clone());
        Ok(())
    }
}

impl Kept {
    fn all(&self) -> Vec<Fields> {
        self.0.lock().unwrap().clone()
    }

    fn values(&self, name: &str) -> Vec<String> {
        self.all().iter().map(|fields| fields.value(name).unwrap_or("-").to_owned()).collect()
    }
}

fn trail(directory: &Path) -> (AuditLog, Kept) {
    let kept = Kept::default();
    let sink = Box::new(kept.clone());
    (AuditLog::new(directory.to_owned(), [1; 32], sink, || SystemTime::UNIX_EPOCH), kept)
}

fn list(kind: &'static str) -> RecordBuilder {
    let mut list = RecordBuilder::new(kind, 1, Uid::ROOT, ALICE);
    list.conclude("done", None);
    list
}

/// Each record's hash is right and each names the one before it.
fn assert_chained(records: &[Fields], mut before: Head) {
    for fields in records {
        let hash = fields.digest();
        assert_eq!(fields.value(audit::HASH), Some(hash.to_string().as_str()));
        assert_eq!(fields.value(audit::PREVIOUS), Some(before.hash.to_string().as_str()));
        let sequence = before.sequence + 1;
        assert_eq!(fields.value(audit::SEQUENCE), Some(sequence.to_string().as_str()));
        before = Head { sequence, hash };
    }
}

/// Nothing can be written or read there.
fn shut(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
}

fn open(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_record_that_has_no_place_says_so_and_the_chain_goes_on_without_it() {
    let directory = private_directory();
    let (trail, kept) = trail(directory.path());
    trail.append(list("one")).unwrap();
    shut(directory.path());
    assert!(trail.append(list("lost")).is_err());
    open(directory.path());
    trail.append(list("two")).unwrap();
    let records = kept.all();
    assert_eq!(kept.values(audit::KIND), [audit::KIND_START, "one", "lost", "two"]);
    assert_eq!(records[2].value(audit::SEQUENCE), None);
    assert!(records[2].value(audit::UNCHAINED).unwrap().contains("store"));
    let chained = [records[0].clone(), records[1].clone(), records[3].clone()];
    assert_chained(&chained, Head::NONE);
}

#[test]
fn the_head_is_on_the_disk_before_its_record_goes_out() {
    struct Looking(std::path::PathBuf, Mutex<Vec<Head>>);
    impl RecordSink for &'static Looking {
        fn write(&self, fields: &Fields) -> io::Result<()> {
            let folder = Folder::open(&self.0).unwrap();
            let head = head::load(&folder).unwrap().unwrap();
            assert_eq!(fields.value(audit::HASH), Some(head.hash.to_string().as_str()));
            self.1.lock().unwrap().push(head);
            Ok(())
        }
    }
    let directory = private_directory();
    let looking: &'static Looking =
        Box::leak(Box::new(Looking(directory.path().to_owned(), Mutex::default())));
    let trail = AuditLog::new(directory.path().to_owned(), [1; 32], Box::new(looking), || {
        SystemTime::UNIX_EPOCH
    });
    trail.append(list("one")).unwrap();
    assert_eq!(looking.1.lock().unwrap().len(), 2);
}

#[test]
fn a_restarted_daemon_goes_on_and_a_damaged_head_begins_a_chain_that_says_so() {
    let directory = private_directory();
    let (first, kept) = trail(directory.path());
    first.append(list("one")).unwrap();
    let (second, more) = trail(directory.path());
    second.begin().unwrap();
    second.append(list("two")).unwrap();
    assert_chained(&[kept.all(), more.all()].concat(), Head::NONE);

    let path = directory.path().join(head::NAME);
    fs::write(&path, b"FPAH\x01").unwrap();
    let (third, fresh) = trail(directory.path());
    third.begin().unwrap();
    third.append(list("three")).unwrap();
    assert_eq!(fresh.values(audit::KIND), [audit::KIND_RESTART, "three"]);
    assert_chained(&fresh.all(), Head::NONE);
    assert_eq!(third.tell_head().unwrap().sequence, 2);
}

#[test]
fn a_head_that_is_put_back_while_the_daemon_runs_makes_no_second_chain() {
    let directory = private_directory();
    let (trail, kept) = trail(directory.path());
    trail.append(list("one")).unwrap();
    let path = directory.path().join(head::NAME);
    let old = fs::read(&path).unwrap();
    trail.append(list("two")).unwrap();
    fs::write(&path, old).unwrap();
    trail.append(list("three")).unwrap();
    fs::remove_file(&path).unwrap();
    trail.append(list("four")).unwrap();
    assert_chained(&kept.all(), Head::NONE);
    assert_eq!(kept.all().len(), 5);
}

#[test]
fn records_from_many_threads_make_one_chain() {
    let directory = private_directory();
    let (trail, kept) = trail(directory.path());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    trail.append(list("one")).unwrap();
                }
            });
        }
    });
    assert_eq!(kept.all().len(), 33);
    assert_chained(&kept.all(), Head::NONE);
}

#[test]
fn a_hostile_label_stays_one_value() {
    let directory = private_directory();
    let (trail, kept) = trail(directory.path());
    let label = Label::parse("FPASS_UID=0 \u{202e}\"x").unwrap();
    let mut hostile = RecordBuilder::new("rename", 1, ALICE, ALICE);
    hostile.add(audit::LABEL, label.as_str());
    hostile.conclude("done", None);
    trail.append(hostile).unwrap();
    let record = kept.all().pop().unwrap();
    assert_eq!(record.value(audit::LABEL), Some(label.as_str()));
    assert_eq!(record.value(audit::UID), Some("1000"));
}

async fn outcome(service: &Service, outcome: Result<Verdict, Refusal>) -> Result<Verdict, Refusal> {
    let attempt =
        AttemptContext { request: 1, caller: Uid::ROOT, uid: ALICE, service: None, tty: None };
    self::record_attempt(service, &attempt, outcome, &Trace::default(), Duration::ZERO).await
}

#[tokio::test]
async fn without_a_record_no_match_and_every_refusal_as_it_is() {
    let directory = private_directory();
    let service = scripted::service(directory.path(), SystemClock::new());
    let outcomes = [Ok(Verdict::Match), Ok(Verdict::NoMatch), Err(Refusal::TooDark)];
    for expected in outcomes {
        assert_eq!(outcome(&service, expected).await, expected);
    }
    shut(directory.path());
    assert_eq!(outcome(&service, outcomes[0]).await, Err(Refusal::StorageFailed));
    for expected in [outcomes[1], outcomes[2]] {
        assert_eq!(outcome(&service, expected).await, expected);
    }
    open(directory.path());
    assert_eq!(outcome(&service, outcomes[0]).await, outcomes[0]);
}

#[tokio::test]
async fn without_a_record_nothing_else_that_a_login_asks_for_succeeds() {
    let directory = private_directory();
    let service = scripted::service(directory.path(), SystemClock::new());
    let attempt =
        AttemptContext { request: 1, caller: Uid::ROOT, uid: ALICE, service: None, tty: None };
    let wrong = Err(Refusal::RecoveryRefused);
    for expected in [Ok(()), wrong] {
        assert_eq!(record_login(&service, "recovery", &attempt, expected).await, expected);
    }
    shut(directory.path());
    let unrecorded = record_login(&service, "recovery", &attempt, Ok(())).await;
    assert_eq!(unrecorded, Err(Refusal::StorageFailed));
    assert_eq!(record_login(&service, "recovery", &attempt, wrong).await, wrong);
}

#[test]
fn the_hash_of_the_models_is_in_every_record() {
    let directory = private_directory();
    let (trail, kept) = trail(directory.path());
    trail.append(list("one")).unwrap();
    let models = Hash([1; 32]).to_string();
    assert_eq!(kept.values(audit::MODELS), [models.clone(), models]);
}
