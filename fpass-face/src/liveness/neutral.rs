//! The search for a neutral frame: one upright, frontal face that is still.
//!
//! The limits are those of the measurement in `docs/adr/0055-liveness-by-a-head-turn.md`.

use std::collections::VecDeque;
use std::time::Duration;

use super::head_pose::HeadPose;
use super::placement::{Placement, pairs};
use crate::geometry::{FaceBox, pixels};
use crate::observation::Sighting;

/// Smallest confidence of the detector.
const CONFIDENCE_MIN: f32 = 0.8;
/// Narrowest face in pixels, as [`Placement::width`].
const WIDTH_MIN: f64 = 80.0;
/// Largest yaw and roll in degrees.
const YAW_MAX: f64 = 8.0;
const ROLL_MAX: f64 = 15.0;
/// Lowest and highest [`HeadPose::nose_height`] of a level head.
const NOSE_HEIGHT: std::ops::RangeInclusive<f64> = 0.45..=0.68;
/// What must be inside the picture around the face's box, as a share of its sides, both sides
/// together.
const MARGIN: f32 = 0.25;
/// How long and for how many frames the landmarks must be still.
const STILL_FOR: Duration = Duration::from_millis(300);
const STILL_FRAMES: usize = 5;
/// Farthest that a landmark is from its mean while it is still, in face widths.
const STILL_WITHIN: f64 = 0.03;
/// A longer time between two frames starts the search again.
const GAP_MAX: Duration = Duration::from_millis(150);
/// Frames that follow sooner are not kept, so that few frames are enough for [`STILL_FOR`].
const SPACING_MIN: Duration = Duration::from_millis(10);
/// Most frames kept: those of [`STILL_FOR`], and one before.
const FRAMES_MAX: usize = 32;

/// Whether the present frame can be the neutral one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeutralState {
    /// It cannot, for this reason.
    Waiting(NeutralIssue),
    /// It could, but the face was not still for long enough.
    Settling,
    /// It is.
    Ready,
}

/// What keeps a frame from being the neutral one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NeutralIssue {
    /// Not exactly one face.
    NotOneFace,
    /// The detector is not sure enough that this is a face.
    Uncertain,
    /// Too far away.
    TooSmall,
    /// Too near the border of the picture.
    NearBorder,
    /// Turned to a side.
    Turned,
    /// Tilted to a shoulder.
    Tilted,
    /// Nodded up or down.
    Nodded,
    /// In motion.
    Moving,
}

/// Looks for a neutral frame. Allocates when it is made, and then no more.
#[derive(Clone, Debug)]
pub struct NeutralSearch {
    recent: VecDeque<(Duration, [[f64; 2]; 5])>,
}

impl Default for NeutralSearch {
    fn default() -> Self {
        Self { recent: VecDeque::with_capacity(FRAMES_MAX) }
    }
}

impl NeutralSearch {
    /// Starts again.
    pub fn reset(&mut self) {
        self.recent.clear();
    }

    /// Takes the next frame, of `sides` (width, height) pixels. `sighting` is `None` unless it
    /// shows exactly one face; `time` is since any fixed start.
    pub fn observe(
        &mut self,
        time: Duration,
        sides: (u32, u32),
        sighting: Option<&Sighting>,
    ) -> NeutralState {
        let placed = sighting.ok_or(NeutralIssue::NotOneFace).and_then(|face| check(face, sides));
        let (points, width) = match placed {
            Ok(placed) => placed,
            Err(issue) => {
                self.reset();
                return NeutralState::Waiting(issue);
            }
        };
        match self.recent.back().map(|(last, _)| time.checked_sub(*last)) {
            Some(Some(gap)) if gap < SPACING_MIN => return NeutralState::Settling,
            Some(Some(gap)) if gap <= GAP_MAX => {}
            None => {}
            Some(_) => self.reset(),
        }
        let old = |entry: Option<&(Duration, [[f64; 2]; 5])>| {
            entry.is_some_and(|(then, _)| time.saturating_sub(*then) >= STILL_FOR)
        };
        let full = |recent: &VecDeque<_>| recent.len() >= FRAMES_MAX;
        while full(&self.recent) || (old(self.recent.get(1)) && self.recent.len() >= STILL_FRAMES) {
            self.recent.pop_front();
        }
        self.recent.push_back((time, points));
        if self.farthest() >= STILL_WITHIN * width {
            NeutralState::Waiting(NeutralIssue::Moving)
        } else if old(self.recent.front()) && self.recent.len() >= STILL_FRAMES {
            NeutralState::Ready
        } else {
            NeutralState::Settling
        }
    }

    /// Largest distance of a landmark from its mean over the recent frames, in pixels.
    fn farthest(&self) -> f64 {
        let mut means = [[0.0; 2]; 5];
        let mut count = 0.0;
        for (_, points) in &self.recent {
            count += 1.0;
            for (mean, point) in means.iter_mut().flatten().zip(points.iter().flatten()) {
                *mean += point;
            }
        }
        means.iter_mut().flatten().for_each(|mean| *mean /= count);
        let points = self.recent.iter().flat_map(|(_, points)| points.iter().zip(&means));
        points.map(|([x, y], [u, v])| (x - u).hypot(y - v)).fold(0.0, f64::max)
    }
}

/// The landmarks of a face that is neutral but for its motion, and its width in pixels.
fn check(face: &Sighting, sides: (u32, u32)) -> Result<([[f64; 2]; 5], f64), NeutralIssue> {
    let placement = Placement::of(&face.landmarks).map_err(|_| NeutralIssue::Uncertain)?;
    let pose = HeadPose::of(&face.landmarks);
    let width = placement.width();
    if !is_at_least(face.confidence, CONFIDENCE_MIN) {
        Err(NeutralIssue::Uncertain)
    } else if width < WIDTH_MIN {
        Err(NeutralIssue::TooSmall)
    } else if !has_margin(&face.bounds, sides) {
        Err(NeutralIssue::NearBorder)
    } else if !(-YAW_MAX..=YAW_MAX).contains(&pose.yaw) {
        Err(NeutralIssue::Turned)
    } else if !(-ROLL_MAX..=ROLL_MAX).contains(&pose.roll) {
        Err(NeutralIssue::Tilted)
    } else if !NOSE_HEIGHT.contains(&pose.nose_height) {
        Err(NeutralIssue::Nodded)
    } else {
        Ok((pairs(&face.landmarks), width))
    }
}

/// False for NaN.
fn is_at_least(value: f32, limit: f32) -> bool {
    value >= limit
}

/// Whether a box and its margin are inside the picture. A clipped box has no margin at its border.
fn has_margin(bounds: &FaceBox, (width, height): (u32, u32)) -> bool {
    let fits = |start: u32, length: u32, side: u32| {
        let margin = pixels(length) * MARGIN / 2.0;
        pixels(start) >= margin && pixels(start) + pixels(length) + margin <= pixels(side)
    };
    // The visible share is not asked: rounding makes it less than 1 within the picture too.
    fits(bounds.left(), bounds.width(), width) && fits(bounds.top(), bounds.height(), height)
}

#[cfg(test)]
mod tests;
