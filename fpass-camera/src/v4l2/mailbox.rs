//! What the capture thread and the camera say to each other. Holds one frame: the newest.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use super::modes::Mode;
use crate::CameraError;

/// A frame as the driver gave it.
pub(super) struct RawFrame {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) sequence: u64,
    /// When the driver handed it over.
    pub(super) captured: Instant,
}

/// A device whose stream is being started.
pub(super) struct Opened {
    pub(super) mode: Mode,
    pub(super) description: String,
}

struct State {
    opened: Option<Opened>,
    newest: Option<RawFrame>,
    /// When the device last gave a sign of life.
    heard: Instant,
    stopping: bool,
    ended: bool,
    error: Option<CameraError>,
}

pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

impl Mailbox {
    pub(super) fn new(now: Instant) -> Self {
        let state = State {
            opened: None,
            newest: None,
            heard: now,
            stopping: false,
            ended: false,
            error: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits until `ready` or `until`; the state at that time.
    fn wait(&self, until: Instant, ready: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed
            .wait_timeout_while(self.state(), left, |state| !ready(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Thread: the device is open.
    pub(super) fn put_opened(&self, opened: Opened) {
        self.change(|state| {
            state.opened = Some(opened);
            state.heard = Instant::now();
        });
    }

    /// Thread: a frame to be thrown away came.
    pub(super) fn put_sign_of_life(&self) {
        self.change(|state| state.heard = Instant::now());
    }

    /// Thread: a frame came; it replaces one that nobody took.
    pub(super) fn put(&self, frame: RawFrame) {
        self.change(|state| {
            state.heard = frame.captured;
            state.newest = Some(frame);
        });
    }

    /// Thread: whether the camera was dropped.
    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// Thread: the device is closed.
    pub(super) fn end(&self, error: Option<CameraError>) {
        self.change(|state| {
            state.ended = true;
            state.error = error;
        });
    }

    /// Camera: what was opened; `Silent` when the device did not answer before `until`.
    pub(super) fn opened(&self, until: Instant) -> Result<Opened, CameraError> {
        let mut state = self.wait(until, |state| state.opened.is_some() || state.ended);
        match (state.opened.take(), state.error.take()) {
            (Some(opened), error) => {
                state.error = error;
                Ok(opened)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Err(CameraError::Silent),
        }
    }

    /// Camera: the newest frame, at the latest at `until`; `Silent` when the device has given no
    /// sign of life for `timeout`.
    pub(super) fn take(
        &self,
        until: Instant,
        timeout: Duration,
    ) -> Result<Option<RawFrame>, CameraError> {
        loop {
            let silent = self.state().heard + timeout;
            let ready = |state: &State| state.newest.is_some() || state.ended;
            let mut state = self.wait(until.min(silent), ready);
            if let Some(frame) = state.newest.take() {
                return Ok(Some(frame));
            }
            if state.ended {
                return Err(state.error.take().unwrap_or(CameraError::Silent));
            }
            let now = Instant::now();
            if now >= state.heard + timeout {
                return Err(CameraError::Silent);
            }
            if now >= until {
                return Ok(None);
            }
        }
    }

    /// Camera: asks the thread to end; whether it did before `until`.
    pub(super) fn stop(&self, until: Instant) -> bool {
        self.change(|state| {
            state.stopping = true;
            state.newest = None;
        });
        self.wait(until, |state| state.ended).ended
    }
}
