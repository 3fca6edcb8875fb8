//! The chain: each record gets its place and the hash of the record before it.
//!
//! The new head is written to the disk before its record is sent, so a missing last record is
//! noticed.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use fpass_proto::{
    Refusal, Uid,
    audit::{self, Head},
};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::{
    head::{self, HeadError},
    record_allowance::RecordAllowance,
    record_builder::RecordBuilder,
    sink::RecordSink,
};
use crate::{
    admission::RefusedCalls,
    folder::{Folder, FolderError},
};

/// Why a record has no place in the chain. It is sent nevertheless, and says so.
#[derive(Debug, Error)]
pub(crate) enum AuditError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("the head of the audit log cannot be read: {0}")]
    Read(#[source] FolderError),
    #[error("the head of the audit log could not be written: {0}")]
    Write(#[source] FolderError),
}

/// The audit log of this machine.
pub(crate) struct AuditLog {
    directory: PathBuf,
    sink: Box<dyn RecordSink>,
    now: fn() -> SystemTime,
    /// Digest of the face models, a field of each record.
    models: String,
    /// The head, once it has been read; held while a record is written. From then on the file is
    /// only written, so putting back an older file starts no second chain.
    head: Mutex<Option<Head>>,
    /// Taken while a record of a user other than root is written.
    pub(super) turn: Semaphore,
    /// How many refusals get a record of their own.
    allowance: Mutex<RecordAllowance>,
    /// The other ones.
    refused: RefusedCalls,
}

impl AuditLog {
    /// A log whose head is kept in `directory`, the store.
    pub(crate) fn new(
        directory: PathBuf,
        models: [u8; 32],
        sink: Box<dyn RecordSink>,
        now: fn() -> SystemTime,
        refused: RefusedCalls,
    ) -> Self {
        let models = audit::Hash(models).to_string();
        let (head, allowance) = (Mutex::default(), Mutex::default());
        let turn = Semaphore::new(1);
        Self { directory, sink, now, models, head, turn, allowance, refused }
    }

    /// Whether this outcome of a call gets a record: each success does, and so does a refusal while
    /// its caller has any left.
    pub(crate) fn may_record<T>(&self, caller: Uid, outcome: &Result<T, Refusal>) -> bool {
        outcome.is_ok() || self.may_record_refusal(caller)
    }

    /// Whether a refusal of this caller gets a record of its own; otherwise it is counted. Those of
    /// root always do: logins are among them.
    fn may_record_refusal(&self, caller: Uid) -> bool {
        if caller.is_root() {
            return true;
        }
        let mut allowance = self.allowance.lock().unwrap_or_else(PoisonError::into_inner);
        let allowed = allowance.take(caller, Instant::now());
        if !allowed {
            self.refused.add(Some(caller));
        }
        allowed
    }

    /// Reads the head, and starts a chain when there is no usable head.
    pub(crate) fn open(&self) -> Result<(), AuditError> {
        self.head().map(drop)
    }

    /// The head of the chain.
    pub(crate) fn head(&self) -> Result<Head, AuditError> {
        self.load_head(&mut self.lock())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// Why it was sent without a place in the chain.
    pub(super) fn append(&self, record: RecordBuilder) -> Result<(), AuditError> {
        let mut head = self.lock();
        match self.load_head(&mut head) {
            Ok(before) => self.append_after(&mut head, before, record),
            Err(error) => {
                self.send_unchained(record, &error);
                Err(error)
            }
        }
    }

    /// The head in memory, else the one on the disk, else that of a chain that starts now.
    fn load_head(&self, head: &mut Option<Head>) -> Result<Head, AuditError> {
        if let Some(head) = *head {
            return Ok(head);
        }
        let kind = match head::load(&self.folder()?) {
            Ok(Some(found)) => return Ok(*head.insert(found)),
            Ok(None) => audit::KIND_START,
            Err(HeadError::Damaged) => audit::KIND_RESTART,
            Err(HeadError::Folder(error)) => return Err(AuditError::Read(error)),
        };
        self.append_after(head, Head::NONE, RecordBuilder::first(kind))?;
        Ok(head.unwrap_or(Head::NONE))
    }

    /// Gives a record its place after `before`, and sends it.
    fn append_after(
        &self,
        head: &mut Option<Head>,
        before: Head,
        record: RecordBuilder,
    ) -> Result<(), AuditError> {
        let mut chained = record.clone();
        self.add_common_fields(&mut chained);
        // 64 bits do not overflow.
        let sequence = before.sequence.saturating_add(1);
        chained.add(audit::SEQUENCE, sequence.to_string());
        chained.add(audit::PREVIOUS, before.hash.to_string());
        let mut fields = chained.into_fields();
        let hash = fields.digest();
        let next = Head { sequence, hash };
        let saved =
            self.folder().and_then(|folder| head::save(&folder, next).map_err(AuditError::Write));
        if let Err(error) = saved {
            self.send_unchained(record, &error);
            return Err(error);
        }
        *head = Some(next);
        if fields.add(audit::HASH, hash.to_string()).is_err() || self.sink.write(&fields).is_err() {
            tracing::error!(sequence, "an audit record did not reach the journal and is missing");
        }
        Ok(())
    }

    /// Sends a record that has no place in the chain.
    fn send_unchained(&self, mut record: RecordBuilder, error: &AuditError) {
        self.add_common_fields(&mut record);
        record.add(audit::UNCHAINED, error.to_string());
        if self.sink.write(&record.into_fields()).is_err() {
            tracing::error!("an audit record did not reach the journal and is missing");
        }
    }

    /// Adds the fields that every record has.
    fn add_common_fields(&self, record: &mut RecordBuilder) {
        let now = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        record.add(audit::TIME, now.as_millis().to_string());
        record.add(audit::MODELS, self.models.as_str());
    }

    fn folder(&self) -> Result<Folder, AuditError> {
        Folder::open(&self.directory).map_err(AuditError::Directory)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
