//! The way of a head from the neutral frame to a turn.

/// Frames in a row that must show the head on its way before a turn counts, their smallest yaw in
/// degrees, and the yaw that one of them reaches: two pictures that are shown one after the other
/// have no frame between them. Each of 14 recorded turns had at least two.
pub(super) const PASSED_MIN: u8 = 2;
pub(super) const PASSED_YAW: f32 = 2.0;
const PASSED_FAR_YAW: f32 = 5.0;
/// Largest change of yaw in degrees between two frames on the way. On the way of recorded turns it
/// was 13 at most, with 24 frames a second.
const PASSED_STEP: f32 = 15.0;

/// The frames in a row that show the head on its way to the asked side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Way {
    /// How many they are.
    pub(super) passed: u8,
    /// Whether one of them reached [`PASSED_FAR_YAW`].
    pub(super) is_far: bool,
}

impl Way {
    /// Whether a turn may follow.
    pub(super) fn is_seen(self) -> bool {
        self.passed >= PASSED_MIN && self.is_far
    }

    /// Follows the head to a frame `turned` degrees from the neutral one and `step` degrees from
    /// the last one. A step that no head makes, and a head that is back, begin the way again.
    pub(super) fn follow(&mut self, turned: f32, step: f32, is_on_the_way: bool) {
        let is_step = step <= PASSED_STEP;
        if !is_step || turned < PASSED_YAW {
            *self = Self::default();
        }
        if is_step && is_on_the_way {
            self.passed = self.passed.saturating_add(1);
            self.is_far |= turned >= PASSED_FAR_YAW;
        }
    }
}
