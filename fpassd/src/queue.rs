//! The bounded queue of the engine: logins first, then self-tests and enrolments. Within each kind,
//! users take turns.

mod fair_queue;

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use fpass_proto::Uid;

use self::fair_queue::FairQueue;

/// Most tasks that may wait.
const WAITING_MAX: usize = 8;
/// Places for logins only, so that users cannot fill the queue against a login.
const LOGIN_PLACES: usize = 3;
/// Most waiting logins of one user, and most waiting own tests of one caller. So no user can hold
/// every place.
const PER_USER_MAX: usize = 2;

/// The kind and the user of a task, which decide its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A login: root asks on behalf of PAM.
    Login {
        /// Uid of the user who logs in.
        subject: Uid,
    },
    /// A user's own test or enrolment.
    OwnTest {
        /// The caller's uid.
        caller: Uid,
    },
}

impl Priority {
    /// Whether it is a login.
    pub(crate) fn is_login(self) -> bool {
        matches!(self, Self::Login { .. })
    }
}

/// Why a task was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The queue is full.
    Queue,
    /// The user has too many waiting tasks.
    User,
}

#[derive(Debug)]
struct Lanes<T> {
    logins: FairQueue<T>,
    own_tests: FairQueue<T>,
    closed: bool,
}

impl<T> Lanes<T> {
    fn add(&mut self, priority: Priority, task: T) -> Result<(), Full> {
        if self.closed || self.logins.len() + self.own_tests.len() >= WAITING_MAX {
            return Err(Full::Queue);
        }
        let (lane, user, places) = match priority {
            Priority::Login { subject } => (&mut self.logins, subject, WAITING_MAX),
            Priority::OwnTest { caller } => {
                (&mut self.own_tests, caller, WAITING_MAX - LOGIN_PLACES)
            }
        };
        if lane.of(user) >= PER_USER_MAX {
            return Err(Full::User);
        }
        if lane.len() >= places {
            return Err(Full::Queue);
        }
        lane.push(user, task);
        Ok(())
    }
}

/// Result of [`Queue::pop`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Popped<T> {
    /// The next task.
    Task(T),
    /// No task came in time.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

/// A queue that threads share.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<Lanes<T>>,
    changed: Condvar,
}

impl<T> Queue<T> {
    /// An open, empty queue.
    pub(crate) fn new() -> Self {
        let state =
            Lanes { logins: FairQueue::default(), own_tests: FairQueue::default(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds a task, or refuses it at once.
    pub(crate) fn push(&self, priority: Priority, task: T) -> Result<(), Full> {
        self.lock().add(priority, task)?;
        self.changed.notify_one();
        Ok(())
    }

    /// Removes every task for which `go` holds, and frees its place.
    pub(crate) fn extract_if(&self, go: impl Fn(&T) -> bool) -> Vec<T> {
        let mut gone = Vec::new();
        let mut state = self.lock();
        state.logins.extract_if(&go, &mut gone);
        state.own_tests.extract_if(&go, &mut gone);
        gone
    }

    /// Waits for the next task, at most until `until` if given.
    pub(crate) fn pop(&self, until: Option<Instant>) -> Popped<T> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.logins.pop().or_else(|| state.own_tests.pop()) {
                return Popped::Task(task);
            }
            if state.closed {
                return Popped::Closed;
            }
            state = match until {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Popped::Nothing;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Whether a login waits.
    pub(crate) fn login_waits(&self) -> bool {
        self.lock().logins.len() > 0
    }

    /// Refuses further tasks. Waiting tasks are still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
