//! Templates on the disk: one sealed record for each uid.

mod error;
mod fleet;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod history;
mod key;
mod keyring;
mod record;
mod recovery;
mod reseal;
mod scrub;
mod seal;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use fpass_proto::{EnrolmentState, Label, Uid, limits};

use self::keyring::Keyring;
pub(crate) use self::{
    error::StoreError,
    key::{KeySource, create_key},
    record::{ADAPTED_MAX, AdaptedSample, Record, StoredTemplate},
    reseal::{downgrade, rotate_key},
    seal::{Binding, Format},
};
use crate::folder::{Folder, FolderError, FolderLock};

/// The store of one machine. Every call reads the files again, so a repaired or damaged file takes
/// effect at the next call.
///
/// A change with a `basis` applies only to the record of that generation; with `None` it applies to
/// any. A change with a `horizon`, in seconds since the Unix epoch, also drops the adapted samples
/// taken before it.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    binding: Binding,
    key: KeySource,
    /// Locked while a record is read, changed and written back.
    writing: Mutex<()>,
}

impl Store {
    /// A store in `directory` with its key in a file. The directory must exist at the first call.
    pub(crate) fn new(directory: PathBuf, binding: Binding) -> Self {
        Self { directory, binding, key: KeySource::File, writing: Mutex::new(()) }
    }

    /// The same store with its key from another source.
    pub(crate) fn with_key(self, key: KeySource) -> Self {
        Self { key, ..self }
    }

    /// Where the key comes from.
    pub(crate) fn key_source(&self) -> &KeySource {
        &self.key
    }

    /// Locks the store for this process, and removes drafts that a crash left behind.
    pub(crate) fn lock(&self) -> Result<FolderLock, StoreError> {
        lock(&self.folder()?)
    }

    /// Every user with a record.
    pub(crate) fn users(&self) -> Result<Vec<Uid>, StoreError> {
        let names = self.folder()?.names(|name| user_of(name).is_some());
        let names = names.map_err(StoreError::Directory)?;
        Ok(names.iter().filter_map(|name| user_of(name)).collect())
    }

    /// Checks that the directory can be used.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.folder().map(drop)
    }

    /// Checks that there is a usable key.
    pub(crate) fn check_key(&self) -> Result<(), StoreError> {
        self.ensure_key(&self.folder()?)
    }

    /// Writes every record of an older format in the current one. Returns their number.
    pub(crate) fn migrate(&self) -> Result<usize, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        scrub::after(|| reseal::migrate(&folder, &self.keyring(&folder)?, &self.binding))
    }

    /// Whether the user has an F-pass.
    pub(crate) fn state(&self, uid: Uid) -> Result<EnrolmentState, StoreError> {
        Ok(match self.read(&self.folder()?, uid)? {
            None => EnrolmentState::NeverEnrolled,
            Some((_, Record::Removed)) => EnrolmentState::Removed,
            Some((_, Record::Enrolled(_))) => EnrolmentState::Enrolled,
        })
    }

    /// The user's templates, at least one, and the generation of their record.
    pub(crate) fn templates(&self, uid: Uid) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
        templates_of(self.read(&self.folder()?, uid)?)
    }

    /// The user's templates, possibly none, and the generation of their record; 0 without a record.
    pub(crate) fn templates_or_empty(
        &self,
        uid: Uid,
    ) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
        Ok(match self.read(&self.folder()?, uid)? {
            None => (0, Vec::new()),
            Some((generation, Record::Removed)) => (generation, Vec::new()),
            Some((generation, Record::Enrolled(templates))) => (generation, templates),
        })
    }

    /// Checks that a template with this label could be added.
    pub(crate) fn has_room(&self, uid: Uid, label: &Label) -> Result<(), StoreError> {
        match self.read(&self.folder()?, uid)? {
            Some((_, Record::Enrolled(templates))) => ensure_room(&templates, label),
            None | Some((_, Record::Removed)) => Ok(()),
        }
    }

    /// Adds a template to the record of the `generation` that [`Self::templates_or_empty`]
    /// returned: the new template was compared with those templates only.
    pub(crate) fn add(
        &self,
        uid: Uid,
        generation: u64,
        horizon: u64,
        template: StoredTemplate,
    ) -> Result<(), StoreError> {
        self.change(uid, Some(generation), horizon, |record| {
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
        basis: Option<u64>,
        horizon: u64,
        old: &Label,
        new: &Label,
    ) -> Result<(), StoreError> {
        self.change(uid, basis, horizon, |record| {
            let mut templates = enrolled(record)?;
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

    /// Removes one template. Removing the last one leaves a tombstone.
    pub(crate) fn remove(
        &self,
        uid: Uid,
        basis: Option<u64>,
        horizon: u64,
        label: &Label,
    ) -> Result<(), StoreError> {
        self.change(uid, basis, horizon, |record| {
            let mut templates = enrolled(record)?;
            let before = templates.len();
            templates.retain(|template| template.label != *label);
            if templates.len() == before {
                return Err(StoreError::NoSuchTemplate);
            }
            Ok(if templates.is_empty() { Record::Removed } else { Record::Enrolled(templates) })
        })
    }

    /// Lets `take` add an adapted sample to the record of the `generation` that a verdict was
    /// computed from. If `take` declines, nothing is written.
    ///
    /// The generation stays the same: no template was removed, and a login must not cancel the
    /// verdicts and enrolments that are under way.
    pub(crate) fn adapt<T, D>(
        &self,
        uid: Uid,
        generation: u64,
        take: impl FnOnce(&mut [StoredTemplate]) -> Result<T, D>,
    ) -> Result<Result<T, D>, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        let (now, mut templates) = templates_of(self.read(&folder, uid)?)?;
        ensure_basis(Some(generation), now)?;
        let taken = take(&mut templates);
        if taken.is_ok() {
            self.write(&folder, uid, generation, &Record::Enrolled(templates))?;
        }
        Ok(taken)
    }

    /// Drops every adapted sample.
    pub(crate) fn reset_adaptation(&self, uid: Uid, basis: Option<u64>) -> Result<(), StoreError> {
        self.change(uid, basis, 0, |record| {
            let mut templates = enrolled(record)?;
            templates.iter_mut().for_each(|template| template.adapted.clear());
            Ok(Record::Enrolled(templates))
        })
    }

    /// Replaces the stored record, readable or not, with a tombstone.
    pub(crate) fn clear(&self, uid: Uid, basis: Option<u64>) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        self.ensure_key(&folder)?;
        let claimed = match folder.read(&file_name(uid)) {
            Ok(None) => return Err(StoreError::NeverEnrolled),
            Ok(Some(sealed)) => seal::claimed_generation(&sealed),
            Err(_) if basis.is_some() => return Err(StoreError::Changed),
            Err(_) => {
                folder.remove_blocking_dir(&file_name(uid)).map_err(StoreError::Write)?;
                0
            }
        };
        ensure_basis(basis, claimed)?;
        recovery::delete_codes(&folder, uid)?;
        self.write(&folder, uid, claimed.wrapping_add(1), &Record::Removed)
    }

    /// Removes the record, even a tombstone: the user then counts as never enrolled. Without a key
    /// the directory may not be the store, and nothing is removed.
    pub(crate) fn forget(&self, uid: Uid) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder()?;
        self.ensure_key(&folder)?;
        history::delete_history(&folder, uid)?;
        recovery::delete_codes(&folder, uid)?;
        let name = file_name(uid);
        if !folder.contains(|entry| entry == name).map_err(StoreError::Directory)? {
            return Err(StoreError::NeverEnrolled);
        }
        folder
            .remove_blocking_dir(&name)
            .and_then(|()| folder.remove(&name))
            .map_err(StoreError::Write)
    }

    fn ensure_key(&self, folder: &Folder) -> Result<(), StoreError> {
        scrub::after(|| self.keyring(folder).map(drop))
    }

    fn keyring(&self, folder: &Folder) -> Result<Keyring, StoreError> {
        self.key.load(folder)?.ok_or(StoreError::KeyMissing)
    }

    fn folder(&self) -> Result<Folder, StoreError> {
        Folder::open(&self.directory).map_err(StoreError::Directory)
    }

    fn read(&self, folder: &Folder, uid: Uid) -> Result<Option<(u64, Record)>, StoreError> {
        scrub::after(|| self.open(folder, uid))
    }

    fn open(&self, folder: &Folder, uid: Uid) -> Result<Option<(u64, Record)>, StoreError> {
        // The key is read first. A directory without one may be an unmounted store, which says
        // nothing about any user.
        let ring = self.keyring(folder)?;
        let Some(sealed) = folder.read(&file_name(uid)).map_err(StoreError::Record)? else {
            return Ok(None);
        };
        let opened = seal::open(&ring, &self.binding, uid, &sealed)?;
        let record = Record::read(opened.format, &opened.plaintext)?;
        Ok(Some((opened.generation, record)))
    }

    fn change(
        &self,
        uid: Uid,
        basis: Option<u64>,
        horizon: u64,
        change: impl FnOnce(Option<Record>) -> Result<Record, StoreError>,
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
        ensure_basis(basis, generation)?;
        let was_enrolled = matches!(record, Some(Record::Enrolled(_)));
        let record = change(record)?;
        // Recovery codes belong to one F-pass: they are deleted before it ends, and the next one
        // starts without codes.
        if !(was_enrolled && matches!(record, Record::Enrolled(_))) {
            recovery::delete_codes(&folder, uid)?;
        }
        self.write(&folder, uid, generation.wrapping_add(1), &record)
    }

    fn write(
        &self,
        folder: &Folder,
        uid: Uid,
        generation: u64,
        record: &Record,
    ) -> Result<(), StoreError> {
        let sealed = scrub::after(|| self.seal(folder, uid, generation, record))?;
        folder.write(&file_name(uid), &sealed).map_err(StoreError::Write)
    }

    fn seal(
        &self,
        folder: &Folder,
        uid: Uid,
        generation: u64,
        record: &Record,
    ) -> Result<Vec<u8>, StoreError> {
        let ring = self.keyring(folder)?;
        let plaintext = record.encode()?;
        seal::seal(&ring, Format::CURRENT, &self.binding, uid, generation, &plaintext)
    }
}

fn lock(folder: &Folder) -> Result<FolderLock, StoreError> {
    let lock = folder.lock().map_err(StoreError::Directory)?.ok_or(StoreError::InUse)?;
    match folder.sweep() {
        Ok(0) => {}
        Ok(drafts) => tracing::info!(drafts, "removed unfinished writes from the store"),
        // They do not disturb later writes.
        Err(error) => {
            tracing::warn!(%error, "unfinished writes could not be removed from the store");
        }
    }
    Ok(lock)
}

/// Suffix of the file names of records.
const SUFFIX: &str = ".fpass";

fn file_name(uid: Uid) -> String {
    format!("{uid}{SUFFIX}")
}

/// The user whose record has this file name.
fn user_of(name: &str) -> Option<Uid> {
    let uid = Uid(name.strip_suffix(SUFFIX)?.parse().ok()?);
    (file_name(uid) == name).then_some(uid)
}

/// The templates of a record, and its generation.
fn templates_of(record: Option<(u64, Record)>) -> Result<(u64, Vec<StoredTemplate>), StoreError> {
    let (generation, record) = record.unzip();
    Ok((generation.unwrap_or_default(), enrolled(record)?))
}

fn enrolled(record: Option<Record>) -> Result<Vec<StoredTemplate>, StoreError> {
    match record {
        None => Err(StoreError::NeverEnrolled),
        Some(Record::Removed) => Err(StoreError::Removed),
        Some(Record::Enrolled(templates)) => Ok(templates),
    }
}

fn ensure_basis(basis: Option<u64>, generation: u64) -> Result<(), StoreError> {
    if basis.is_none_or(|basis| basis == generation) { Ok(()) } else { Err(StoreError::Changed) }
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
mod crash;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
