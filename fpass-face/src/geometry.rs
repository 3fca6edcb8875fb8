//! Points and boxes in pixels of the full frame.

/// Shortest side of a picture that is accepted, in pixels.
pub const SIDE_MIN: u32 = 16;
/// Longest side of a picture that is accepted, in pixels.
pub const SIDE_MAX: u32 = 4096;

/// A position in pixels of the full frame; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Pixels from the left border.
    pub x: f32,
    /// Pixels from the top border.
    pub y: f32,
}

impl Point {
    /// The midpoint of two points.
    #[must_use]
    pub fn midpoint(self, other: Self) -> Self {
        Self { x: f32::midpoint(self.x, other.x), y: f32::midpoint(self.y, other.y) }
    }

    /// Distance to another point in pixels.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// Whether the point is in a picture of `width` × `height` pixels. False for NaN.
    #[must_use]
    pub fn is_inside(self, width: u32, height: u32) -> bool {
        (0.0..pixels(width)).contains(&self.x) && (0.0..pixels(height)).contains(&self.y)
    }
}

/// The bounding box of a face in whole pixels, clipped to its frame.
///
/// [`FaceBox::clip`] is the only constructor: from a rectangle outside the picture dlib would
/// compute an embedding that looks valid and is the same for everybody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceBox {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    visible: f32,
}

impl FaceBox {
    /// Clips a rectangle to a frame of `frame_width` × `frame_height` pixels. `None` when a number
    /// is not finite, a side is below one pixel, or the rectangle is outside the frame.
    #[must_use]
    pub fn clip(
        left: f32,
        top: f32,
        width: f32,
        height: f32,
        frame_width: u32,
        frame_height: u32,
    ) -> Option<Self> {
        let numbers = [left, top, width, height];
        if !numbers.iter().all(|number| number.is_finite()) || width < 1.0 || height < 1.0 {
            return None;
        }
        let (x, visible_x) = clip_span(left, width, frame_width)?;
        let (y, visible_y) = clip_span(top, height, frame_height)?;
        Some(Self { left: x.0, top: y.0, width: x.1, height: y.1, visible: visible_x * visible_y })
    }

    /// Pixels from the left border of the frame.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left
    }

    /// Pixels from the top border of the frame.
    #[must_use]
    pub fn top(&self) -> u32 {
        self.top
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Centre of the box.
    #[must_use]
    pub fn centre(&self) -> Point {
        Point {
            x: pixels(self.left) + pixels(self.width) / 2.0,
            y: pixels(self.top) + pixels(self.height) / 2.0,
        }
    }

    /// Whether a position is in the box. False for NaN.
    #[must_use]
    pub fn contains(&self, position: Point) -> bool {
        let across = pixels(self.left)..pixels(self.left + self.width);
        let down = pixels(self.top)..pixels(self.top + self.height);
        across.contains(&position.x) && down.contains(&position.y)
    }

    /// Share of the rectangle's area, 0 to 1, that was inside the frame before clipping.
    #[must_use]
    pub fn visible(&self) -> f32 {
        self.visible
    }

    /// Whether the whole box is in a picture of `width` × `height` pixels.
    #[must_use]
    pub fn fits(&self, width: u32, height: u32) -> bool {
        self.left.saturating_add(self.width) <= width
            && self.top.saturating_add(self.height) <= height
    }
}

/// Clips one dimension: ((start, length) in whole pixels, share of the length that was inside).
fn clip_span(start: f32, length: f32, side: u32) -> Option<((u32, u32), f32)> {
    let end = start + length;
    let first = whole(start.clamp(0.0, pixels(side)).floor());
    let last = whole(end.clamp(0.0, pixels(side)).ceil());
    let inside = end.min(pixels(side)) - start.max(0.0);
    let kept = last.checked_sub(first)?;
    // `end` is rounded, so the share of a span that is wholly inside would often be a little below
    // 1.
    let is_whole = start >= 0.0 && end <= pixels(side);
    let share = if is_whole { 1.0 } else { (inside / length).clamp(0.0, 1.0) };
    (kept > 0 && inside > 0.0).then_some(((first, kept), share))
}

/// A side or position in pixels as `f32`.
#[expect(
    clippy::cast_precision_loss,
    reason = "sides are at most 4096, far below the 2^24 that f32 holds exactly"
)]
pub(crate) fn pixels(side: u32) -> f32 {
    side as f32
}

/// The whole part of a number as pixels; negative numbers and NaN become 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and dropping the fraction is its purpose"
)]
pub(crate) fn whole(number: f32) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_box_that_is_not_in_the_frame_is_refused() {
        for (left, top, width, height) in [
            (640.0, 0.0, 10.0, 10.0),
            (0.0, 480.0, 10.0, 10.0),
            (-10.0, 0.0, 10.0, 10.0),
            (0.0, 0.0, 0.0, 10.0),
            (0.0, 0.0, 10.0, -1.0),
            (f32::NAN, 0.0, 10.0, 10.0),
            (0.0, 0.0, f32::INFINITY, 10.0),
            (f32::MAX, f32::MAX, f32::MAX, f32::MAX),
        ] {
            assert_eq!(
                FaceBox::clip(left, top, width, height, 640, 480),
                None,
                "{left} {top} {width} {height}"
            );
        }
    }

    #[test]
    fn a_box_half_outside_keeps_its_inner_half() {
        let clipped = FaceBox::clip(-50.0, 10.0, 100.0, 100.0, 640, 480).unwrap();
        assert_eq!((clipped.left(), clipped.top()), (0, 10));
        assert_eq!((clipped.width(), clipped.height()), (50, 100));
        assert!((clipped.visible() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_point_on_the_far_border_or_nan_is_outside() {
        assert!(Point { x: 0.0, y: 0.0 }.is_inside(16, 16));
        for (x, y) in [(16.0, 0.0), (0.0, 16.0), (-0.1, 0.0), (f32::NAN, 1.0)] {
            assert!(!Point { x, y }.is_inside(16, 16), "{x} {y}");
        }
    }

    proptest! {
        #[test]
        fn a_clipped_box_always_fits(
            left in prop::num::f32::ANY, top in -9e3_f32..9e3,
            width in prop::num::f32::ANY, height in -10.0_f32..9e3,
            frame_width in 16_u32..=4096, frame_height in 16_u32..=4096,
        ) {
            if let Some(b) = FaceBox::clip(left, top, width, height, frame_width, frame_height) {
                prop_assert!(b.fits(frame_width, frame_height));
                prop_assert!(b.width() > 0 && b.height() > 0);
                prop_assert!((0.0..=1.0).contains(&b.visible()));
            }
        }

        #[test]
        fn a_box_inside_is_wholly_visible_wherever_it_is(
            left in 0.0_f32..500.0, top in 0.0_f32..300.0,
            width in 1.0_f32..140.0, height in 1.0_f32..180.0,
        ) {
            let b = FaceBox::clip(left, top, width, height, 640, 480).unwrap();
            prop_assert_eq!(b.visible(), 1.0);
        }

        #[test]
        fn a_box_inside_is_kept_whole(
            left in 0_u16..600, top in 0_u16..400, width in 1_u16..40, height in 1_u16..80,
        ) {
            let b = FaceBox::clip(
                f32::from(left), f32::from(top), f32::from(width), f32::from(height), 640, 480,
            ).unwrap();
            prop_assert_eq!(b.left(), u32::from(left));
            prop_assert_eq!(b.top(), u32::from(top));
            prop_assert_eq!((b.width(), b.height()), (u32::from(width), u32::from(height)));
            prop_assert_eq!(b.visible(), 1.0);
        }
    }
}
