//! Detections of a network before they are accepted as faces.

use crate::geometry::Point;
use crate::landmarks::Landmarks5;

/// Boxes that overlap by more than this share of the smaller one are the same face.
const OVERLAP_MAX: f32 = 0.4;

/// A detection, in pixels of the picture that was searched. It may reach beyond the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Upper left corner.
    pub(super) corner: Point,
    /// Width and height in pixels, above 0.
    pub(super) size: (f32, f32),
    /// Eyes, nose and mouth.
    pub(super) landmarks: Landmarks5,
    /// Confidence of the network, 0 to 1.
    pub(super) confidence: f32,
}

impl Candidate {
    /// Whether all numbers are finite and both sides above 0.
    pub(super) fn is_sound(&self) -> bool {
        let (width, height) = self.size;
        let numbers = [self.corner.x, self.corner.y, width, height, self.confidence];
        let points = self.landmarks.points();
        width > 0.0
            && height > 0.0
            && numbers.iter().all(|number| number.is_finite())
            && points.iter().all(|point| point.x.is_finite() && point.y.is_finite())
    }

    /// The detection in pixels of the frame. `scale` is in pixels of the frame for one of the
    /// searched picture, across and down; `origin` is where the searched picture begins in the
    /// frame.
    pub(super) fn in_frame(&self, scale: (f32, f32), origin: Point) -> Self {
        let place = |p: Point| Point { x: origin.x + scale.0 * p.x, y: origin.y + scale.1 * p.y };
        Self {
            corner: place(self.corner),
            size: (scale.0 * self.size.0, scale.1 * self.size.1),
            landmarks: Landmarks5::from_points(self.landmarks.points().map(place)),
            confidence: self.confidence,
        }
    }

    /// Centre of the box.
    pub(super) fn centre(&self) -> Point {
        Point { x: self.corner.x + self.size.0 / 2.0, y: self.corner.y + self.size.1 / 2.0 }
    }

    /// Area shared with another box, as a share of the smaller one, 0 to 1.
    fn overlap(&self, other: &Self) -> f32 {
        let shared = |a: f32, al: f32, b: f32, bl: f32| ((a + al).min(b + bl) - a.max(b)).max(0.0);
        let width = shared(self.corner.x, self.size.0, other.corner.x, other.size.0);
        let height = shared(self.corner.y, self.size.1, other.corner.y, other.size.1);
        let smaller = (self.size.0 * self.size.1).min(other.size.0 * other.size.1);
        width * height / smaller
    }
}

/// Non-maximum suppression: sorts by falling confidence and removes every candidate that overlaps a
/// more confident one by more than [`OVERLAP_MAX`].
pub(super) fn suppress_non_maxima(candidates: &mut Vec<Candidate>) {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut kept: usize = 0;
    for index in 0..candidates.len() {
        let Some(candidate) = candidates.get(index).copied() else {
            break;
        };
        let earlier = candidates.get(..kept).unwrap_or_default();
        if earlier.iter().any(|surer| candidate.overlap(surer) > OVERLAP_MAX) {
            continue;
        }
        candidates.swap(kept, index);
        kept += 1;
    }
    candidates.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn candidate(x: f32, y: f32, side: f32, confidence: f32) -> Candidate {
        let point = |u: f32, v: f32| Point { x: x + u * side, y: y + v * side };
        Candidate {
            corner: point(0.0, 0.0),
            size: (side, side),
            landmarks: Landmarks5::from_points([
                point(0.3, 0.4),
                point(0.7, 0.4),
                point(0.5, 0.6),
                point(0.35, 0.8),
                point(0.65, 0.8),
            ]),
            confidence,
        }
    }

    #[test]
    fn the_most_confident_candidate_of_each_face_is_kept() {
        let mut candidates = vec![
            candidate(0.0, 0.0, 10.0, 0.7),
            candidate(1.0, 1.0, 10.0, 0.9),
            candidate(30.0, 0.0, 10.0, 0.8),
            candidate(3.0, 3.0, 4.0, 0.95),
        ];
        suppress_non_maxima(&mut candidates);
        let kept: Vec<f32> = candidates.iter().map(|c| c.confidence).collect();
        assert_eq!(kept, [0.95, 0.8]);
    }

    #[test]
    fn candidates_with_numbers_out_of_range_are_not_sound() {
        assert!(candidate(0.0, 0.0, 10.0, 0.9).is_sound());
        for spoil in [
            |c: &mut Candidate| c.corner.x = f32::NAN,
            |c: &mut Candidate| c.size.0 = f32::INFINITY,
            |c: &mut Candidate| c.size.1 = 0.0,
            |c: &mut Candidate| c.confidence = f32::NAN,
            |c: &mut Candidate| c.landmarks.nose_tip.y = f32::NEG_INFINITY,
        ] {
            let mut spoilt = candidate(0.0, 0.0, 10.0, 0.9);
            spoil(&mut spoilt);
            assert!(!spoilt.is_sound());
        }
    }

    #[test]
    fn a_candidate_is_scaled_and_moved_into_the_frame() {
        let in_frame =
            candidate(1.0, 2.0, 10.0, 0.9).in_frame((2.0, 3.0), Point { x: 100.0, y: 200.0 });
        assert_eq!(in_frame.corner, Point { x: 102.0, y: 206.0 });
        assert_eq!(in_frame.size, (20.0, 30.0));
        assert_eq!(in_frame.centre(), Point { x: 112.0, y: 221.0 });
        assert_eq!(in_frame.landmarks.nose_tip, Point { x: 112.0, y: 224.0 });
    }
}
