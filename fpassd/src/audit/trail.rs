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
    list::List,
    sink::Sink,
};
use crate::store::{Folder, FolderError};

/// Why a record has no place in the chain. It goes out all the same, and says so.
#[derive(Debug, Error)]
pub(crate) enum TrailError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("the head of the audit trail cannot be read: {0}")]
    Read(#[source] FolderError),
    #[error("the head of the audit trail could not be written: {0}")]
    Write(#[source] FolderError),
}

/// The trail of this machine.
pub(crate) struct Trail {
    directory: PathBuf,
    sink: Box<dyn Sink>,
    now: fn() -> SystemTime,
    /// Digest over the face models, for each record.
    models: String,
    /// The head, once it has been read. While the daemon runs, this one counts and not the file, so that
    /// a file put back to an older state makes no second chain. Held while a record is written.
    head: Mutex<Option<Head>>,
}

impl Trail {
    /// A trail whose head lies in `directory`, the store.
    pub(crate) fn new(
        directory: PathBuf,
        models: [u8; 32],
        sink: Box<dyn Sink>,
        now: fn() -> SystemTime,
    ) -> Self {
        let models = audit::Hash(models).to_string();
        Self { directory, sink, now, models, head: Mutex::new(None) }
    }

    /// Finds the head, and begins a chain when there is none to go on with.
    pub(crate) fn begin(&self) -> Result<(), TrailError> {
        self.found(&mut self.head()).map(drop)
    }

    /// The head of the chain.
    pub(crate) fn tell_head(&self) -> Result<Head, TrailError> {
        self.found(&mut self.head())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// Why it went out without a place in the chain.
    pub(super) fn append(&self, list: List) -> Result<(), TrailError> {
        let mut head = self.head();
        match self.found(&mut head) {
            Ok(before) => self.link(&mut head, before, list),
            Err(error) => {
                self.unchained(list, &error);
                Err(error)
            }
        }
    }

    /// The head in memory, or else on the disk; or that of a chain which begins here.
    fn found(&self, head: &mut Option<Head>) -> Result<Head, TrailError> {
        if let Some(head) = *head {
            return Ok(head);
        }
        let kind = match head::load(&self.folder()?) {
            Ok(Some(found)) => return Ok(*head.insert(found)),
            Ok(None) => audit::KIND_START,
            Err(HeadError::Damaged) => audit::KIND_RESTART,
            Err(HeadError::Folder(error)) => return Err(TrailError::Read(error)),
        };
        self.link(head, Head::NONE, List::opening(kind))?;
        Ok(head.unwrap_or(Head::NONE))
    }

    /// Gives a record its place behind `before`, and sends it.
    fn link(&self, head: &mut Option<Head>, before: Head, list: List) -> Result<(), TrailError> {
        let mut record = list.clone();
        self.stamp(&mut record);
        // 64 bits do not run out.
        let sequence = before.sequence.saturating_add(1);
        record.add(audit::SEQUENCE, sequence.to_string());
        record.add(audit::PREVIOUS, before.hash.to_string());
        let mut fields = record.into_fields();
        let hash = fields.digest();
        let next = Head { sequence, hash };
        let saved =
            self.folder().and_then(|folder| head::save(&folder, next).map_err(TrailError::Write));
        if let Err(error) = saved {
            self.unchained(list, &error);
            return Err(error);
        }
        *head = Some(next);
        if fields.add(audit::HASH, hash.to_string()).is_err() || self.sink.write(&fields).is_err() {
            tracing::error!(sequence, "an audit record did not reach the journal and is missing");
        }
        Ok(())
    }

    /// Sends a record that has no place in the chain.
    fn unchained(&self, mut list: List, error: &TrailError) {
        self.stamp(&mut list);
        list.add(audit::UNCHAINED, error.to_string());
        if self.sink.write(&list.into_fields()).is_err() {
            tracing::error!("an audit record did not reach the journal and is missing");
        }
    }

    /// Adds what every record has.
    fn stamp(&self, list: &mut List) {
        let now = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        list.add(audit::TIME, now.as_millis().to_string());
        list.add(audit::MODELS, self.models.as_str());
    }

    fn folder(&self) -> Result<Folder, TrailError> {
        Folder::open(&self.directory).map_err(TrailError::Directory)
    }

    fn head(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
