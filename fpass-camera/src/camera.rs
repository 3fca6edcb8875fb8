//! The interface of every source of frames.

use std::time::Instant;

use crate::{CameraError, CameraId, Frame, Rotation};

/// Most frames that are decoded in a row while no caller takes one: a second at 30 per second. Then
/// decoding pauses until a frame is asked for, so a camera that was started by `Prewarm` costs no
/// more than its capture.
pub(crate) const DECODE_AHEAD_MAX: u32 = 30;

/// An open camera. Dropping it stops the capture.
pub trait Camera: Send {
    /// The next frame captured after the opening; frames missed in between are skipped.
    ///
    /// `Ok(None)` when no frame arrived before `until`. Callers wait in short slices and check for
    /// cancellation between them.
    ///
    /// # Errors
    /// [`CameraError`]; it ends the capture. [`Silent`](CameraError::Silent) when no frame came
    /// within the frame timeout of the camera.
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError>;

    /// One line that names the device and the format in use.
    fn description(&self) -> &str;

    /// The identity of the camera; `None` when it is unknown.
    fn identity(&self) -> Option<&CameraId>;

    /// Whether the camera is built into the machine, as far as the system tells.
    fn is_built_in(&self) -> bool {
        false
    }

    /// Whether all pictures of the device are without colour, like those of infra-red cameras.
    fn is_infrared(&self) -> bool {
        false
    }

    /// Whether a device is open that has not delivered anything yet.
    fn awaits_first_frame(&self) -> bool {
        false
    }

    /// When the device delivered its first frame, usable or not. `None` before that, and for
    /// sources whose frames are all usable.
    fn first_frame_at(&self) -> Option<Instant>;

    /// The rotation that the driver says its frames need; `None` when it says nothing.
    fn rotation_hint(&self) -> Option<Rotation> {
        None
    }
}

impl<C: Camera + ?Sized> Camera for Box<C> {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        (**self).frame(until)
    }

    fn description(&self) -> &str {
        (**self).description()
    }

    fn identity(&self) -> Option<&CameraId> {
        (**self).identity()
    }

    fn is_built_in(&self) -> bool {
        (**self).is_built_in()
    }

    fn is_infrared(&self) -> bool {
        (**self).is_infrared()
    }

    fn awaits_first_frame(&self) -> bool {
        (**self).awaits_first_frame()
    }

    fn first_frame_at(&self) -> Option<Instant> {
        (**self).first_frame_at()
    }

    fn rotation_hint(&self) -> Option<Rotation> {
        (**self).rotation_hint()
    }
}
