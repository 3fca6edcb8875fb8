//! The chain: each record gets its place and the hash of the one before it, one after the other.
//!
//! The head is on the disk before its record goes out, so that a last record that is missing shows.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use fpass_proto::audit::{self, Head};
use thiserror::Error;

use super::{
    head::{self, HeadError},
    record_builder::RecordBuilder,
    sink::RecordSink,
};
use crate::folder::{Folder, FolderError};

/// Why a record has no place in the chain. It goes out all the same, and says so.
#[derive(Debug, Error)]
pub(crate) enum AuditError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("the head of the audit trail cannot be read: {0}")]
    Read(#[source] FolderError),
    #[error("the head of the audit trail could not be written: {0}")]
    Write(#[source] FolderError),
}

/// The trail of this machine.
pub(crate) struct AuditLog {
    directory: PathBuf,
    sink: Box<dyn RecordSink>,
    now: fn() -> SystemTime,
    /// Digest over the face models, for each record.
    models: String,
    /// The head, once it has been read. While the daemon runs, this one counts and not the file, so that
    /// a file put back to an older state makes no second chain. Held while a record is written.
    head: Mutex<Option<Head>>,
}

impl AuditLog {
    /// A trail whose head lies in `directory`, the store.
    pub(crate) fn new(
        directory: PathBuf,
        models: [u8; 32],
        sink: Box<dyn RecordSink>,
        now: fn() -> SystemTime,
    ) -> Self {
        let models = audit::Hash(models).to_string();
        Self { directory, sink, now, models, head: Mutex::new(None) }
    }

    /// Finds the head, and begins a chain when there is none to go on with.
    pub(crate) fn begin(&self) -> Result<(), AuditError> {
        self.found(&mut self.head()).map(drop)
    }

    /// The head of the chain.
    pub(crate) fn tell_head(&self) -> Result<Head, AuditError> {
        self.found(&mut self.head())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// Why it went out without a place in the chain.
    pub(super) fn append(&self, record: RecordBuilder) -> Result<(), AuditError> {
        let mut head = self.head();
        match self.found(&mut head) {
            Ok(before) => self.link(&mut head, before, record),
            Err(error) => {
                self.unchained(record, &error);
                Err(error)
            }
        }
    }

    /// The head in memory, or else on the disk; or that of a chain which begins here.
    fn found(&self, head: &mut Option<Head>) -> Result<Head, AuditError> {
        if let Some(head) = *head {
            return Ok(head);
        }
        let kind = match head::load(&self.folder()?) {
            Ok(Some(found)) => return Ok(*head.insert(found)),
            Ok(None) => audit::KIND_START,
            Err(HeadError::Damaged) => audit::KIND_RESTART,
            Err(HeadError::Folder(error)) => return Err(AuditError::Read(error)),
        };
        self.link(head, Head::NONE, RecordBuilder::opening(kind))?;
        Ok(head.unwrap_or(Head::NONE))
    }

    /// Gives a record its place behind `before`, and sends it.
    fn link(
        &self,
        head: &mut Option<Head>,
        before: Head,
        record: RecordBuilder,
    ) -> Result<(), AuditError> {
        let mut placed = record.clone();
        self.stamp(&mut placed);
        // 64 bits do not run out.
        let sequence = before.sequence.saturating_add(1);
        placed.add(audit::SEQUENCE, sequence.to_string());
        placed.add(audit::PREVIOUS, before.hash.to_string());
        let mut fields = placed.into_fields();
        let hash = fields.digest();
        let next = Head { sequence, hash };
        let saved =
            self.folder().and_then(|folder| head::save(&folder, next).map_err(AuditError::Write));
        if let Err(error) = saved {
            self.unchained(record, &error);
            return Err(error);
        }
        *head = Some(next);
        if fields.add(audit::HASH, hash.to_string()).is_err() || self.sink.write(&fields).is_err() {
            tracing::error!(sequence, "an audit record did not reach the journal and is missing");
        }
        Ok(())
    }

    /// Sends a record that has no place in the chain.
    fn unchained(&self, mut record: RecordBuilder, error: &AuditError) {
        self.stamp(&mut record);
        record.add(audit::UNCHAINED, error.to_string());
        if self.sink.write(&record.into_fields()).is_err() {
            tracing::error!("an audit record did not reach the journal and is missing");
        }
    }

    /// Adds what every record has.
    fn stamp(&self, record: &mut RecordBuilder) {
        let now = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        record.add(audit::TIME, now.as_millis().to_string());
        record.add(audit::MODELS, self.models.as_str());
    }

    fn folder(&self) -> Result<Folder, AuditError> {
        Folder::open(&self.directory).map_err(AuditError::Directory)
    }

    fn head(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
