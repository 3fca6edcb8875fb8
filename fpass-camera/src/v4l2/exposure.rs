//! Selection of usable frames by their brightness: frames after the exposure has settled, and, for
//! a camera whose infra-red emitter is on in some frames only, the lit ones.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{Frame, formats::CHANNELS};

/// Number of remembered frames: two periods of an emitter that lights one frame of four.
const WINDOW: usize = 8;
/// Frames of equal brightness in a row at which the exposure counts as settled. They have three
/// steps between them, as many as [`CHANGES`] needs.
const STEADY: usize = 4;
/// The same for the lit frames of an alternating emitter.
const STEADY_LIT: usize = 3;
/// Brightness may go up and down by its 1/`WANDERING` when the exposure has settled, because people
/// move in front of the camera. An exposure that settles goes in one direction.
const WANDERING: u8 = 8;
/// Brightness below which a frame counts as not yet exposed. Some cameras begin with black frames.
const BLACK: u8 = 10;
/// Largest change of brightness that counts as noise or movement; for bright frames 1/32 of the
/// brightness.
const SAME: u8 = 3;
/// Lit frames are at least twice as bright as dark ones, and by this value more.
const CONTRAST: u8 = 8;
/// Changes between dark and lit among the remembered frames at which an emitter counts as
/// alternating. A light that is switched makes one change, a flash two.
const CHANGES: usize = 3;
/// Time after the first frame at which the exposure counts as settled in any case.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The illumination of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Illumination {
    /// The exposure is still changing; the frame is dropped.
    Settling,
    /// The emitter was off; the frame is dropped.
    Dark,
    /// The frame is usable.
    Lit,
}

/// The brightness of the last frames of a stream.
pub(super) struct Exposure {
    recent: VecDeque<u8>,
    /// Frames that may still be dropped while the exposure settles.
    left: u32,
    began: Option<Instant>,
    is_settled: bool,
}

impl Exposure {
    /// Drops frames until the exposure has settled, at most `frames_max` of them and for two
    /// seconds.
    pub(super) fn new(frames_max: u32) -> Self {
        Self {
            recent: VecDeque::with_capacity(WINDOW),
            left: frames_max,
            began: None,
            is_settled: false,
        }
    }

    /// Classifies the next frame, captured at `captured`, by its mean brightness.
    pub(super) fn judge(&mut self, brightness: u8, captured: Instant) -> Illumination {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(brightness);
        let lit = self.lit_level();
        if !self.is_settled {
            let began = *self.began.get_or_insert(captured);
            let is_late = captured.saturating_duration_since(began) >= WAIT_MAX;
            self.is_settled = self.left == 0 || is_late || self.is_steady(lit);
            if !self.is_settled {
                self.left -= 1;
                return Illumination::Settling;
            }
        }
        match lit {
            Some(level) if brightness < level => Illumination::Dark,
            _ => Illumination::Lit,
        }
    }

    /// The brightness between dark and lit frames, if they alternate.
    fn lit_level(&self) -> Option<u8> {
        let (low, high) = (*self.recent.iter().min()?, *self.recent.iter().max()?);
        if high < low.saturating_mul(2).saturating_add(CONTRAST) {
            return None;
        }
        let level = low + (high - low) / 2;
        let changes = self.recent.iter().zip(self.recent.iter().skip(1));
        let changes = changes.filter(|&(&a, &b)| (a < level) != (b < level)).count();
        (changes >= CHANGES).then_some(level)
    }

    /// Whether the last frames, or the last lit ones of an alternating emitter, are equally bright.
    fn is_steady(&self, lit: Option<u8>) -> bool {
        let wanted = if lit.is_some() { STEADY_LIT } else { STEADY };
        let level = lit.unwrap_or(0);
        let last = || self.recent.iter().rev().filter(|&&shade| shade >= level).take(wanted);
        let (Some(&low), Some(&high)) = (last().min(), last().max()) else {
            return false;
        };
        let varies = high - low;
        let is_even = varies <= SAME.max(high / 32);
        let wanders = lit.is_none() && varies <= high / WANDERING && goes_both_ways(last());
        last().count() == wanted && low >= BLACK && (is_even || wanders)
    }
}

/// Whether the brightness both rises and falls by more than noise.
fn goes_both_ways<'a>(shades: impl Iterator<Item = &'a u8>) -> bool {
    let (mut lowest, mut highest) = (u8::MAX, u8::MIN);
    let (mut rise, mut fall) = (0, 0);
    for &shade in shades {
        rise = rise.max(shade.saturating_sub(lowest));
        fall = fall.max(highest.saturating_sub(shade));
        lowest = lowest.min(shade);
        highest = highest.max(shade);
    }
    rise.min(fall) > SAME
}

/// Mean brightness of a sample of the pixels of a frame, 0 to 255.
pub(super) fn brightness(frame: &Frame) -> u8 {
    // A prime, so the sample covers all columns.
    const APART: usize = 37;
    let (mut sum, mut count) = (0_u64, 0_u64);
    for pixel in frame.pixels().as_chunks::<CHANNELS>().0.iter().step_by(APART) {
        let &[red, green, blue] = pixel;
        sum += u64::from(red) + 2 * u64::from(green) + u64::from(blue);
        count += 4;
    }
    sum.checked_div(count).and_then(|mean| u8::try_from(mean).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
