//! How many questions may be open at a time. The bus allows each connection 128 calls without a
//! reply: without a bound, one user's unanswered questions would use up the daemon's.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fpass_proto::{Refusal, Uid};

/// Most open questions of one user.
const PER_USER_MAX: usize = 2;
/// Most open questions of everybody.
const OPEN_MAX: usize = 64;

/// The open questions by user.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<Uid, usize>>);

/// One open question. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    uid: Uid,
}

impl Places {
    /// Opens a question for a user.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`] when too many are open.
    pub(super) fn take(&self, uid: Uid) -> Result<Place<'_>, Refusal> {
        let mut open = self.lock();
        let own = open.get(&uid).copied().unwrap_or(0);
        if own >= PER_USER_MAX || open.values().sum::<usize>() >= OPEN_MAX {
            return Err(Refusal::QueueFull);
        }
        open.insert(uid, own + 1);
        Ok(Place { places: self, uid })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uid, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut open = self.places.lock();
        let left = open.get(&self.uid).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            open.remove(&self.uid);
        } else {
            open.insert(self.uid, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_s_questions_leave_room_for_others_and_come_back() {
        let places = Places::default();
        let first = places.take(Uid(1)).unwrap();
        let second = places.take(Uid(1)).unwrap();
        assert_eq!(places.take(Uid(1)).unwrap_err(), Refusal::QueueFull);
        assert!(places.take(Uid(2)).is_ok());
        drop(first);
        let third = places.take(Uid(1)).unwrap();
        assert_eq!(places.take(Uid(1)).unwrap_err(), Refusal::QueueFull);
        drop((second, third));
        assert!(places.lock().is_empty());
    }

    #[test]
    fn many_users_together_stay_below_what_the_bus_allows() {
        let places = Places::default();
        let taken: Vec<_> = (0..200).filter_map(|uid| places.take(Uid(uid)).ok()).collect();
        assert_eq!(taken.len(), OPEN_MAX);
    }
}
