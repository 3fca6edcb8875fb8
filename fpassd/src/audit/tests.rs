//! Records of a scripted service, with a store that works and one that fails.

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
    admission::RefusedCalls,
    folder::{Folder, private_directory},
    scripted::{self, ALICE},
    service::Service,
    throttle::SystemClock,
};

/// A sink that keeps the records.
#[derive(Clone, Default)]
struct FakeSink(Arc<Mutex<Vec<Fields>>>);

impl RecordSink for FakeSink {
    fn write(&self, fields: &Fields) -> io::Result<()> {
        self.0.lock().unwrap().push(fields.clone());
        Ok(())
    }
}

impl FakeSink {
    fn all(&self) -> Vec<Fields> {
        self.0.lock().unwrap().clone()
    }

    fn values(&self, name: &str) -> Vec<String> {
        self.all().iter().map(|fields| fields.value(name).unwrap_or("-").to_owned()).collect()
    }
}

fn log_with(directory: &Path, sink: Box<dyn RecordSink>) -> AuditLog {
    let now = || SystemTime::UNIX_EPOCH;
    AuditLog::new(directory.to_owned(), [1; 32], sink, now, RefusedCalls::default())
}

fn log(directory: &Path) -> (AuditLog, FakeSink) {
    let kept = FakeSink::default();
    let sink = Box::new(kept.clone());
    (log_with(directory, sink), kept)
}

fn context(kind: &'static str, caller: Uid) -> RequestContext {
    RequestContext { kind, request: 1, caller, uid: ALICE }
}

fn record(kind: &'static str) -> RecordBuilder {
    let mut record = RecordBuilder::new(context(kind, Uid::ROOT));
    record.conclude("done", None);
    record
}

/// Checks the hash of each record, and that each names the record before it.
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

/// Makes the store unusable.
fn shut(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
}

fn open(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_record_that_has_no_place_says_so_and_the_chain_goes_on_without_it() {
    let directory = private_directory();
    let (log, kept) = log(directory.path());
    log.append(record("one")).unwrap();
    shut(directory.path());
    assert!(log.append(record("lost")).is_err());
    open(directory.path());
    log.append(record("two")).unwrap();
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
    let log = log_with(directory.path(), Box::new(looking));
    log.append(record("one")).unwrap();
    assert_eq!(looking.1.lock().unwrap().len(), 2);
}

#[test]
fn a_restarted_daemon_goes_on_and_a_damaged_head_begins_a_chain_that_says_so() {
    let directory = private_directory();
    let (first, kept) = log(directory.path());
    first.append(record("one")).unwrap();
    let (second, more) = log(directory.path());
    second.open().unwrap();
    second.append(record("two")).unwrap();
    assert_chained(&[kept.all(), more.all()].concat(), Head::NONE);

    let path = directory.path().join(head::NAME);
    fs::write(&path, b"FPAH\x01").unwrap();
    let (third, fresh) = log(directory.path());
    third.open().unwrap();
    third.append(record("three")).unwrap();
    assert_eq!(fresh.values(audit::KIND), [audit::KIND_RESTART, "three"]);
    assert_chained(&fresh.all(), Head::NONE);
    assert_eq!(third.head().unwrap().sequence, 2);
}

#[test]
fn a_head_that_is_put_back_while_the_daemon_runs_makes_no_second_chain() {
    let directory = private_directory();
    let (log, kept) = log(directory.path());
    log.append(record("one")).unwrap();
    let path = directory.path().join(head::NAME);
    let old = fs::read(&path).unwrap();
    log.append(record("two")).unwrap();
    fs::write(&path, old).unwrap();
    log.append(record("three")).unwrap();
    fs::remove_file(&path).unwrap();
    log.append(record("four")).unwrap();
    assert_chained(&kept.all(), Head::NONE);
    assert_eq!(kept.all().len(), 5);
}

#[test]
fn records_from_many_threads_make_one_chain() {
    let directory = private_directory();
    let (log, kept) = log(directory.path());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    log.append(record("one")).unwrap();
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
    let (log, kept) = log(directory.path());
    let label = Label::parse("FPASS_UID=0 \u{202e}\"x").unwrap();
    let mut hostile = RecordBuilder::new(context("rename", ALICE));
    hostile.add(audit::LABEL, label.as_str());
    hostile.conclude("done", None);
    log.append(hostile).unwrap();
    let record = kept.all().pop().unwrap();
    assert_eq!(record.value(audit::LABEL), Some(label.as_str()));
    assert_eq!(record.value(audit::UID), Some("1000"));
}

async fn outcome(service: &Service, outcome: Result<Verdict, Refusal>) -> Result<Verdict, Refusal> {
    let trace = Trace::default();
    let measurements =
        AttemptMeasurements { camera: String::new(), trace: &trace, total: Duration::ZERO };
    let (context, pam) = (context("attempt", Uid::ROOT), PamContext::default());
    service.audit_log.record_attempt(context, &pam, outcome, measurements).await
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
    let log = &service.audit_log;
    let (context, pam) = (context("recovery", Uid::ROOT), PamContext::default());
    let wrong = Err(Refusal::RecoveryRefused);
    for expected in [Ok(()), wrong] {
        assert_eq!(log.record_login(context, &pam, expected).await, expected);
    }
    shut(directory.path());
    let unrecorded = log.record_login(context, &pam, Ok(())).await;
    assert_eq!(unrecorded, Err(Refusal::StorageFailed));
    assert_eq!(log.record_login(context, &pam, wrong).await, wrong);
}

#[test]
fn the_hash_of_the_models_is_in_every_record() {
    let directory = private_directory();
    let (log, kept) = log(directory.path());
    log.append(record("one")).unwrap();
    let models = Hash([1; 32]).to_string();
    assert_eq!(kept.values(audit::MODELS), [models.clone(), models]);
}

#[tokio::test]
async fn refusals_beyond_the_allowance_are_counted_and_none_of_root_or_with_a_verdict() {
    let directory = private_directory();
    let refused = RefusedCalls::default();
    let kept = FakeSink::default();
    let now = || SystemTime::UNIX_EPOCH;
    let sink = Box::new(kept.clone());
    let log =
        Arc::new(AuditLog::new(directory.path().to_owned(), [1; 32], sink, now, refused.clone()));
    log.open().unwrap();
    for _ in 0..150 {
        for caller in [ALICE, Uid::ROOT] {
            let outcome = Err(Refusal::NotAuthorized);
            log.record_change(context("change", caller), None, outcome).await;
        }
    }
    log.record_change(context("change", ALICE), None, Ok(())).await;
    let callers = kept.values(audit::CALLER);
    assert_eq!(callers.iter().filter(|caller| *caller == "0").count(), 150);
    let tally = refused.take().unwrap();
    let own = callers.iter().filter(|caller| **caller == ALICE.to_string()).count();
    assert_eq!(own as u64 - 1 + tally.total(), 150, "a refusal was lost");
    assert!(own < 150, "every refusal has a record of its own");
    log.record_refused_calls(&tally).await;
    let summary = kept.all().pop().unwrap();
    assert_eq!(summary.value(audit::CALLS), Some(tally.total().to_string().as_str()));
    assert_eq!(summary.value(audit::CALLERS), Some(format!("{ALICE}={}", tally.total()).as_str()));
    assert_chained(&kept.all(), Head::NONE);
}
