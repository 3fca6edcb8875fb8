//! Which check shows that a person is no picture.

use fpass_face::liveness::LivenessDemand;

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LivenessCheck {
    /// The person turns the head.
    Turn(LivenessDemand),
    /// The face is lit by the emitter of an infra-red camera.
    Infrared,
}
