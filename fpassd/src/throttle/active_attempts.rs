//! Attempts under way: their debits are on the disk but not settled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fpass_proto::Uid;

use super::AttemptKind;

/// Number of attempts under way by user and kind.
#[derive(Clone, Debug, Default)]
pub(super) struct ActiveAttempts(Arc<Mutex<HashMap<(Uid, AttemptKind), u32>>>);

/// One attempt under way, until it is dropped.
#[derive(Debug)]
pub(super) struct ActiveAttempt {
    key: (Uid, AttemptKind),
    active: ActiveAttempts,
}

impl ActiveAttempts {
    /// Begins an attempt.
    pub(super) fn enter(&self, uid: Uid, kind: AttemptKind) -> ActiveAttempt {
        *self.lock().entry((uid, kind)).or_default() += 1;
        ActiveAttempt { key: (uid, kind), active: self.clone() }
    }

    /// Number of attempts of one user and kind.
    pub(super) fn count(&self, uid: Uid, kind: AttemptKind) -> u32 {
        self.lock().get(&(uid, kind)).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Uid, AttemptKind), u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ActiveAttempt {
    fn drop(&mut self) {
        let mut counts = self.active.lock();
        if let Some(count) = counts.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}
