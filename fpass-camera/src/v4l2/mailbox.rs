//! The exchange between the capture thread, the decoding thread and the camera. It holds the newest
//! raw frame until it is decoded, and the newest decoded frame until it is taken.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::modes::Mode;
use crate::{CameraError, CameraId, Frame, Rotation, buffers::Buffer, camera::DECODE_AHEAD_MAX};

/// A frame as the driver delivered it.
pub(super) struct RawFrame {
    pub(super) bytes: Buffer,
    pub(super) sequence: u64,
    /// When the driver captured it or, if that is unknown, when it delivered it.
    pub(super) captured: Instant,
}

/// The description of an opened device.
pub(super) struct Opened {
    pub(super) mode: Mode,
    pub(super) description: String,
    pub(super) identity: CameraId,
    pub(super) is_built_in: bool,
    pub(super) is_infrared: bool,
    /// Whether the driver reports that the camera is covered.
    pub(super) is_covered: bool,
    pub(super) rotation_hint: Option<Rotation>,
}

/// Longest time from the opening to the first frame. Some cameras need seconds to wake up; an
/// attempt ends earlier by its deadline.
const FIRST_FRAME_MAX: Duration = Duration::from_secs(10);

struct MailboxState {
    opened: Option<Opened>,
    raw: Option<RawFrame>,
    /// Whether a raw frame is being decoded.
    decoding: bool,
    decoded: Option<Frame>,
    /// The error after a too long run of undecodable frames.
    defect: Option<CameraError>,
    /// The time of the first undecodable frame of the run.
    undecodable_since: Option<Instant>,
    /// Whether the camera waits for a frame.
    waiting: bool,
    /// Frames that may be decoded without a request of the camera.
    ahead: u32,
    /// When the device delivered its first frame.
    first_frame_at: Option<Instant>,
    /// When the device last delivered anything.
    heard: Instant,
    stopping: bool,
    ended: bool,
    error: Option<CameraError>,
}

impl MailboxState {
    /// When the device counts as silent, if it may be so for `timeout` between two frames.
    fn silent_at(&self, timeout: Duration) -> Instant {
        let patience = match self.first_frame_at {
            Some(_) => timeout,
            None => timeout.max(FIRST_FRAME_MAX),
        };
        self.heard + patience
    }

    fn is_watched(&self) -> bool {
        self.waiting || self.ahead > 0
    }

    /// Whether a frame is waiting for decoding or in it.
    fn is_pending(&self) -> bool {
        self.raw.is_some() || self.decoding
    }
}

pub(super) struct Mailbox {
    state: Mutex<MailboxState>,
    changed: Condvar,
}

impl Mailbox {
    pub(super) fn new(now: Instant) -> Self {
        let state = MailboxState {
            opened: None,
            raw: None,
            decoding: false,
            decoded: None,
            defect: None,
            undecodable_since: None,
            waiting: false,
            ahead: 0,
            first_frame_at: None,
            heard: now,
            stopping: false,
            ended: false,
            error: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, MailboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes the others. The caller drops the result outside the lock,
    /// because erasing a frame takes time.
    fn change<T>(&self, change: impl FnOnce(&mut MailboxState) -> T) -> T {
        let given = change(&mut self.state());
        self.changed.notify_all();
        given
    }

    /// Waits until `ready` is true or the time is `until`, and gives the state.
    fn wait(
        &self,
        until: Instant,
        ready: impl Fn(&MailboxState) -> bool,
    ) -> MutexGuard<'_, MailboxState> {
        let left = until.saturating_duration_since(Instant::now());
        self.changed
            .wait_timeout_while(self.state(), left, |state| !ready(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// For the capture: the device is open.
    pub(super) fn put_opened(&self, opened: Opened) {
        self.change(|state| {
            state.opened = Some(opened);
            state.heard = Instant::now();
        });
    }

    /// For the capture: a rejected frame came.
    pub(super) fn put_rejected(&self) {
        self.change(|state| state.heard = Instant::now());
    }

    /// For the capture: a frame came. It replaces a raw frame that was not decoded. While decoding
    /// pauses, it replaces the decoded frame too, which would otherwise become old.
    pub(super) fn put(&self, frame: RawFrame) {
        drop(self.change(|state| {
            state.heard = Instant::now();
            state.first_frame_at.get_or_insert(state.heard);
            let stale = if state.is_watched() { None } else { state.decoded.take() };
            (state.raw.replace(frame), stale)
        }));
    }

    /// For the capture: whether the camera was dropped.
    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// For the capture: the device is closed.
    pub(super) fn end(&self, error: Option<CameraError>) {
        self.change(|state| {
            state.ended = true;
            state.error = error;
        });
    }

    /// For the decoding: waits for a raw frame that the camera may want. `None` when no frame will
    /// come. [`put_decoded`](Self::put_decoded), [`put_skipped`](Self::put_skipped) or
    /// [`put_undecodable`](Self::put_undecodable) must follow.
    pub(super) fn take_raw(&self) -> Option<RawFrame> {
        let idle = |state: &mut MailboxState| {
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

    /// For the decoding: a decoded frame. It replaces one that was not taken.
    pub(super) fn put_decoded(&self, frame: Frame) {
        drop(self.change(|state| {
            state.decoding = false;
            state.undecodable_since = None;
            state.defect = None;
            let wanted = (!state.stopping).then_some(frame);
            std::mem::replace(&mut state.decoded, wanted)
        }));
    }

    /// For the decoding: a frame that is not usable.
    pub(super) fn put_skipped(&self) {
        self.change(|state| {
            state.decoding = false;
            state.undecodable_since = None;
            state.defect = None;
        });
    }

    /// For the decoding: an undecodable frame. Cables and buses damage single frames, but only such
    /// frames for `timeout` are a fault of the camera.
    pub(super) fn put_undecodable(&self, error: CameraError, now: Instant, timeout: Duration) {
        self.change(|state| {
            state.decoding = false;
            let since = *state.undecodable_since.get_or_insert(now);
            if now.saturating_duration_since(since) >= timeout {
                state.defect = Some(error);
            }
        });
    }

    /// For the decoding: nothing is to be seen in the frames.
    pub(super) fn put_covered(&self) {
        self.change(|state| {
            state.decoding = false;
            state.defect = Some(CameraError::Covered);
        });
    }

    /// For the camera: allows the decoding of this many frames that are not asked for.
    pub(super) fn decode_ahead(&self, frames: u32) {
        self.change(|state| state.ahead = frames);
    }

    #[cfg(test)]
    pub(super) fn holds_raw(&self) -> bool {
        self.state().raw.is_some()
    }

    /// For the camera: waits for the opened device; `Silent` when it did not answer before `until`.
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

    /// For the camera: waits for the newest frame until `until`; `Silent` when the device has
    /// delivered nothing for `timeout`.
    pub(super) fn take(
        &self,
        until: Instant,
        timeout: Duration,
    ) -> Result<Option<Frame>, CameraError> {
        self.change(|state| {
            if !state.is_watched() {
                // While decoding paused, nothing could end the run of undecodable frames.
                state.undecodable_since = None;
            }
            state.waiting = true;
            state.ahead = DECODE_AHEAD_MAX;
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
            let silent = state.silent_at(timeout);
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

    /// For the camera: whether the device has delivered nothing yet.
    pub(super) fn awaits_first_frame(&self) -> bool {
        let state = self.state();
        state.first_frame_at.is_none() && !state.ended
    }

    /// For the camera: when the first frame came.
    pub(super) fn first_frame_at(&self) -> Option<Instant> {
        self.state().first_frame_at
    }

    /// For the camera: asks the threads to end. Whether the capture ended before `until`.
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
