//! One face in one frame, measured for the decision.

use crate::error::FaceError;
use crate::landmarks::Landmarks5;
use crate::liveness::fit::DepthFit;
use crate::liveness::head_pose::HeadPose;
use crate::liveness::placement::{Placement, pairs};
use crate::liveness::warp::single;

/// One face in one frame, with what the decision needs of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredFace {
    pub(super) centre: [f64; 2],
    pub(super) width: f64,
    pub(super) yaw: f32,
    pub(super) fit: DepthFit,
}

impl MeasuredFace {
    /// Measures a face by its landmarks. `fit` is that of its frame; the neutral frame has the
    /// default one.
    ///
    /// # Errors
    /// As [`Placement::of`].
    pub fn new(landmarks: &Landmarks5, fit: DepthFit) -> Result<Self, FaceError> {
        let width = Placement::of(landmarks)?.width();
        let sum = |[x, y]: [f64; 2], [px, py]: [f64; 2]| [x + px / 5.0, y + py / 5.0];
        let centre = pairs(landmarks).into_iter().fold([0.0; 2], sum);
        Ok(Self { centre, width, yaw: single(HeadPose::of(landmarks).yaw), fit })
    }

    /// Yaw in degrees, as [`HeadPose::yaw`].
    #[must_use]
    pub fn yaw(&self) -> f32 {
        self.yaw
    }

    /// The fit of its frame.
    #[must_use]
    pub fn fit(&self) -> &DepthFit {
        &self.fit
    }
}
