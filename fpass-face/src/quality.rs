//! The quality of a face in a frame.

use crate::align::AlignedFace;
use crate::geometry::{FaceBox, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;

/// How far the tip of the nose is in front of the centres of the eyes, in eye distances. A rounded
/// anthropometric mean, from which people differ by up to a quarter, so angles made with it are
/// coarse.
const NOSE_DEPTH: f32 = 0.45;

/// How far the tip of the nose is below the eyes of a level head, in eye distances: from the
/// reference points of the aligned face.
const NOSE_DROP: f32 = 0.57;

/// Measures of one face in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Width of the face box in pixels of the frame.
    pub face_width_px: f32,
    /// Longer side of the face box as a share of the shorter side of the frame.
    pub face_share: f32,
    /// Share of the face inside the frame, 0 to 1; 0 when a landmark is outside the frame.
    pub visible: f32,
    /// Turn of the head in degrees, positive to the person's own left.
    ///
    /// `atan(x / NOSE_DEPTH)`, where `x` is the offset of the tip of the nose from the midpoint of
    /// the eyes along the line through them, in eye distances. Under parallel projection the offset
    /// grows with the sine of the angle and the eye distance shrinks with its cosine.
    pub yaw: f32,
    /// Nod of the head in degrees, positive upwards.
    ///
    /// The solution of `y = NOSE_DROP · cos(pitch) − NOSE_DEPTH · sin(pitch)`, where `y` is the
    /// drop of the tip of the nose below the line of the eyes, in eye distances and corrected for
    /// yaw. The drop is longest at −38.3°, so a deeper nod reads as −38.3° or less.
    pub pitch: f32,
    /// Tilt of the head in degrees, positive towards the person's own left shoulder, which is
    /// clockwise in the picture: the angle of the line through the eyes.
    pub roll: f32,
    /// Mean luma (BT.601) of the aligned face, 0 to 255.
    pub brightness: f32,
    /// Standard deviation of the luma of the aligned face, 0 to 127.5.
    pub contrast: f32,
    /// Variance of the Laplacian of the aligned face, divided by the variance of its luma, which
    /// makes it independent of light and contrast; 0 for a face without detail.
    pub sharpness: f32,
}

impl Quality {
    /// Measures a face. `aligned` is the aligned face, or `None` when the landmarks allow no
    /// alignment.
    #[must_use]
    pub fn measure(
        view: &RgbView<'_>,
        bounds: &FaceBox,
        landmarks: &Landmarks5,
        aligned: Option<&AlignedFace>,
    ) -> Self {
        let (visible, brightness, contrast, sharpness) = match aligned {
            Some(aligned) => {
                let contrast = aligned.contrast();
                let sharpness = aligned.laplacian_variance() / contrast.powi(2).max(1.0);
                (bounds.visible(), aligned.brightness(), contrast, sharpness)
            }
            None => (0.0, 0.0, 0.0, 0.0),
        };
        let (yaw, pitch, roll) = pose(landmarks);
        let frame_side = pixels(view.width().min(view.height()));
        Self {
            face_width_px: pixels(bounds.width()),
            face_share: pixels(bounds.width().max(bounds.height())) / frame_side,
            visible,
            yaw,
            pitch,
            roll,
            brightness,
            contrast,
            sharpness,
        }
    }

    /// The first issue for which the face cannot be compared. A measure that is NaN is an issue.
    #[must_use]
    pub fn assess(&self, limits: &QualityLimits) -> Option<QualityIssue> {
        let turned = [
            (self.yaw, limits.yaw_max),
            (self.pitch, limits.pitch_max),
            (self.roll, limits.roll_max),
        ];
        if !at_least(self.visible, limits.visible_min) {
            Some(QualityIssue::CutOff)
        } else if !at_least(self.face_width_px, limits.face_width_px_min) {
            Some(QualityIssue::TooSmall)
        } else if !at_most(self.face_share, limits.face_share_max) {
            Some(QualityIssue::TooLarge)
        } else if !at_least(self.brightness, limits.brightness_min) {
            Some(QualityIssue::TooDark)
        } else if !at_most(self.brightness, limits.brightness_max) {
            Some(QualityIssue::TooBright)
        } else if !turned.iter().all(|(angle, max)| at_most(angle.abs(), *max)) {
            Some(QualityIssue::OffPose { yaw: self.yaw, pitch: self.pitch, roll: self.roll })
        } else if !at_least(self.sharpness, limits.sharpness_min) {
            Some(QualityIssue::Blurred)
        } else {
            None
        }
    }
}

/// Why a face cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QualityIssue {
    /// Too far away.
    TooSmall,
    /// Too near.
    TooLarge,
    /// Cut off by the border of the frame.
    CutOff,
    /// Too little light on the face.
    TooDark,
    /// Too much light on the face.
    TooBright,
    /// Turned, nodded or tilted too far.
    OffPose {
        /// As [`Quality::yaw`].
        yaw: f32,
        /// As [`Quality::pitch`].
        pitch: f32,
        /// As [`Quality::roll`].
        roll: f32,
    },
    /// Out of focus or in motion.
    Blurred,
}

/// Bounds on the measures of [`Quality`], in the same units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityLimits {
    /// Narrowest face box in pixels.
    pub face_width_px_min: f32,
    /// Largest share of the frame's shorter side.
    pub face_share_max: f32,
    /// Smallest share of the face inside the frame.
    pub visible_min: f32,
    /// Darkest face.
    pub brightness_min: f32,
    /// Brightest face.
    pub brightness_max: f32,
    /// Largest turn to either side in degrees.
    pub yaw_max: f32,
    /// Largest nod in either direction in degrees.
    pub pitch_max: f32,
    /// Largest tilt to either side in degrees.
    pub roll_max: f32,
    /// Least sharpness.
    pub sharpness_min: f32,
}

impl Default for QualityLimits {
    /// Limits that ordinary frames meet. `fpass-enroll evaluate` counts the others: of 464 webcam
    /// frames one, for its pose; of 6,274 press photographs 459, of which 448 for their pose and 11
    /// for their size.
    fn default() -> Self {
        Self {
            face_width_px_min: 72.0,
            face_share_max: 0.95,
            visible_min: 0.85,
            brightness_min: 25.0,
            brightness_max: 225.0,
            yaw_max: 30.0,
            pitch_max: 35.0,
            roll_max: 25.0,
            sharpness_min: 0.02,
        }
    }
}

impl QualityLimits {
    /// Limits for the frames of an enrolment, with which every later attempt is compared. They are
    /// stricter than the default ones on every measure.
    ///
    /// Frames of a webcam in a lit room meet them: face 111 to 135 pixels wide, brightness 70 to
    /// 102, 5th percentile of sharpness 0.18, yaw and pitch within 14°. So do press photographs
    /// from the 1st percentile on (sharpness 0.084, brightness 66; 99th percentile of brightness
    /// 169). The turned views that an enrolment asks for meet them too.
    #[must_use]
    pub fn enrolment() -> Self {
        Self {
            face_width_px_min: 90.0,
            face_share_max: 0.9,
            visible_min: 0.95,
            brightness_min: 45.0,
            brightness_max: 200.0,
            yaw_max: 27.0,
            pitch_max: 27.0,
            roll_max: 20.0,
            sharpness_min: 0.08,
        }
    }
}

/// (yaw, pitch, roll) in degrees; see [`Quality`] for the formulas.
fn pose(landmarks: &Landmarks5) -> (f32, f32, f32) {
    let (from, to) = (landmarks.right_eye, landmarks.left_eye);
    let span = landmarks.eye_distance();
    let (ex, ey) = ((to.x - from.x) / span, (to.y - from.y) / span);
    let middle = from.midpoint(to);
    let nose = landmarks.nose_tip;
    let (dx, dy) = ((nose.x - middle.x) / span, (nose.y - middle.y) / span);
    let (aside, below) = (dx * ex + dy * ey, dy * ex - dx * ey);
    let yaw = (aside / NOSE_DEPTH).atan();
    let reach = NOSE_DROP.hypot(NOSE_DEPTH);
    let level = NOSE_DEPTH.atan2(NOSE_DROP);
    let pitch = (below * yaw.cos() / reach).clamp(-1.0, 1.0).acos() - level;
    (yaw.to_degrees(), pitch.to_degrees(), ey.atan2(ex).to_degrees())
}

fn at_least(value: f32, min: f32) -> bool {
    value >= min
}

fn at_most(value: f32, max: f32) -> bool {
    value <= max
}

#[cfg(test)]
mod tests;
