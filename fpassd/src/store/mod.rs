//! Templates at rest: one sealed record per numeric uid.

mod folder;
mod key;
mod record;
mod seal;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use fpass_proto::{EnrolmentState, Label, Refusal, Uid, limits};
use thiserror::Error;

pub(crate) use self::{
    folder::{Folder, FolderError},
    record::{ADAPTED_MAX, AdaptedSample, Record, StoredTemplate},
    seal::Binding,
};

/// Why the store did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("the key file is not usable: {0}")]
    Key(#[source] FolderError),
    #[error("the key file does not hold 32 bytes")]
    KeyLength,
    #[error("there is no key file")]
    KeyMissing,
    #[error("the record is not usable: {0}")]
    Record(#[source] FolderError),
    #[error("the record is cut short")]
    Truncated,
    #[error("the record fails its authentication")]
    Altered,
    #[error("the record belongs to another user")]
    Swapped,
    #[error("the record has an unknown format")]
    UnknownFormat,
    #[error("the record's content is malformed")]
    Malformed,
    #[error("the record could not be written: {0}")]
    Write(#[source] FolderError),
    #[error("the system gave no random bytes")]
    NoRandomness,
    #[error("the user was never enrolled")]
    NeverEnrolled,
    #[error("the user's templates were removed")]
    Removed,
    #[error("the record was changed meanwhile")]
    Changed,
    #[error("the label is taken")]
    LabelTaken,
    #[error("no template has this label")]
    NoSuchTemplate,
    #[error("the user holds as many templates as allowed")]
    TooManyTemplates,
}

impl StoreError {
    /// What the caller on the bus is told.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Key(_) | Self::KeyLength | Self::KeyMissing => Refusal::KeyUnreadable,
            Self::Record(FolderError::Irregular) => Refusal::TemplateIrregular,
            Self::Record(FolderError::Misowned) => Refusal::TemplateMisowned,
            Self::Directory(_) | Self::Record(FolderError::TooLarge | FolderError::Io(_)) => {
                Refusal::TemplateUnreadable
            }
            Self::Truncated => Refusal::TemplateTruncated,
            Self::Altered | Self::Malformed => Refusal::TemplateAltered,
            Self::Swapped => Refusal::TemplateSwapped,
            Self::UnknownFormat => Refusal::TemplateUnknownFormat,
            Self::Write(_) | Self::NoRandomness => Refusal::StorageFailed,
            Self::NeverEnrolled => Refusal::NeverEnrolled,
            Self::Removed => Refusal::Removed,
            Self::Changed => Refusal::Cancelled,
            Self::LabelTaken => Refusal::LabelTaken,
            Self::NoSuchTemplate => Refusal::NoSuchTemplate,
            Self::TooManyTemplates => Refusal::TooManyTemplates,
        }
    }
}

/// The directory with its binding. Every call opens files afresh, so that a repaired or damaged
/// store shows at the next call.
///
/// A change that names a `horizon`, in seconds since the Unix epoch, also drops the adapted samples
/// from before it.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    binding: Binding,
    /// Held while a record is read, changed and written back.
    writing: Mutex<()>,
}

impl Store {
    /// A store in `directory`, which must exist by the time of the first call.
    pub(crate) fn new(directory: PathBuf, binding: Binding) -> Self {
        Self { directory, binding, writing: Mutex::new(()) }
    }

    /// Fails when the directory cannot be used at all.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.folder().map(drop)
    }

    /// Fails when there is no usable key.
    pub(crate) fn check_key(&self) -> Result<(), StoreError> {
        key::load(&self.folder()?)?.ok_or(StoreError::KeyMissing).map(drop)
    }

    /// Whether the user has an F-pass.
    pub(crate) fn state(&self, uid: Uid) -> Result<EnrolmentState, StoreError> {
        Ok(match self.read(&self.folder()?, uid)? {
            None => EnrolmentState::NeverEnrolled,
            Some((_, Record::Removed)) => EnrolmentState::Removed,
            Some((_, Record::Enrolled(_))) => EnrolmentState::Enrolled,
        })
    }

    /// The user's templates, at least one, with the generation of their record.
    pub(crate) fn templates(&self, uid: Uid) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
        enrolled(self.read(&self.folder()?, uid)?)
    }

    /// The user's templates, also when there are none, with the generation of their record; 0 without
    /// a record.
    pub(crate) fn so_far(&self, uid: Uid) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
        Ok(match self.read(&self.folder()?, uid)? {
            None => (0, Vec::new()),
            Some((generation, Record::Removed)) => (generation, Vec::new()),
            Some((generation, Record::Enrolled(templates))) => (generation, templates),
        })
    }

    /// Whether a template with this label could be added.
    pub(crate) fn has_room(&self, uid: Uid, label: &Label) -> Result<(), StoreError> {
        match self.read(&self.folder()?, uid)? {
            Some((_, Record::Enrolled(templates))) => ensure_room(&templates, label),
            None | Some((_, Record::Removed)) => Ok(()),
        }
    }

    /// Adds a template to the record of the generation that [`Self::so_far`] gave: it was compared
    /// with the templates in there, and belongs to no others.
    pub(crate) fn add(
        &self,
        uid: Uid,
        generation: u64,
        horizon: u64,
        template: StoredTemplate,
    ) -> Result<(), StoreError> {
        self.change(uid, horizon, |now, record| {
            if now != generation {
                return Err(StoreError::Changed);
            }
            let mut templates = match record {
                Some(Record::Enrolled(templates)) => templates,
                Some(Record::Removed) | None => Vec::new(),
            };
            ensure_room(&templates, &template.label)?;
            templates.push(template);
            Ok(Record::Enrolled(templates))
        })
    }

    /// Gives a template another label.
    pub(crate) fn rename(
        &self,
        uid: Uid,
        horizon: u64,
        old: &Label,
        new: &Label,
    ) -> Result<(), StoreError> {
        self.change(uid, horizon, |_, record| {
            let mut templates = enrolled(record.map(|record| (0, record)))?.1;
            if old != new && templates.iter().any(|template| template.label == *new) {
                return Err(StoreError::LabelTaken);
            }
            let template = templates
                .iter_mut()
                .find(|template| template.label == *old)
                .ok_or(StoreError::NoSuchTemplate)?;
            template.label = new.clone();
            Ok(Record::Enrolled(templates))
        })
    }

    /// Removes one template; the last one leaves a tombstone.
    pub(crate) fn remove(&self, uid: Uid, horizon: u64, label: &Label) -> Result<(), StoreError> {
        self.change(uid, horizon, |_, record| {
            let mut templates = enrolled(record.map(|record| (0, record)))?.1;
            let before = templates.len();
            templates.retain(|template| template.label != *label);
            if templates.len() == before {
                return Err(StoreError::NoSuchTemplate);
            }
            Ok(if templates.is_empty() { Record::Removed } else { Record::Enrolled(templates) })
        })
    }

    /// Lets `take` add an adapted sample to the record of the generation that a verdict was computed
    /// from; when it declines, nothing is written.
    ///
    /// The generation stays: what verdicts and enrolments under way were computed from is still
    /// there, and none of them may fail because somebody else logged in.
    pub(crate) fn adapt<T, D>(
        &self,
        uid: Uid,
        generation: u64,
        take: impl FnOnce(&mut [StoredTemplate]) -> Result<T, D>,
    ) -> Result<Result<T, D>, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        let (now, mut templates) = enrolled(self.read(&folder, uid)?)?;
        if now != generation {
            return Err(StoreError::Changed);
        }
        let taken = take(&mut templates);
        if taken.is_ok() {
            self.write(&folder, uid, generation, &Record::Enrolled(templates))?;
        }
        Ok(taken)
    }

    /// Drops every adapted sample.
    pub(crate) fn reset_adaptation(&self, uid: Uid) -> Result<(), StoreError> {
        self.change(uid, 0, |_, record| {
            let mut templates = enrolled(record.map(|record| (0, record)))?.1;
            templates.iter_mut().for_each(|template| template.adapted.clear());
            Ok(Record::Enrolled(templates))
        })
    }

    /// Replaces whatever is stored, readable or not, with a tombstone.
    pub(crate) fn clear(&self, uid: Uid) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        key::load(&folder)?.ok_or(StoreError::KeyMissing)?;
        let claimed = match folder.read(&file_name(uid)) {
            Ok(None) => return Err(StoreError::NeverEnrolled),
            Ok(Some(sealed)) => seal::claimed_generation(&sealed),
            Err(_) => {
                folder.make_way(&file_name(uid)).map_err(StoreError::Write)?;
                0
            }
        };
        self.write(&folder, uid, claimed.wrapping_add(1), &Record::Removed)
    }

    fn folder(&self) -> Result<Folder, StoreError> {
        Folder::open(&self.directory).map_err(StoreError::Directory)
    }

    fn read(&self, folder: &Folder, uid: Uid) -> Result<Option<(u64, Record)>, StoreError> {
        // The key first: a store without one (not mounted, say) proves nothing about anybody.
        let cipher = key::load(folder)?.ok_or(StoreError::KeyMissing)?;
        let Some(sealed) = folder.read(&file_name(uid)).map_err(StoreError::Record)? else {
            return Ok(None);
        };
        let opened = seal::open(&cipher, &self.binding, uid, &sealed)?;
        Ok(Some((opened.generation, Record::decode(&opened.plaintext)?)))
    }

    fn change(
        &self,
        uid: Uid,
        horizon: u64,
        change: impl FnOnce(u64, Option<Record>) -> Result<Record, StoreError>,
    ) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        let (generation, record) = match self.read(&folder, uid)? {
            None => (0, None),
            Some((generation, mut record)) => {
                record.expire(horizon);
                (generation, Some(record))
            }
        };
        self.write(&folder, uid, generation.wrapping_add(1), &change(generation, record)?)
    }

    fn write(
        &self,
        folder: &Folder,
        uid: Uid,
        generation: u64,
        record: &Record,
    ) -> Result<(), StoreError> {
        let cipher = key::load(folder)?.ok_or(StoreError::KeyMissing)?;
        let plaintext = record.encode()?;
        let sealed = seal::seal(&cipher, &self.binding, uid, generation, &plaintext)?;
        folder.write(&file_name(uid), &sealed).map_err(StoreError::Write)
    }
}

/// Makes the key of a new store. An existing key stays, and none is made while records depend on a
/// lost one.
pub(crate) fn create_key(directory: &Path) -> Result<(), StoreError> {
    let folder = Folder::open(directory).map_err(StoreError::Directory)?;
    if key::load(&folder)?.is_some() {
        return Ok(());
    }
    if folder.contains(|name| name.ends_with(SUFFIX)).map_err(StoreError::Directory)? {
        return Err(StoreError::KeyMissing);
    }
    key::create(&folder)
}

/// Ending of the names of records.
const SUFFIX: &str = ".fpass";

fn file_name(uid: Uid) -> String {
    format!("{uid}{SUFFIX}")
}

fn enrolled(record: Option<(u64, Record)>) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
    match record {
        None => Err(StoreError::NeverEnrolled),
        Some((_, Record::Removed)) => Err(StoreError::Removed),
        Some((generation, Record::Enrolled(templates))) => Ok((generation, templates)),
    }
}

fn ensure_room(templates: &[StoredTemplate], label: &Label) -> Result<(), StoreError> {
    if templates.iter().any(|template| template.label == *label) {
        Err(StoreError::LabelTaken)
    } else if templates.len() >= limits::TEMPLATES_MAX {
        Err(StoreError::TooManyTemplates)
    } else {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) fn private_directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(mode).tempdir().unwrap()
}

#[cfg(test)]
mod tests;
