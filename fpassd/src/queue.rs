//! The bounded queue before the engine: root's attempts first, then everyone else's in order.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Most tasks that wait.
const WAITING_MAX: usize = 8;
/// Places among them that only logins may take: users cannot fill the queue against a login.
const LOGIN_PLACES: usize = 3;
/// Most tasks that wait for one caller.
const PER_CALLER_MAX: usize = 2;

/// Who a task is for, which decides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A login: root asks on behalf of PAM.
    Login,
    /// A user's own test or enrolment.
    OwnTest {
        /// The caller's uid.
        caller: u32,
    },
}

/// Why a task was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The queue holds as many tasks as it may.
    Queue,
    /// The caller has as many tasks waiting as it may.
    Caller,
}

#[derive(Debug)]
struct State<T> {
    logins: VecDeque<T>,
    own_tests: VecDeque<(u32, T)>,
    closed: bool,
}

/// What taking from the queue gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<T> {
    /// The next task.
    Task(T),
    /// No task came in time.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

/// The queue itself.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Queue<T> {
    /// An open, empty queue.
    pub(crate) fn new() -> Self {
        let state = State { logins: VecDeque::new(), own_tests: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds a task, or refuses it.
    pub(crate) fn put(&self, priority: Priority, task: T) -> Result<(), Full> {
        let mut state = self.lock();
        if state.closed || state.logins.len() + state.own_tests.len() >= WAITING_MAX {
            return Err(Full::Queue);
        }
        match priority {
            Priority::Login => state.logins.push_back(task),
            Priority::OwnTest { caller } => {
                let waiting = state.own_tests.iter().filter(|(uid, _)| *uid == caller).count();
                if waiting >= PER_CALLER_MAX {
                    return Err(Full::Caller);
                }
                if state.own_tests.len() >= WAITING_MAX - LOGIN_PLACES {
                    return Err(Full::Queue);
                }
                state.own_tests.push_back((caller, task));
            }
        }
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next task, until `until` when given.
    pub(crate) fn take(&self, until: Option<Instant>) -> Taken<T> {
        let mut state = self.lock();
        loop {
            let next = state.logins.pop_front();
            if let Some(task) = next.or_else(|| state.own_tests.pop_front().map(|(_, task)| task)) {
                return Taken::Task(task);
            }
            if state.closed {
                return Taken::Closed;
            }
            state = match until {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Taken::Nothing;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Whether a login waits.
    pub(crate) fn login_waits(&self) -> bool {
        !self.lock().logins.is_empty()
    }

    /// Refuses further tasks; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(caller: u32) -> Priority {
        Priority::OwnTest { caller }
    }

    #[test]
    fn a_full_queue_and_a_greedy_caller_are_refused() {
        let queue = Queue::new();
        assert_eq!(queue.put(own(1), 1), Ok(()));
        assert_eq!(queue.put(own(1), 2), Ok(()));
        assert_eq!(queue.put(own(1), 3), Err(Full::Caller));
        for caller in 2..5 {
            assert_eq!(queue.put(own(caller), 0), Ok(()));
        }
        assert_eq!(queue.put(own(9), 0), Err(Full::Queue));
        for _ in 0..LOGIN_PLACES {
            assert_eq!(queue.put(Priority::Login, 0), Ok(()), "users left a place for logins");
        }
        assert_eq!(queue.put(Priority::Login, 0), Err(Full::Queue));
    }

    #[test]
    fn logins_come_before_tests_and_each_in_order() {
        let queue = Queue::new();
        queue.put(own(1), 3).unwrap();
        queue.put(own(2), 4).unwrap();
        queue.put(Priority::Login, 1).unwrap();
        queue.put(Priority::Login, 2).unwrap();
        for expected in 1..=4 {
            assert_eq!(queue.login_waits(), expected <= 2);
            assert_eq!(queue.take(None), Taken::Task(expected));
        }
        assert_eq!(queue.take(Some(Instant::now())), Taken::Nothing);
    }

    #[test]
    fn a_closed_queue_hands_out_what_waits_and_takes_nothing_more() {
        let queue = Queue::new();
        queue.put(own(1), 1).unwrap();
        queue.close();
        assert_eq!(queue.put(own(1), 2), Err(Full::Queue));
        assert_eq!(queue.take(None), Taken::Task(1));
        assert_eq!(queue.take(None), Taken::Closed);
    }
}
