//! Watches the serving engine thread and its task.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::cancel::CancelFlag;

/// Time between two checks of a task under way.
const LOOK: Duration = Duration::from_millis(100);

/// A task under way, which must end in time.
pub(super) struct WatchedTask {
    /// When it must end.
    pub(super) deadline: Instant,
    /// Raised when it should end earlier.
    pub(super) cancel: CancelFlag,
    /// Whether a login may end it.
    pub(super) yields: bool,
    /// Tells the caller that no answer comes.
    pub(super) withdraw: Box<dyn FnOnce() + Send>,
}

impl WatchedTask {
    /// A task without a caller.
    pub(super) fn unasked(deadline: Instant) -> Self {
        let cancel = CancelFlag::default();
        Self { deadline, cancel, yields: false, withdraw: Box::new(|| {}) }
    }
}

struct RunningTask {
    task: WatchedTask,
    /// When the watchdog first saw the cancel flag raised.
    cancelled: Option<Instant>,
}

impl RunningTask {
    /// Whether it should have ended more than `patience` ago.
    fn is_stuck(&mut self, now: Instant, patience: Duration) -> bool {
        if self.task.cancel.is_raised() {
            let since = *self.cancelled.get_or_insert(now);
            if now.saturating_duration_since(since) > patience {
                return true;
            }
        }
        now.saturating_duration_since(self.task.deadline) > patience
    }
}

#[derive(Default)]
struct WatchdogState {
    /// Number of the thread that serves.
    serving: u64,
    running: Option<RunningTask>,
    /// Abandoned threads that have not ended.
    abandoned: u32,
    closed: bool,
    /// Whether the serving thread has ended.
    ended: bool,
}

/// A thread was abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abandonment {
    /// Number of the thread that serves next.
    pub(super) next: u64,
    /// Number of abandoned threads that have not ended.
    pub(super) abandoned: u32,
}

/// Shared by the engine threads, the watchdog thread and the callers.
pub(super) struct Watchdog {
    state: Mutex<WatchdogState>,
    changed: Condvar,
    patience: Duration,
}

impl Watchdog {
    /// A task is stuck when it overruns by `patience`. The first thread has number 0.
    pub(super) fn new(patience: Duration) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), patience }
    }

    /// Thread `number` begins a task.
    pub(super) fn enter(&self, number: u64, task: WatchedTask) {
        let mut state = self.lock();
        if state.serving == number {
            state.running = Some(RunningTask { task, cancelled: None });
            self.changed.notify_all();
        }
    }

    /// Thread `number` has finished its task. Returns whether it still serves.
    pub(super) fn leave(&self, number: u64) -> bool {
        let mut state = self.lock();
        let serves = state.serving == number;
        if serves {
            state.running = None;
        }
        serves
    }

    /// Thread `number` has ended.
    pub(super) fn end(&self, number: u64) {
        let mut state = self.lock();
        if state.serving == number {
            state.running = None;
            state.ended = true;
            self.changed.notify_all();
        } else {
            state.abandoned = state.abandoned.saturating_sub(1);
        }
    }

    /// Ends the task under way if it yields to logins.
    pub(super) fn preempt(&self) {
        if let Some(running) = self.lock().running.as_ref().filter(|running| running.task.yields) {
            running.task.cancel.raise();
        }
    }

    /// Waits until the serving thread is stuck, and abandons it. `None` when the engine closes.
    pub(super) fn next_abandonment(&self) -> Option<Abandonment> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let now = Instant::now();
            if let Some(stuck) =
                state.running.take_if(|running| running.is_stuck(now, self.patience))
            {
                state.serving += 1;
                state.abandoned += 1;
                let abandonment = Abandonment { next: state.serving, abandoned: state.abandoned };
                drop(state);
                stuck.task.cancel.raise();
                (stuck.task.withdraw)();
                return Some(abandonment);
            }
            state = if state.running.is_some() {
                let waited = self.changed.wait_timeout(state, LOOK);
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    /// Ends the watchdog and waits for the serving thread, at most for `limit`.
    pub(super) fn close(&self, limit: Duration) {
        let mut state = self.lock();
        state.closed = true;
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, limit, |state| !state.ended);
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            tracing::warn!("the engine is stuck; it ends with the daemon");
        }
    }

    fn lock(&self) -> MutexGuard<'_, WatchdogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of abandoned threads, and whether the serving thread has ended.
    #[cfg(test)]
    pub(super) fn thread_state(&self) -> (u32, bool) {
        let state = self.lock();
        (state.abandoned, state.ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    fn running(deadline: Instant) -> RunningTask {
        RunningTask { task: WatchedTask::unasked(deadline), cancelled: None }
    }

    #[test]
    fn a_task_is_stuck_when_it_overruns_its_deadline_or_cancellation_by_the_patience() {
        let start = Instant::now();
        let mut late = running(start);
        assert!(!late.is_stuck(start + PATIENCE, PATIENCE));
        assert!(late.is_stuck(start + PATIENCE + LOOK, PATIENCE));

        let mut cancelled = running(start + PATIENCE * 100);
        assert!(!cancelled.is_stuck(start + PATIENCE * 10, PATIENCE));
        cancelled.task.cancel.raise();
        let seen = start + PATIENCE * 20;
        assert!(!cancelled.is_stuck(seen, PATIENCE), "the time counts from the first check");
        assert!(!cancelled.is_stuck(seen + PATIENCE, PATIENCE));
        assert!(cancelled.is_stuck(seen + PATIENCE + LOOK, PATIENCE));
    }

    #[test]
    fn an_abandoned_thread_changes_nothing_when_it_comes_back() {
        let watch = Watchdog::new(Duration::ZERO);
        let cancel = CancelFlag::default();
        let past = Instant::now().checked_sub(LOOK).unwrap();
        watch.enter(0, WatchedTask { cancel: cancel.clone(), ..WatchedTask::unasked(past) });
        let left = watch.next_abandonment().unwrap();
        assert_eq!(left, Abandonment { next: 1, abandoned: 1 });
        assert!(cancel.is_raised());

        watch.enter(
            1,
            WatchedTask { yields: true, ..WatchedTask::unasked(Instant::now() + PATIENCE) },
        );
        assert!(!watch.leave(0), "it no longer serves");
        assert!(watch.lock().running.is_some(), "the other thread's task is still watched");
        watch.end(0);
        assert_eq!(watch.lock().abandoned, 0);
        assert!(!watch.lock().ended);
        assert!(watch.leave(1));
    }

    #[test]
    fn a_login_ends_only_a_task_that_yields() {
        for yields in [false, true] {
            let watch = Watchdog::new(PATIENCE);
            let task = WatchedTask { yields, ..WatchedTask::unasked(Instant::now() + PATIENCE) };
            let cancel = task.cancel.clone();
            watch.enter(0, task);
            watch.preempt();
            assert_eq!(cancel.is_raised(), yields);
        }
    }
}
