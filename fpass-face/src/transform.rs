//! Similarity transforms, as squares of the frame.

use crate::error::FaceError;
use crate::geometry::Point;

/// Shortest side of a square around landmarks, in pixels of the frame.
const SIDE_MIN: f32 = 8.0;
/// Longest side of a square around landmarks, in pixels of the frame: four times the longest
/// picture.
const SIDE_MAX: f32 = 16384.0;

/// A turned and scaled square in the frame. Its own coordinates run from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square {
    /// Frame position of its upper left corner.
    origin: Point,
    /// Vector in the frame along its upper side; turned by 90° it is the vector along its left
    /// side.
    across: Point,
}

impl Square {
    /// An upright square of `side` pixels around a centre.
    #[must_use]
    pub fn upright(centre: Point, side: f32) -> Self {
        Self {
            origin: Point { x: centre.x - side / 2.0, y: centre.y - side / 2.0 },
            across: Point { x: side, y: 0.0 },
        }
    }

    /// The square in which `points` are nearest to `shape`: the least-squares similarity transform
    /// (Umeyama, 1991). `shape` is in the square's own coordinates, `points` in pixels of the
    /// frame.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when the points coincide, a number is not finite, or the
    /// side is not 8 to 16384 pixels.
    pub fn fit<const N: usize>(shape: &[Point; N], points: &[Point; N]) -> Result<Self, FaceError> {
        let (from, to) = (centroid(shape), centroid(points));
        let (mut along, mut turned, mut spread) = (0.0, 0.0, 0.0);
        for (model, point) in shape.iter().zip(points) {
            let (mx, my) = (model.x - from.x, model.y - from.y);
            let (px, py) = (point.x - to.x, point.y - to.y);
            along += mx * px + my * py;
            turned += mx * py - my * px;
            spread += mx * mx + my * my;
        }
        let across = Point { x: along / spread, y: turned / spread };
        let square = Self {
            origin: Point {
                x: to.x - across.x * from.x + across.y * from.y,
                y: to.y - across.y * from.x - across.x * from.y,
            },
            across,
        };
        let usable = square.origin.x.is_finite()
            && square.origin.y.is_finite()
            && (SIDE_MIN..=SIDE_MAX).contains(&square.side());
        usable.then_some(square).ok_or(FaceError::LandmarksUnusable)
    }

    /// The square turned around its centre, so that what it shows is turned clockwise by quarters
    /// of a turn.
    #[must_use]
    pub fn turned(&self, quarters: u8) -> Self {
        (0..quarters % 4).fold(*self, |square, _| Self {
            origin: square.at(0.0, 1.0),
            across: Point { x: square.across.y, y: -square.across.x },
        })
    }

    /// Its side in pixels of the frame.
    #[must_use]
    pub fn side(&self) -> f32 {
        self.across.x.hypot(self.across.y)
    }

    /// The position in the frame of the position (`u`, `v`) in the square.
    #[must_use]
    pub fn at(&self, u: f32, v: f32) -> Point {
        Point {
            x: self.origin.x + u * self.across.x - v * self.across.y,
            y: self.origin.y + u * self.across.y + v * self.across.x,
        }
    }
}

fn centroid(points: &[Point]) -> Point {
    let (x, y, count) = points
        .iter()
        .fold((0.0, 0.0, 0.0), |(x, y, count), point| (x + point.x, y + point.y, count + 1.0));
    Point { x: x / count, y: y / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [Point; 3] =
        [Point { x: 0.2, y: 0.3 }, Point { x: 0.8, y: 0.3 }, Point { x: 0.5, y: 0.9 }];

    #[test]
    fn points_that_coincide_or_are_not_finite_are_refused() {
        let coinciding = [Point { x: 50.0, y: 50.0 }; 3];
        let mut nan = SHAPE.map(|p| Point { x: 100.0 * p.x, y: 100.0 * p.y });
        nan[1].y = f32::NAN;
        let mut far = nan;
        far[1].y = f32::MAX;
        for points in [coinciding, nan, far] {
            assert_eq!(Square::fit(&SHAPE, &points), Err(FaceError::LandmarksUnusable));
        }
    }

    #[test]
    fn a_turned_and_scaled_shape_is_found_again() {
        let (sin, cos) = 0.4_f32.sin_cos();
        let place = |p: &Point| Point {
            x: 30.0 + 90.0 * (cos * p.x - sin * p.y),
            y: 20.0 + 90.0 * (sin * p.x + cos * p.y),
        };
        let points = [place(&SHAPE[0]), place(&SHAPE[1]), place(&SHAPE[2])];
        let square = Square::fit(&SHAPE, &points).unwrap();
        assert!((square.side() - 90.0).abs() < 1e-3);
        for (u, v) in [(0.0, 0.0), (1.0, 0.0), (0.3, 0.7)] {
            assert!(square.at(u, v).distance(place(&Point { x: u, y: v })) < 1e-3);
        }
    }

    #[test]
    fn a_turned_square_shows_the_frame_turned_clockwise() {
        let square = Square::upright(Point { x: 50.0, y: 40.0 }, 20.0);
        let corners = |square: Square| [square.at(0.0, 0.0), square.at(1.0, 0.0)];
        let point = |x, y| Point { x, y };
        // Turned clockwise, the lower left corner of the frame becomes the upper left one.
        assert_eq!(corners(square.turned(1)), [point(40.0, 50.0), point(40.0, 30.0)]);
        assert_eq!(corners(square.turned(2)), [point(60.0, 50.0), point(40.0, 50.0)]);
        assert_eq!(corners(square.turned(3)), [point(60.0, 30.0), point(60.0, 50.0)]);
        assert_eq!(square.turned(4), square);
    }

    #[test]
    fn an_upright_square_surrounds_its_centre() {
        let square = Square::upright(Point { x: 50.0, y: 40.0 }, 20.0);
        assert_eq!(square.at(0.0, 0.0), Point { x: 40.0, y: 30.0 });
        assert_eq!(square.at(0.5, 0.5), Point { x: 50.0, y: 40.0 });
        assert_eq!(square.side(), 20.0);
    }
}
