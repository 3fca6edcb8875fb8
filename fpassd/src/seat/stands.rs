//! What running attempts rest on, so that they end when it changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::cancel::CancelFlag;

/// Everything that runs on the word of logind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stands(Arc<Mutex<Standing>>);

#[derive(Debug, Default)]
struct Standing {
    /// Nobody watches any more; nothing stands.
    unwatched: bool,
    next: u64,
    entries: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    cancel: CancelFlag,
    shaken: bool,
    /// Object paths of the sessions that the admission rests on: the caller's, or the seat's.
    sessions: Vec<String>,
}

impl Entry {
    fn shake(&mut self) {
        self.shaken = true;
        self.cancel.raise();
    }
}

/// The ground of one attempt. Dropping it takes it out of the watch.
#[derive(Debug)]
pub(crate) struct Stand {
    number: u64,
    stands: Stands,
}

impl Stands {
    /// Takes an attempt into the watch.
    pub(crate) fn enter(&self, cancel: &CancelFlag) -> Stand {
        let mut standing = self.lock();
        let number = standing.next;
        standing.next = standing.next.wrapping_add(1);
        let mut entry = Entry { cancel: cancel.clone(), shaken: false, sessions: Vec::new() };
        if standing.unwatched {
            entry.shake();
        }
        standing.entries.insert(number, entry);
        drop(standing);
        Stand { number, stands: self.clone() }
    }

    /// Ends every attempt.
    pub(super) fn shake_all(&self) {
        self.lock().entries.values_mut().for_each(Entry::shake);
    }

    /// Ends the attempts that rest on a session.
    pub(super) fn shake(&self, session: &str) {
        for entry in self.lock().entries.values_mut() {
            if entry.sessions.iter().any(|path| path == session) {
                entry.shake();
            }
        }
    }

    /// Ends every attempt, from here on those too that are still to come.
    pub(super) fn unwatched(&self) {
        self.lock().unwatched = true;
        self.shake_all();
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stand {
    /// From here on the attempt ends when something happens to this session.
    pub(super) fn rest_on(&self, session: &str) {
        if let Some(entry) = self.stands.lock().entries.get_mut(&self.number) {
            entry.sessions.push(session.to_owned());
        }
    }

    /// Whether what the attempt rests on has changed.
    pub(super) fn is_shaken(&self) -> bool {
        self.stands.lock().entries.get(&self.number).is_none_or(|entry| entry.shaken)
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.stands.lock().entries.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reaches_the_attempts_that_rest_on_it_and_no_others() {
        let stands = Stands::default();
        let (here, there) = (CancelFlag::default(), CancelFlag::default());
        let (first, second) = (stands.enter(&here), stands.enter(&there));
        first.rest_on("/session/1");
        second.rest_on("/session/2");
        stands.shake("/session/3");
        assert!(!here.is_raised() && !there.is_raised());
        stands.shake("/session/1");
        assert!(here.is_raised() && !there.is_raised());
        assert!(first.is_shaken() && !second.is_shaken());
        stands.shake_all();
        assert!(there.is_raised());
    }

    #[test]
    fn a_dropped_stand_is_forgotten() {
        let stands = Stands::default();
        let cancel = CancelFlag::default();
        drop(stands.enter(&cancel));
        stands.shake_all();
        assert!(!cancel.is_raised());
        assert!(stands.lock().entries.is_empty());
    }

    #[test]
    fn without_a_watch_nothing_stands() {
        let stands = Stands::default();
        stands.unwatched();
        let cancel = CancelFlag::default();
        assert!(stands.enter(&cancel).is_shaken());
        assert!(cancel.is_raised());
    }
}
