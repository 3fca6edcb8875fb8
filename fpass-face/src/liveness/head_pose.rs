//! The pose of a head from its five landmarks.

use super::placement::pairs;
use crate::landmarks::Landmarks5;

/// How far the tip of the nose is in front of the axis from the eyes to the mouth, in eye
/// distances: measured on the average head of `models/head_depth.toml`.
const NOSE_DEPTH: f64 = 0.57;

/// Smallest eye distance and height of the face in pixels by which is divided.
const LENGTH_MIN: f64 = 1e-6;

/// The pose of a head. Its numbers are NaN when a landmark is not finite; then every comparison
/// with them fails.
///
/// Unlike the pose in [`Quality`](crate::Quality), the yaw is measured from the axis through eyes
/// and mouth, so that it hardly changes with roll and pitch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadPose {
    /// Turn in degrees, positive when the nose points to the right of the picture, which is the
    /// person's own left.
    pub yaw: f64,
    /// Angle of the line through the eyes in degrees, positive clockwise in the picture.
    pub roll: f64,
    /// Height of the tip of the nose between the eyes (0) and the mouth (1). It is 0.54 on the
    /// average level head, and grows when the head nods down.
    pub nose_height: f64,
}

impl HeadPose {
    /// Measures the pose.
    #[must_use]
    pub fn of(landmarks: &Landmarks5) -> Self {
        let [right_eye, left_eye, nose, right_mouth, left_mouth] = pairs(landmarks);
        let eyes = midpoint(right_eye, left_eye);
        let mouth = midpoint(right_mouth, left_mouth);
        let across = less(left_eye, right_eye);
        let eye_distance = across[0].hypot(across[1]);
        let across = across.map(|value| value / eye_distance.max(LENGTH_MIN));
        let down = [-across[1], across[0]];
        let axis = less(mouth, eyes);
        let nose_height = dot(less(nose, eyes), down) / dot(axis, down).max(LENGTH_MIN);
        let share = nose_height.clamp(0.0, 1.0);
        let foot = [eyes[0] + share * axis[0], eyes[1] + share * axis[1]];
        let yaw = dot(less(nose, foot), across).atan2(NOSE_DEPTH * eye_distance);
        let roll = across[1].atan2(across[0]);
        Self { yaw: yaw.to_degrees(), roll: roll.to_degrees(), nose_height }
    }
}

fn midpoint(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}

fn less(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "test values are in range")]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use crate::liveness::placement::FIVE;

    /// The average head, turned by `yaw` and rolled by `roll` degrees, 200 pixels wide.
    fn head(yaw: f64, roll: f64) -> Landmarks5 {
        let depths = [0.0, 0.0, 0.2616, 0.0534, 0.0534];
        let (sin, cos) = yaw.to_radians().sin_cos();
        let (roll_sin, roll_cos) = roll.to_radians().sin_cos();
        let mut points = [Point { x: 0.0, y: 0.0 }; 5];
        for ((point, [u, v]), depth) in points.iter_mut().zip(FIVE).zip(depths) {
            let (u, v) = (u * cos + depth * sin, v);
            let (x, y) = (u * roll_cos - v * roll_sin, u * roll_sin + v * roll_cos);
            *point = Point { x: (320.0 + 200.0 * x) as f32, y: (200.0 + 200.0 * y) as f32 };
        }
        Landmarks5::from_points(points)
    }

    #[test]
    fn a_turned_head_has_its_yaw_and_roll() {
        for yaw in [-30.0, -12.0, 0.0, 8.0, 20.0, 30.0] {
            for roll in [-15.0, 0.0, 10.0] {
                let pose = HeadPose::of(&head(yaw, roll));
                assert!((pose.yaw - yaw).abs() < 2.0, "{yaw} {pose:?}");
                assert!((pose.roll - roll).abs() < 0.1, "{roll} {pose:?}");
                assert!((pose.nose_height - 0.54).abs() < 0.01, "{pose:?}");
            }
        }
    }

    #[test]
    fn a_number_that_is_not_finite_gives_a_pose_that_no_comparison_accepts() {
        let mut nan = head(0.0, 0.0);
        nan.nose_tip.x = f32::NAN;
        let yaw = HeadPose::of(&nan).yaw;
        assert!(yaw.is_nan());
        // Landmarks that coincide divide by no zero.
        let same = Landmarks5::from_points([Point { x: 5.0, y: 5.0 }; 5]);
        assert_eq!(HeadPose::of(&same).yaw, 0.0);
    }
}
