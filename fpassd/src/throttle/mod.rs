//! Limits failed attempts. Each attempt is counted as failed on the disk; only then the
//! camera is used.
//! Each user has counters for logins, self-tests and recovery codes, and two more for lock screens
//! that run as their user.
//!
//! The limits are constants, so that they cannot be raised by mistake.

mod clock;
mod failure_counter;
mod file;
mod settlement;

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fpass_proto::{Refusal, Uid};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::failure_counter::{FailureCounter, LockState};
pub(crate) use self::{
    clock::{Clock, Moment, SystemClock},
    settlement::{Settlement, qualification_verdict},
};
use crate::{
    folder::{Folder, FolderError},
    keyed_counter::{CounterGuard, KeyedCounter},
    seat::SeatPlace,
};

/// Kind of an attempt. Each kind has its own counter: programs of a user can neither lock the
/// logins of the user nor gain further login attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum AttemptKind {
    /// A login: root asks on behalf of PAM.
    Login,
    /// A self-test: a user asks for a verdict, or anyone asks how reliably a user is recognised.
    SelfTest,
    /// A recovery code: root passes it on behalf of PAM.
    Recovery,
    /// An attempt at the lock screen of a session, which runs as its user.
    LockScreen,
    /// A recovery code at such a lock screen.
    LockScreenRecovery,
}

impl AttemptKind {
    /// Every kind.
    const ALL: [Self; 5] =
        [Self::Login, Self::SelfTest, Self::Recovery, Self::LockScreen, Self::LockScreenRecovery];

    /// The kind of a request for a verdict.
    pub(crate) fn of(caller: Uid, place: SeatPlace) -> Self {
        match place {
            _ if caller.is_root() => Self::Login,
            SeatPlace::UserLocker => Self::LockScreen,
            SeatPlace::Elsewhere => Self::SelfTest,
        }
    }

    /// Whether many failures disable the attempts until an administrator unlocks. They do not at a
    /// lock screen that runs as its user: programs of that user can cause failures there.
    const fn can_be_disabled(self) -> bool {
        match self {
            Self::Login | Self::SelfTest | Self::Recovery => true,
            Self::LockScreen | Self::LockScreenRecovery => false,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "logins",
            Self::SelfTest => "self-tests",
            Self::Recovery => "recoveries",
            Self::LockScreen => "lock-screen",
            Self::LockScreenRecovery => "lock-screen-recoveries",
        }
    }
}

/// Why an attempt is refused, or a counter could not be changed.
#[derive(Debug, Error)]
pub(crate) enum ThrottleError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("the count of failed attempts is not usable: {0}")]
    Read(#[source] FolderError),
    #[error("the count of failed attempts is damaged")]
    Malformed,
    #[error("the count of failed attempts could not be written: {0}")]
    Write(#[source] FolderError),
    #[error("the system did not tell the time: {0}")]
    Clock(#[source] io::Error),
    #[error("locked for {} s", .0.as_secs())]
    Locked(Duration),
    #[error("disabled until an administrator unlocks")]
    Disabled,
    #[error("attempts under way have to end first")]
    Busy,
}

impl ThrottleError {
    /// The refusal for the caller on the bus.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Directory(_) | Self::Read(_) | Self::Malformed => Refusal::CounterUnreadable,
            Self::Write(_) => Refusal::StorageFailed,
            Self::Clock(_) => Refusal::Internal,
            Self::Locked(_) | Self::Disabled => Refusal::LockedOut,
            Self::Busy => Refusal::QueueFull,
        }
    }
}

/// Status of one counter of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AttemptStatus {
    /// Consecutive failures. Attempts under way are included.
    pub(crate) failures: u32,
    /// Time until the next attempt; zero if one may be made now.
    pub(crate) wait: Duration,
    /// Whether no attempt may be made until an administrator unlocks.
    pub(crate) disabled: bool,
}

/// A debit on the disk. It counts as a failure if it is dropped without being settled.
#[derive(Debug)]
pub(crate) struct Debit {
    uid: Uid,
    kind: AttemptKind,
    before: FailureCounter,
    after: FailureCounter,
    active: CounterGuard<(Uid, AttemptKind)>,
}

/// The counters of all users. Every call reads them from the disk, so a restart or another process
/// changes nothing.
pub(crate) struct Throttle {
    directory: PathBuf,
    clock: Box<dyn Clock>,
    active: KeyedCounter<(Uid, AttemptKind)>,
    /// Locked while a counter is read, changed and written back.
    writing: Mutex<()>,
}

impl Throttle {
    /// Counters in `directory`, the store.
    pub(crate) fn new(directory: PathBuf, clock: Box<dyn Clock>) -> Self {
        Self { directory, clock, active: KeyedCounter::default(), writing: Mutex::new(()) }
    }

    /// Counts an attempt as failed before it is made. On return the counter is on the disk.
    pub(crate) fn debit(&self, uid: Uid, kind: AttemptKind) -> Result<Debit, ThrottleError> {
        let _writing = self.writing();
        let (folder, now) = self.open()?;
        let before = self.admitted(&folder, uid, kind, now)?;
        let after = before.failed(1, now);
        file::save(&folder, uid, kind, &after)?;
        let active = self.active.add((uid, kind));
        Ok(Debit { uid, kind, before, after, active })
    }

    /// Ensures that the counters of a user can be written without free space on the disk.
    pub(crate) fn reserve(&self, uid: Uid) -> Result<(), ThrottleError> {
        let _writing = self.writing();
        let (folder, _) = self.open()?;
        AttemptKind::ALL.into_iter().try_for_each(|kind| file::reserve(&folder, uid, kind))
    }

    /// Settles the debit of an attempt that has ended.
    pub(crate) fn settle(&self, debit: Debit, settlement: Settlement) -> Result<(), ThrottleError> {
        let _writing = self.writing();
        let (folder, now) = self.open()?;
        let Debit { uid, kind, before, after, active } = debit;
        drop(active);
        let others = self.active.count((uid, kind));
        let current = file::load(&folder, uid, kind)?;
        let counter = match settlement {
            Settlement::Clear => FailureCounter::of(others, now),
            // The lock begins at the end of the attempt.
            Settlement::Keep => current.failed(0, now),
            Settlement::Double => current.failed(1, now),
            Settlement::Refund if current == after => before,
            Settlement::Refund => current.refunded(),
        };
        file::save(&folder, uid, kind, &counter)?;
        if matches!(settlement, Settlement::Keep | Settlement::Double) && others == 0 {
            warn_of_lock(uid, kind, &counter, now);
        }
        Ok(())
    }

    /// Resets every counter of a user, readable or not. Attempts under way still count.
    pub(crate) fn unlock(&self, uid: Uid) -> Result<(), ThrottleError> {
        let _writing = self.writing();
        let (folder, now) = self.open()?;
        AttemptKind::ALL.into_iter().try_for_each(|kind| self.forget(&folder, uid, kind, now))
    }

    /// Resets one counter only, after a recovery code.
    pub(crate) fn unlock_kind(&self, uid: Uid, kind: AttemptKind) -> Result<(), ThrottleError> {
        let _writing = self.writing();
        let (folder, now) = self.open()?;
        self.forget(&folder, uid, kind, now)
    }

    fn forget(
        &self,
        folder: &Folder,
        uid: Uid,
        kind: AttemptKind,
        now: Moment,
    ) -> Result<(), ThrottleError> {
        let name = file::name(uid, kind);
        if matches!(folder.read(&name), Ok(None)) {
            return Ok(());
        }
        folder.remove_blocking_dir(&name).map_err(ThrottleError::Write)?;
        let active = self.active.count((uid, kind));
        file::save(folder, uid, kind, &FailureCounter::of(active, now))
    }

    /// Status of one counter of a user.
    pub(crate) fn status(
        &self,
        uid: Uid,
        kind: AttemptKind,
    ) -> Result<AttemptStatus, ThrottleError> {
        let _writing = self.writing();
        let (folder, now) = self.open()?;
        let counter = file::load(&folder, uid, kind)?;
        let (wait, disabled) = match counter.lock_state(kind, now) {
            LockState::Open => (Duration::ZERO, false),
            LockState::Locked(left) => (left, false),
            LockState::Disabled => (Duration::ZERO, true),
        };
        Ok(AttemptStatus { failures: counter.failures, wait, disabled })
    }

    /// The counter of a user who may make an attempt.
    fn admitted(
        &self,
        folder: &Folder,
        uid: Uid,
        kind: AttemptKind,
        now: Moment,
    ) -> Result<FailureCounter, ThrottleError> {
        let mut counter = file::load(folder, uid, kind)?;
        // An expired lock is rebased too. Otherwise it would apply again once this boot has lasted
        // as long as the boot in which it was set.
        if let Some(rebased) = counter.rebased(now) {
            file::save(folder, uid, kind, &rebased)?;
            counter = rebased;
        }
        let shut = match counter.lock_state(kind, now) {
            LockState::Open => return Ok(counter),
            LockState::Locked(left) => ThrottleError::Locked(left),
            LockState::Disabled => ThrottleError::Disabled,
        };
        if self.active.count((uid, kind)) > 0 {
            // Attempts under way count as failed, but they may succeed.
            return Err(ThrottleError::Busy);
        }
        Err(shut)
    }

    fn open(&self) -> Result<(Folder, Moment), ThrottleError> {
        let folder = Folder::open(&self.directory).map_err(ThrottleError::Directory)?;
        Ok((folder, self.clock.now().map_err(ThrottleError::Clock)?))
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs that failures lead to a lock.
fn warn_of_lock(uid: Uid, kind: AttemptKind, counter: &FailureCounter, now: Moment) {
    let failures = counter.failures;
    match counter.lock_state(kind, now) {
        LockState::Open => {}
        LockState::Locked(left) => tracing::warn!(
            uid = uid.0,
            "{} for uid {uid} are locked for {} s after {failures} failures in a row",
            kind.as_str(),
            left.as_secs()
        ),
        LockState::Disabled => tracing::warn!(
            uid = uid.0,
            "{} for uid {uid} are disabled after {failures} failures in a row; see fpass-enroll \
             unlock",
            kind.as_str()
        ),
    }
}

#[cfg(test)]
mod tests;
