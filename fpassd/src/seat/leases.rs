//! Leases: each attempt in progress depends on sessions, and ends when one of them changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::cancel::CancelFlag;

/// Most sessions whose changes a lease remembers. The change of a further one revokes it.
const CHANGES_MAX: usize = 256;

/// The leases of all attempts in progress. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeatLeases(Arc<Mutex<LeaseTable>>);

#[derive(Debug, Default)]
struct LeaseTable {
    /// Whether the watch on logind has ended; every lease is revoked then.
    closed: bool,
    next: u64,
    entries: HashMap<u64, LeaseEntry>,
}

#[derive(Debug)]
struct LeaseEntry {
    cancel: CancelFlag,
    revoked: bool,
    /// Object paths of the sessions that the lease depends on.
    sessions: Vec<String>,
    /// Object paths of the sessions that have changed during the look-up, which may yet name them.
    changed: Option<Vec<String>>,
}

impl LeaseEntry {
    fn change(&mut self, session: &str) {
        if self.sessions.iter().any(|path| path == session) {
            self.revoke();
        } else if let Some(changed) = &mut self.changed
            && !changed.iter().any(|path| path == session)
        {
            if changed.len() < CHANGES_MAX {
                changed.push(session.to_owned());
            } else {
                self.revoke();
            }
        }
    }

    fn revoke(&mut self) {
        self.revoked = true;
        self.cancel.raise();
    }
}

/// The lease of one attempt. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct SeatLease {
    number: u64,
    leases: SeatLeases,
}

impl SeatLeases {
    /// Gives an attempt a lease. Revoking it raises `cancel`.
    pub(crate) fn enter(&self, cancel: &CancelFlag) -> SeatLease {
        let mut table = self.lock();
        let number = table.next;
        table.next = table.next.wrapping_add(1);
        let cancel = cancel.clone();
        let (sessions, changed) = (Vec::new(), Some(Vec::new()));
        let mut entry = LeaseEntry { cancel, revoked: false, sessions, changed };
        if table.closed {
            entry.revoke();
        }
        table.entries.insert(number, entry);
        drop(table);
        SeatLease { number, leases: self.clone() }
    }

    /// Revokes every lease.
    pub(crate) fn revoke_all(&self) {
        self.lock().entries.values_mut().for_each(LeaseEntry::revoke);
    }

    /// Revokes the leases that depend on a session.
    pub(crate) fn revoke(&self, session: &str) {
        self.lock().entries.values_mut().for_each(|entry| entry.change(session));
    }

    /// Revokes every lease, present and future.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.revoke_all();
    }

    fn lock(&self) -> MutexGuard<'_, LeaseTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeatLease {
    /// Makes the lease depend on a session: a change of it since the lease was given revokes the
    /// lease.
    pub(super) fn depend_on(&self, session: &str) {
        if let Some(entry) = self.leases.lock().entries.get_mut(&self.number) {
            entry.sessions.push(session.to_owned());
            if entry.changed.iter().flatten().any(|path| path == session) {
                entry.revoke();
            }
        }
    }

    /// Ends the look-up: the lease depends on no further session.
    pub(super) fn settle(&self) {
        if let Some(entry) = self.leases.lock().entries.get_mut(&self.number) {
            entry.changed = None;
        }
    }

    /// Whether it was revoked.
    pub(super) fn is_revoked(&self) -> bool {
        self.leases.lock().entries.get(&self.number).is_none_or(|entry| entry.revoked)
    }
}

impl Drop for SeatLease {
    fn drop(&mut self) {
        self.leases.lock().entries.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_revokes_the_leases_that_depend_on_it_and_no_others() {
        let leases = SeatLeases::default();
        let (here, there) = (CancelFlag::default(), CancelFlag::default());
        let (first, second) = (leases.enter(&here), leases.enter(&there));
        first.depend_on("/session/1");
        second.depend_on("/session/2");
        leases.revoke("/session/3");
        assert!(!here.is_raised() && !there.is_raised());
        leases.revoke("/session/1");
        assert!(here.is_raised() && !there.is_raised());
        assert!(first.is_revoked() && !second.is_revoked());
        leases.revoke_all();
        assert!(there.is_raised());
    }

    #[test]
    fn a_change_before_the_session_was_named_counts() {
        let leases = SeatLeases::default();
        let (early, many) = (CancelFlag::default(), CancelFlag::default());
        let lease = leases.enter(&early);
        leases.revoke("/session/1");
        leases.revoke("/session/1");
        lease.depend_on("/session/2");
        assert!(!early.is_raised() && !lease.is_revoked());
        lease.depend_on("/session/1");
        assert!(early.is_raised() && lease.is_revoked());
        let lease = leases.enter(&many);
        (0..CHANGES_MAX).for_each(|number| leases.revoke(&format!("/session/{number}")));
        assert!(!lease.is_revoked());
        leases.revoke("/session/one-more");
        assert!(many.is_raised());
        let settled = CancelFlag::default();
        let lease = leases.enter(&settled);
        lease.settle();
        (0..=CHANGES_MAX).for_each(|number| leases.revoke(&format!("/session/{number}")));
        assert!(!lease.is_revoked(), "others cannot end an attempt by their own sessions");
    }

    #[test]
    fn a_dropped_lease_is_removed() {
        let leases = SeatLeases::default();
        let cancel = CancelFlag::default();
        drop(leases.enter(&cancel));
        leases.revoke_all();
        assert!(!cancel.is_raised());
        assert!(leases.lock().entries.is_empty());
    }

    #[test]
    fn without_a_watch_every_lease_is_revoked() {
        let leases = SeatLeases::default();
        leases.close();
        let cancel = CancelFlag::default();
        assert!(leases.enter(&cancel).is_revoked());
        assert!(cancel.is_raised());
    }
}
