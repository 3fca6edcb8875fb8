//! Work in progress per caller, so that it ends when the caller cancels or leaves the bus.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fpass_proto::{Refusal, Uid};

use crate::cancel::CancelFlag;

/// How often it is looked whether calls have ended, while the daemon ends.
const POLL: Duration = Duration::from_millis(10);

/// Cancel flags of the running calls by unique bus name of their callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Arc<Mutex<CallTable>>);

#[derive(Debug, Default)]
struct CallTable {
    next: u32,
    /// Calls of each user but root.
    by_user: HashMap<Uid, usize>,
    by_caller: HashMap<String, Vec<(u32, CancelFlag)>>,
}

/// One running call. Dropping it raises its flag and forgets it.
#[derive(Debug)]
pub(crate) struct Call {
    /// Number that identifies the call in journal and signals; never zero.
    pub(crate) request: u32,
    /// Raised when the call should end.
    pub(crate) cancel: CancelFlag,
    caller: String,
    calls: Calls,
}

/// Calls that one user has under way at most, root excepted: enough for everything that a user can do
/// at once, and too few to keep the look-ups of a login waiting.
const PER_USER_MAX: usize = 12;

/// One call's part of its user's share. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Share {
    user: Uid,
    calls: Calls,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut running = self.calls.lock();
        if let Some(count) = running.by_user.get_mut(&self.user) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                running.by_user.remove(&self.user);
            }
        }
    }
}

impl Calls {
    /// Takes a part of a user's share; root has no need of one.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`] when the user has as many calls under way as they may.
    pub(crate) fn share(&self, user: Uid) -> Result<Option<Share>, Refusal> {
        if user.is_root() {
            return Ok(None);
        }
        let mut running = self.lock();
        let count = running.by_user.entry(user).or_default();
        if *count >= PER_USER_MAX {
            return Err(Refusal::QueueFull);
        }
        *count += 1;
        drop(running);
        Ok(Some(Share { user, calls: self.clone() }))
    }

    /// Enters a call. Whoever enters must afterwards check that the caller is still on the bus.
    pub(crate) fn begin(&self, caller: &str) -> Call {
        let mut running = self.lock();
        running.next = running.next.checked_add(1).unwrap_or(1);
        let request = running.next;
        let cancel = CancelFlag::default();
        let flags = running.by_caller.entry(caller.to_owned()).or_default();
        flags.push((request, cancel.clone()));
        Call { request, cancel, caller: caller.to_owned(), calls: self.clone() }
    }

    /// Raises the flags of one caller.
    pub(crate) fn cancel(&self, caller: &str) {
        for (_, cancel) in self.lock().by_caller.get(caller).into_iter().flatten() {
            cancel.raise();
        }
    }

    /// Completes when no call is under way.
    pub(crate) async fn none(&self) {
        while !self.lock().by_caller.is_empty() {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Raises every flag.
    pub(crate) fn cancel_all(&self) {
        for (_, cancel) in self.lock().by_caller.values().flatten() {
            cancel.raise();
        }
    }

    fn lock(&self) -> MutexGuard<'_, CallTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.raise();
        let mut running = self.calls.lock();
        if let Some(flags) = running.by_caller.get_mut(&self.caller) {
            flags.retain(|(request, _)| *request != self.request);
            if flags.is_empty() {
                running.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_so_many_calls_and_gets_the_place_of_one_that_ended() {
        let (calls, alice, bob) = (Calls::default(), Uid(1000), Uid(1001));
        let mut held: Vec<_> = (0..PER_USER_MAX).map(|_| calls.share(alice).unwrap()).collect();
        assert_eq!(calls.share(alice).unwrap_err(), Refusal::QueueFull);
        assert!(calls.share(bob).unwrap().is_some());
        assert!(calls.share(Uid::ROOT).unwrap().is_none());
        drop(held.pop());
        assert!(calls.share(alice).unwrap().is_some());
        drop(held);
        assert!(calls.lock().by_user.is_empty());
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
        calls.cancel_all();
        assert!(other.cancel.is_raised());
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
