//! The attempts under way, whose debits are on the disk but not settled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fpass_proto::Uid;

use super::Purpose;

/// Numbers of attempts under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<HashMap<(Uid, Purpose), u32>>>);

/// One attempt under way, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    key: (Uid, Purpose),
    running: Running,
}

impl Running {
    /// Enters an attempt.
    pub(super) fn enter(&self, uid: Uid, purpose: Purpose) -> UnderWay {
        *self.lock().entry((uid, purpose)).or_default() += 1;
        UnderWay { key: (uid, purpose), running: self.clone() }
    }

    /// How many there are.
    pub(super) fn count(&self, uid: Uid, purpose: Purpose) -> u32 {
        self.lock().get(&(uid, purpose)).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Uid, Purpose), u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut running = self.running.lock();
        if let Some(count) = running.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                running.remove(&self.key);
            }
        }
    }
}
