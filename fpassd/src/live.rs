//! The check that a person is no picture, together with the comparison of the face.

use fpass_camera::Camera;
use fpass_face::{Gallery, liveness::LivenessDemand};
use fpass_proto::Refusal;

use crate::{
    decide::Policy,
    decision::Decision,
    face_recogniser::FaceRecogniser,
    frames::AttemptLimits,
    infrared::{InfraredParams, verify_infrared},
    liveness_check::LivenessCheck,
    turn::{TurnParams, TurnReports, verify_turn},
};

/// Who must be in front of the camera, and what is checked.
pub(crate) struct LiveParams<'a> {
    /// Templates of the person.
    pub(crate) gallery: &'a Gallery,
    /// How the face is compared with them.
    pub(crate) policy: &'a Policy,
    /// The check.
    pub(crate) check: LivenessCheck,
    /// Whether the first prompt begins the attempt.
    pub(crate) opens: bool,
}

/// Examines frames until face and check were judged, or until the deadline.
///
/// # Errors
/// Why nothing could be judged.
pub(crate) fn verify_live(
    camera: &mut dyn Camera,
    recogniser: &mut dyn FaceRecogniser,
    params: &LiveParams<'_>,
    limits: &AttemptLimits<'_>,
    reports: &mut TurnReports<'_>,
) -> Result<Decision, Refusal> {
    let &LiveParams { gallery, policy, check, opens } = params;
    let turn = |demand: LivenessDemand| TurnParams { gallery, policy, demand, opens };
    match check {
        LivenessCheck::Turn(demand) => {
            verify_turn(camera, recogniser, &turn(demand), limits, reports)
        }
        LivenessCheck::Infrared => {
            let params = InfraredParams { gallery, policy, opens };
            verify_infrared(camera, recogniser, &params, limits, reports)
        }
    }
}
