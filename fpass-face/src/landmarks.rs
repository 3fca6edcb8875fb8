//! Five landmarks of a face.

use crate::geometry::Point;

/// Eyes, nose and corners of the mouth in pixels of the full frame.
///
/// *Left* and *right* are the person's own: the left eye is on the right of the picture. The fields
/// are in the order of YuNet's output and of the reference points for SFace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks5 {
    /// Centre of the right eye.
    pub right_eye: Point,
    /// Centre of the left eye.
    pub left_eye: Point,
    /// Tip of the nose.
    pub nose_tip: Point,
    /// Right corner of the mouth.
    pub right_mouth: Point,
    /// Left corner of the mouth.
    pub left_mouth: Point,
}

impl Landmarks5 {
    /// The points in the order of the fields.
    #[must_use]
    pub fn points(&self) -> [Point; 5] {
        [self.right_eye, self.left_eye, self.nose_tip, self.right_mouth, self.left_mouth]
    }

    /// The landmarks from points in the order of the fields.
    #[must_use]
    pub fn from_points(points: [Point; 5]) -> Self {
        let [right_eye, left_eye, nose_tip, right_mouth, left_mouth] = points;
        Self { right_eye, left_eye, nose_tip, right_mouth, left_mouth }
    }

    /// Distance between the centres of the eyes in pixels.
    #[must_use]
    pub fn eye_distance(&self) -> f32 {
        self.right_eye.distance(self.left_eye)
    }

    /// Whether every point is in a picture of `width` × `height` pixels.
    #[must_use]
    pub fn are_inside(&self, width: u32, height: u32) -> bool {
        self.points().iter().all(|point| point.is_inside(width, height))
    }
}
