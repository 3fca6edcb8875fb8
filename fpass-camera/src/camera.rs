//! What every source of frames can do.

use std::time::Instant;

use crate::{CameraError, Frame, Identity};

/// Frames that are decoded in a row without anybody taking one: a second at 30 per second, several
/// times what the work on one frame takes. Then decoding rests until a frame is asked for, so that
/// a camera that was only started ahead costs no more than its capture.
pub(crate) const UNTAKEN_MAX: u32 = 30;

/// A camera that has been opened. Dropping it stops the capture.
pub trait Camera: Send {
    /// The next frame captured after the opening; frames missed in between are skipped.
    ///
    /// `Ok(None)` when none arrived before `until`: callers wait in short slices and look at
    /// their cancellation between them.
    ///
    /// # Errors
    /// A [`CameraError`] ends the capture: [`Silent`](CameraError::Silent) when the camera's own
    /// frame timeout has passed, otherwise the fault that occurred.
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError>;

    /// One line that names the device and the format in use.
    fn description(&self) -> &str;

    /// Which camera it is. `None` when nothing tells.
    fn identity(&self) -> Option<&Identity>;

    /// When the device handed over its first frame, usable or not. `None` before that, and where
    /// every frame is usable.
    fn first_heard(&self) -> Option<Instant>;
}

impl<C: Camera + ?Sized> Camera for Box<C> {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        (**self).frame(until)
    }

    fn description(&self) -> &str {
        (**self).description()
    }

    fn identity(&self) -> Option<&Identity> {
        (**self).identity()
    }

    fn first_heard(&self) -> Option<Instant> {
        (**self).first_heard()
    }
}
