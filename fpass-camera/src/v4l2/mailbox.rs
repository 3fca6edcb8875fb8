//! What the capture thread, the decoding thread and the camera say to each other. Holds the newest
//! raw frame until it is decoded, and the newest decoded frame until it is taken.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::modes::Mode;
use crate::{CameraError, Frame, Identity, buffers::Buffer, camera::UNTAKEN_MAX};

/// A frame as the driver gave it.
pub(super) struct RawFrame {
    pub(super) bytes: Buffer,
    pub(super) sequence: u64,
    /// When the driver took it, as far as it tells, or else when it handed it over.
    pub(super) captured: Instant,
}

/// A device whose stream is being started.
pub(super) struct Opened {
    pub(super) mode: Mode,
    pub(super) description: String,
    pub(super) identity: Identity,
}

struct State {
    opened: Option<Opened>,
    raw: Option<RawFrame>,
    /// Whether a raw frame is out for decoding.
    decoding: bool,
    decoded: Option<Frame>,
    /// What ended the run of frames that could not be decoded.
    defect: Option<CameraError>,
    /// Since when no frame could be decoded.
    undecodable_since: Option<Instant>,
    /// Whether the camera waits for a frame.
    waiting: bool,
    /// Frames that may be decoded before the camera asks again.
    ahead: u32,
    /// When the device handed over its first frame.
    first_heard: Option<Instant>,
    /// When the device last gave a sign of life.
    heard: Instant,
    stopping: bool,
    ended: bool,
    error: Option<CameraError>,
}

impl State {
    fn is_watched(&self) -> bool {
        self.waiting || self.ahead > 0
    }

    /// Whether a frame that has come may still be decoded.
    fn is_pending(&self) -> bool {
        self.raw.is_some() || self.decoding
    }
}

pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

impl Mailbox {
    pub(super) fn new(now: Instant) -> Self {
        let state = State {
            opened: None,
            raw: None,
            decoding: false,
            decoded: None,
            defect: None,
            undecodable_since: None,
            waiting: false,
            ahead: 0,
            first_heard: None,
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

    /// What `change` gives back is dropped by the caller, outside the lock: erasing takes time.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let given = change(&mut self.state());
        self.changed.notify_all();
        given
    }

    /// Waits until `ready` or `until`; the state at that time.
    fn wait(&self, until: Instant, ready: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed
            .wait_timeout_while(self.state(), left, |state| !ready(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Capture: the device is open.
    pub(super) fn put_opened(&self, opened: Opened) {
        self.change(|state| {
            state.opened = Some(opened);
            state.heard = Instant::now();
        });
    }

    /// Capture: a frame to be thrown away came.
    pub(super) fn put_sign_of_life(&self) {
        self.change(|state| state.heard = Instant::now());
    }

    /// Capture: a frame came; it replaces one that nobody decoded. When decoding rests it replaces
    /// the decoded one too, which would otherwise grow old here.
    pub(super) fn put(&self, frame: RawFrame) {
        drop(self.change(|state| {
            state.heard = Instant::now();
            state.first_heard.get_or_insert(state.heard);
            let stale = if state.is_watched() { None } else { state.decoded.take() };
            (state.raw.replace(frame), stale)
        }));
    }

    /// Capture: whether the camera was dropped.
    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// Capture: the device is closed.
    pub(super) fn end(&self, error: Option<CameraError>) {
        self.change(|state| {
            state.ended = true;
            state.error = error;
        });
    }

    /// Decoding: the newest raw frame, as soon as there is one and somebody may want it; `None`
    /// when no more will come. [`put_decoded`](Self::put_decoded) or
    /// [`put_undecodable`](Self::put_undecodable) must follow.
    pub(super) fn take_raw(&self) -> Option<RawFrame> {
        let idle = |state: &mut State| {
            let ready = state.raw.is_some() && state.is_watched();
            let over = state.stopping || (state.ended && state.raw.is_none());
            !ready && !over
        };
        let waited = self.changed.wait_while(self.state(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopping {
            return None;
        }
        let raw = state.raw.take()?;
        state.decoding = true;
        state.ahead = state.ahead.saturating_sub(1);
        Some(raw)
    }

    /// Decoding: a frame; it replaces one that nobody took.
    pub(super) fn put_decoded(&self, frame: Frame) {
        drop(self.change(|state| {
            state.decoding = false;
            state.undecodable_since = None;
            state.defect = None;
            let wanted = (!state.stopping).then_some(frame);
            std::mem::replace(&mut state.decoded, wanted)
        }));
    }

    /// Decoding: a frame that is not to be judged.
    pub(super) fn put_passed_over(&self) {
        self.change(|state| {
            state.decoding = false;
            state.undecodable_since = None;
            state.defect = None;
        });
    }

    /// Decoding: a frame that cannot be decoded. A damaged frame now and then is a matter of cable
    /// and bus; `timeout` without any other is a defect of the camera.
    pub(super) fn put_undecodable(&self, error: CameraError, now: Instant, timeout: Duration) {
        self.change(|state| {
            state.decoding = false;
            let since = *state.undecodable_since.get_or_insert(now);
            if now.saturating_duration_since(since) >= timeout {
                state.defect = Some(error);
            }
        });
    }

    /// Camera: this many frames are to be decoded although nobody waits for one.
    pub(super) fn decode_ahead(&self, frames: u32) {
        self.change(|state| state.ahead = frames);
    }

    #[cfg(test)]
    pub(super) fn holds_raw(&self) -> bool {
        self.state().raw.is_some()
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
    ) -> Result<Option<Frame>, CameraError> {
        self.change(|state| {
            if !state.is_watched() {
                // While decoding rested nothing could end the run of undecodable frames.
                state.undecodable_since = None;
            }
            state.waiting = true;
            state.ahead = UNTAKEN_MAX;
        });
        let taken = self.await_frame(until, timeout);
        self.state().waiting = false;
        taken
    }

    fn await_frame(&self, until: Instant, timeout: Duration) -> Result<Option<Frame>, CameraError> {
        let mut state = self.state();
        loop {
            if let Some(frame) = state.decoded.take() {
                return Ok(Some(frame));
            }
            if let Some(defect) = state.defect.take() {
                return Err(defect);
            }
            let pending = state.is_pending();
            if state.ended && !pending {
                return Err(state.error.take().unwrap_or(CameraError::Silent));
            }
            let now = Instant::now();
            let silent = state.heard + timeout;
            if now >= silent && !pending {
                return Err(CameraError::Silent);
            }
            if now >= until {
                return Ok(None);
            }
            let limit = if pending { until } else { until.min(silent) };
            state = self
                .changed
                .wait_timeout(state, limit.saturating_duration_since(now))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Camera: when the first frame came.
    pub(super) fn first_heard(&self) -> Option<Instant> {
        self.state().first_heard
    }

    /// Camera: asks the threads to end; whether the capture did before `until`.
    pub(super) fn stop(&self, until: Instant) -> bool {
        drop(self.change(|state| {
            state.stopping = true;
            (state.raw.take(), state.decoded.take())
        }));
        self.wait(until, |state| state.ended && !state.decoding).ended
    }
}

#[cfg(test)]
mod tests;
