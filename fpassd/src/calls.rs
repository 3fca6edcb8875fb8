//! The calls in progress, so that each ends when its caller cancels it or leaves the bus.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fpass_proto::{Refusal, Uid};

use crate::{
    cancel::CancelFlag,
    keyed_counter::{CounterGuard, KeyedCounter},
};

/// How often a daemon that stops checks whether calls have ended.
const POLL: Duration = Duration::from_millis(10);
/// Most calls in progress of one user: enough for everything that a user can do at once, and too
/// few to delay the look-ups of a login.
const CALLS_PER_USER_MAX: u32 = 12;

/// Calls in progress. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    table: Arc<Mutex<CallTable>>,
    /// Calls of each user. Those of root are not counted.
    by_user: KeyedCounter<Uid>,
}

#[derive(Debug, Default)]
struct CallTable {
    next: u32,
    /// Whether the daemon stops.
    stopping: bool,
    /// Number and cancel flag of each call, by the unique bus name of its caller.
    by_caller: HashMap<String, Vec<(u32, CancelFlag)>>,
}

/// One call in progress. Dropping it raises its flag and removes it.
#[derive(Debug)]
pub(crate) struct Call {
    /// Number that identifies the call in journal and signals; never zero.
    pub(crate) request: u32,
    /// Raised when the call should end.
    pub(crate) cancel: CancelFlag,
    caller: String,
    calls: Calls,
}

impl Calls {
    /// Counts a call for its user until the guard is dropped. Calls of root are unlimited and have
    /// no guard.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`] when the user has as many calls in progress as allowed.
    pub(crate) fn count(&self, user: Uid) -> Result<Option<CounterGuard<Uid>>, Refusal> {
        if user.is_root() {
            return Ok(None);
        }
        let guard = self.by_user.add_within(user, CALLS_PER_USER_MAX, u32::MAX);
        guard.map(Some).ok_or(Refusal::QueueFull)
    }

    /// Enters a call. Afterwards its caller must be checked to be still on the bus.
    pub(crate) fn begin(&self, caller: &str) -> Call {
        let mut table = self.lock();
        table.next = table.next.checked_add(1).unwrap_or(1);
        let request = table.next;
        let cancel = CancelFlag::default();
        let flags = table.by_caller.entry(caller.to_owned()).or_default();
        flags.push((request, cancel.clone()));
        Call { request, cancel, caller: caller.to_owned(), calls: self.clone() }
    }

    /// Raises the flags of the calls of one caller.
    pub(crate) fn cancel(&self, caller: &str) {
        for (_, cancel) in self.lock().by_caller.get(caller).into_iter().flatten() {
            cancel.raise();
        }
    }

    /// Returns when no call is in progress.
    pub(crate) async fn none(&self) {
        while !self.lock().by_caller.is_empty() {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Raises every flag, because the daemon stops.
    pub(crate) fn cancel_all(&self) {
        let mut table = self.lock();
        table.stopping = true;
        for (_, cancel) in table.by_caller.values().flatten() {
            cancel.raise();
        }
    }

    /// Whether calls are cancelled because the daemon stops.
    pub(crate) fn are_stopping(&self) -> bool {
        self.lock().stopping
    }

    fn lock(&self) -> MutexGuard<'_, CallTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.raise();
        let mut table = self.calls.lock();
        if let Some(flags) = table.by_caller.get_mut(&self.caller) {
            flags.retain(|(request, _)| *request != self.request);
            if flags.is_empty() {
                table.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_a_user_are_limited_and_one_that_ended_makes_room() {
        let (calls, alice, bob) = (Calls::default(), Uid(1000), Uid(1001));
        let mut held: Vec<_> =
            (0..CALLS_PER_USER_MAX).map(|_| calls.count(alice).unwrap()).collect();
        assert_eq!(calls.count(alice).unwrap_err(), Refusal::QueueFull);
        assert!(calls.count(bob).unwrap().is_some());
        assert!(calls.count(Uid::ROOT).unwrap().is_none());
        drop(held.pop());
        assert!(calls.count(alice).unwrap().is_some());
        drop(held);
        assert_eq!(calls.by_user.count(alice), 0);
    }

    #[test]
    fn cancelling_reaches_the_caller_s_calls_and_no_others() {
        let calls = Calls::default();
        let (first, second, other) =
            (calls.begin(":1.1"), calls.begin(":1.1"), calls.begin(":1.2"));
        assert_ne!(first.request, second.request);
        calls.cancel(":1.3");
        assert!(!first.cancel.is_raised());
        calls.cancel(":1.1");
        assert!(first.cancel.is_raised() && second.cancel.is_raised());
        assert!(!other.cancel.is_raised());
        assert!(!calls.are_stopping());
        calls.cancel_all();
        assert!(other.cancel.is_raised() && calls.are_stopping());
    }

    #[test]
    fn a_dropped_call_is_raised_and_forgotten() {
        let calls = Calls::default();
        let call = calls.begin(":1.1");
        let flag = call.cancel.clone();
        drop(call);
        assert!(flag.is_raised());
        assert!(calls.lock().by_caller.is_empty());
    }
}
