//! The thread that decodes a recording ahead of its caller.
//!
//! It keeps the current frame and the next one decoded, so a caller does not wait for decoding. It
//! pauses when no caller has asked for about a second.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::clock::Clock;
use crate::{Frame, camera::DECODE_AHEAD_MAX, error::RecordingFault};

type Outcome = Result<Frame, RecordingFault>;

/// The next action of the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlayerStep {
    Decode(u64),
    Wait(Duration),
    Rest,
    End,
}

#[derive(Default)]
struct PlayerState {
    ready: Vec<(u64, Outcome)>,
    /// The smallest number that the caller may get next.
    next: u64,
    /// The number for which the caller waits.
    wanted: Option<u64>,
    /// Frames that may be decoded before the caller asks again.
    ahead: u32,
    stopping: bool,
    ended: bool,
}

impl PlayerState {
    fn current(&self, clock: &Clock, now: Instant) -> u64 {
        self.wanted.unwrap_or_else(|| clock.number_at(now).max(self.next))
    }

    fn holds(&self, wanted: u64) -> bool {
        self.ready.iter().any(|(number, _)| *number == wanted)
    }

    fn step(&mut self, clock: &Clock, now: Instant) -> PlayerStep {
        if self.stopping {
            return PlayerStep::End;
        }
        let current = self.current(clock, now);
        let following = current.saturating_add(1);
        self.ready.retain(|(number, _)| *number >= current);
        if self.wanted.is_some() && !self.holds(current) {
            return PlayerStep::Decode(current);
        }
        if self.ahead == 0 {
            return PlayerStep::Rest;
        }
        let wait = clock.wait(current, now);
        let missing = if !self.holds(current) {
            current
        } else if wait.is_zero() && !self.holds(following) {
            following
        } else if wait.is_zero() {
            return PlayerStep::Wait(clock.wait(following, now));
        } else {
            return PlayerStep::Wait(wait);
        };
        self.ahead -= 1;
        PlayerStep::Decode(missing)
    }
}

struct PlayerShared {
    state: Mutex<PlayerState>,
    changed: Condvar,
    clock: Clock,
}

impl PlayerShared {
    fn state(&self) -> MutexGuard<'_, PlayerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut PlayerState) -> T) -> T {
        let given = change(&mut self.state());
        self.changed.notify_all();
        given
    }

    /// For the thread: waits for the next number to decode; `None` at the end.
    fn next_number(&self) -> Option<u64> {
        let mut state = self.state();
        loop {
            state = match state.step(&self.clock, Instant::now()) {
                PlayerStep::End => return None,
                PlayerStep::Decode(number) => return Some(number),
                PlayerStep::Rest => {
                    self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
                }
                PlayerStep::Wait(wait) => {
                    let waited = self.changed.wait_timeout(state, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            }
        }
    }
}

/// The playback of a recording.
pub(super) struct Player {
    shared: Arc<PlayerShared>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// Starts the thread. `decode` gives the frame with a number; it is first called when the
    /// caller asks for a frame.
    ///
    /// # Errors
    /// Those of starting a thread.
    pub(super) fn start(
        clock: Clock,
        mut decode: impl FnMut(u64) -> Outcome + Send + 'static,
    ) -> io::Result<Self> {
        let state = PlayerState { ready: Vec::with_capacity(3), ..PlayerState::default() };
        let shared =
            Arc::new(PlayerShared { state: Mutex::new(state), changed: Condvar::new(), clock });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new().name("recording".to_owned()).spawn(move || {
            let play = || {
                while let Some(number) = own.next_number() {
                    let outcome =
                        decode(number).map(|frame| frame.with_capture_time(clock.due(number)));
                    own.change(|state| state.ready.push((number, outcome)));
                }
            };
            // A panic of the decoder ends the playback; the caller then gets a fault.
            let _ = catch_unwind(AssertUnwindSafe(play));
            own.change(|state| state.ended = true);
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The current frame, or the next one when the current one has been taken. `None` when that
    /// frame is not due before `until`; a frame that is due is waited for.
    pub(super) fn frame(&self, until: Instant) -> Option<Outcome> {
        let now = Instant::now();
        let number = self.shared.change(|state| {
            let number = state.current(&self.shared.clock, now);
            state.wanted = Some(number);
            state.ahead = DECODE_AHEAD_MAX;
            number
        });
        let wait = self.shared.clock.wait(number, now);
        let left = until.saturating_duration_since(now);
        thread::sleep(wait.min(left));
        if wait > left {
            self.shared.change(|state| state.wanted = None);
            return None;
        }
        let waiting = |state: &mut PlayerState| !state.holds(number) && !state.ended;
        let waited = self.shared.changed.wait_while(self.shared.state(), waiting);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.wanted = None;
        state.next = number.saturating_add(1);
        let place = state.ready.iter().position(|(ready, _)| *ready == number);
        let taken = place.map(|place| state.ready.swap_remove(place).1);
        drop(state);
        self.shared.changed.notify_all();
        Some(taken.unwrap_or_else(|| Err(io::Error::other("its decoder failed").into())))
    }

    #[cfg(test)]
    pub(super) fn clock(&self) -> Clock {
        self.shared.clock
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.shared.change(|state| state.stopping = true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
