//! The frames of one attempt, until its deadline or until nobody waits for it any more.

use std::time::{Duration, Instant};

use fpass_camera::{Camera, CameraError, Frame};
use fpass_face::{FaceError, RgbView};
use fpass_proto::Refusal;

use crate::{cancel::CancelFlag, comparison_flag::ComparisonFlag, drawn_prompts::PromptDraw};

/// Longest wait for a frame between two checks of the cancel flag.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// Limits of one attempt.
pub(crate) struct AttemptLimits<'a> {
    /// When the attempt began. Frames captured earlier do not count.
    pub(crate) started: Instant,
    /// When it must end.
    pub(crate) deadline: Instant,
    /// Raised when nobody waits for the answer any more.
    pub(crate) cancel: &'a CancelFlag,
    /// Set when a face is compared.
    pub(crate) compared: &'a ComparisonFlag,
    /// Chooses the prompts.
    pub(crate) draw: &'a PromptDraw,
}

impl AttemptLimits<'_> {
    /// Whether the attempt must end now.
    pub(crate) fn have_passed(&self) -> bool {
        self.cancel.is_raised() || Instant::now() >= self.deadline
    }
}

/// The next frame of this attempt, or `None` at its deadline.
///
/// # Errors
/// [`Refusal::Cancelled`], or the camera's failure: [`Refusal::CameraSilent`] at the deadline when
/// the camera has delivered nothing.
pub(crate) fn next_frame(
    camera: &mut dyn Camera,
    limits: &AttemptLimits<'_>,
) -> Result<Option<Frame>, Refusal> {
    loop {
        if limits.cancel.is_raised() {
            return Err(Refusal::Cancelled);
        }
        let now = Instant::now();
        if now >= limits.deadline {
            let is_silent = camera.awaits_first_frame();
            return if is_silent { Err(Refusal::CameraSilent) } else { Ok(None) };
        }
        let until = limits.deadline.min(now + SLICE);
        match camera.frame(until).map_err(|error| camera_refusal(&error))? {
            Some(frame) if frame.captured() >= limits.started => return Ok(Some(frame)),
            Some(_) | None => {}
        }
    }
}

/// The pixels of a frame, as the recogniser takes them.
pub(crate) fn view(frame: &Frame) -> Result<RgbView<'_>, Refusal> {
    RgbView::new(frame.width(), frame.height(), frame.pixels())
        .map_err(|error| face_refusal(&error))
}

/// Whether the camera failed while it was in use.
pub(crate) fn is_camera_fault(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::CameraFailed | Refusal::CameraSilent | Refusal::CameraFrozen)
}

/// The refusal for a camera that failed.
pub(crate) fn camera_refusal(error: &CameraError) -> Refusal {
    match error {
        CameraError::NotFound => Refusal::NoCamera,
        CameraError::Busy => Refusal::CameraBusy,
        CameraError::Silent => Refusal::CameraSilent,
        CameraError::Frozen => Refusal::CameraFrozen,
        CameraError::Unsuitable | CameraError::FormatMissing { .. } => Refusal::CameraUnsuitable,
        CameraError::NoCapture => Refusal::NoCamera,
        CameraError::NeedsBridge { .. } => Refusal::CameraNeedsBridge,
        CameraError::NoBandwidth => Refusal::CameraBandwidth,
        CameraError::Covered => Refusal::CameraCovered,
        CameraError::Denied | CameraError::Failed { .. } | CameraError::Recording { .. } => {
            Refusal::CameraFailed
        }
    }
}

/// The refusal for a stage of the recogniser that failed.
pub(crate) fn face_refusal(error: &FaceError) -> Refusal {
    tracing::warn!(%error, "a frame could not be examined");
    Refusal::EngineFailed
}
