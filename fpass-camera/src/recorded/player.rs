//! The thread that decodes a recording ahead of its caller.
//!
//! It holds the frame that the clock shows and the one after it, so that a caller finds the frame
//! of the moment decoded. When nobody has asked for a second or so, it rests.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::clock::Clock;
use crate::{Frame, camera::UNTAKEN_MAX, error::RecordingFault};

type Outcome = Result<Frame, RecordingFault>;

/// What the thread does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Decode(u64),
    Wait(Duration),
    Rest,
    End,
}

#[derive(Default)]
struct State {
    ready: Vec<(u64, Outcome)>,
    /// The least number that the caller may still be given.
    next: u64,
    /// The number that the caller waits for.
    wanted: Option<u64>,
    /// Frames that may be decoded before the caller asks again.
    ahead: u32,
    stopping: bool,
    ended: bool,
}

impl State {
    fn current(&self, clock: &Clock, now: Instant) -> u64 {
        self.wanted.unwrap_or_else(|| clock.number_at(now).max(self.next))
    }

    fn holds(&self, wanted: u64) -> bool {
        self.ready.iter().any(|(number, _)| *number == wanted)
    }

    fn step(&mut self, clock: &Clock, now: Instant) -> Step {
        if self.stopping {
            return Step::End;
        }
        let current = self.current(clock, now);
        let following = current.saturating_add(1);
        self.ready.retain(|(number, _)| *number >= current);
        if self.wanted.is_some() && !self.holds(current) {
            return Step::Decode(current);
        }
        if self.ahead == 0 {
            return Step::Rest;
        }
        let wait = clock.wait(current, now);
        let missing = if !self.holds(current) {
            current
        } else if wait.is_zero() && !self.holds(following) {
            following
        } else if wait.is_zero() {
            return Step::Wait(clock.wait(following, now));
        } else {
            return Step::Wait(wait);
        };
        self.ahead -= 1;
        Step::Decode(missing)
    }
}

struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    clock: Clock,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let given = change(&mut self.state());
        self.changed.notify_all();
        given
    }

    /// Thread: the number to decode next, when it is time; `None` at the end.
    fn next_number(&self) -> Option<u64> {
        let mut state = self.state();
        loop {
            state = match state.step(&self.clock, Instant::now()) {
                Step::End => return None,
                Step::Decode(number) => return Some(number),
                Step::Rest => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Step::Wait(wait) => {
                    let waited = self.changed.wait_timeout(state, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            }
        }
    }
}

/// A recording in play.
pub(super) struct Player {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// Starts the thread. `decode` gives the frame that is shown as the number; nothing is decoded
    /// before the caller asks.
    ///
    /// # Errors
    /// Those of starting a thread.
    pub(super) fn start(
        clock: Clock,
        mut decode: impl FnMut(u64) -> Outcome + Send + 'static,
    ) -> io::Result<Self> {
        let state = State { ready: Vec::with_capacity(3), ..State::default() };
        let desk = Arc::new(Desk { state: Mutex::new(state), changed: Condvar::new(), clock });
        let own = Arc::clone(&desk);
        let thread = thread::Builder::new().name("recording".to_owned()).spawn(move || {
            let play = || {
                while let Some(number) = own.next_number() {
                    let outcome = decode(number).map(|frame| frame.captured_at(clock.due(number)));
                    own.change(|state| state.ready.push((number, outcome)));
                }
            };
            // A decoder that panics ends the play; its caller gets a fault instead of a frame.
            let _ = catch_unwind(AssertUnwindSafe(play));
            own.change(|state| state.ended = true);
        })?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// The frame that the clock shows, or the next one when that has been taken, once it is due;
    /// `None` when it is not due before `until`. A frame that is due is waited for.
    pub(super) fn frame(&self, until: Instant) -> Option<Outcome> {
        let now = Instant::now();
        let number = self.desk.change(|state| {
            let number = state.current(&self.desk.clock, now);
            state.wanted = Some(number);
            state.ahead = UNTAKEN_MAX;
            number
        });
        let wait = self.desk.clock.wait(number, now);
        let left = until.saturating_duration_since(now);
        thread::sleep(wait.min(left));
        if wait > left {
            self.desk.change(|state| state.wanted = None);
            return None;
        }
        let waiting = |state: &mut State| !state.holds(number) && !state.ended;
        let waited = self.desk.changed.wait_while(self.desk.state(), waiting);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.wanted = None;
        state.next = number.saturating_add(1);
        let place = state.ready.iter().position(|(ready, _)| *ready == number);
        let taken = place.map(|place| state.ready.swap_remove(place).1);
        drop(state);
        self.desk.changed.notify_all();
        Some(taken.unwrap_or_else(|| Err(io::Error::other("its decoder failed").into())))
    }

    #[cfg(test)]
    pub(super) fn clock(&self) -> Clock {
        self.desk.clock
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.desk.change(|state| state.stopping = true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
