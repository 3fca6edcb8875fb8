//! Which frames are lit so that they can be judged: those after the exposure has settled, and of a
//! camera whose infra-red emitter lights every other frame only the lit ones.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{Frame, formats::CHANNELS};

/// Frames whose brightness is remembered: two whole turns of an emitter that lights one of four.
const WINDOW: usize = 8;
/// Frames of equal brightness in a row with which the exposure counts as settled. Three steps, in
/// either direction, are also what shows that an emitter alternates.
const STEADY: usize = 4;
/// Lit frames of equal brightness, of a camera whose emitter alternates.
const STEADY_LIT: usize = 3;
/// Part of the brightness within which it may go up and down: people who move before the camera do that,
/// and an exposure that settles goes one way.
const WANDERING: u8 = 8;
/// Brightness below which a picture counts as not exposed yet: cameras may begin with black frames.
const BLACK: u8 = 10;
/// Steps of brightness that are noise or a movement in the scene. A brighter picture may vary by
/// 1/32 of its brightness.
const SAME: u8 = 3;
/// How much brighter than twice the dark frames lit ones are.
const CONTRAST: u8 = 8;
/// Changes between dark and lit among the remembered frames with which an emitter alternates. A light
/// that is switched on or off makes one, and a flash two.
const CHANGES: usize = 3;
/// Time after the first frame at which no exposure is waited for any longer.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// What is to be done with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Light {
    /// The exposure still changes: the frame is thrown away.
    Settling,
    /// The emitter was off: the frame is thrown away.
    Dark,
    /// The frame may be judged.
    Lit,
}

/// The brightness of a stream of frames.
pub(super) struct Exposure {
    recent: VecDeque<u8>,
    /// Frames that may still be thrown away while the exposure settles.
    left: u32,
    began: Option<Instant>,
    is_settled: bool,
}

impl Exposure {
    /// Waits until the exposure has settled, `frames_max` frames and two seconds at most.
    pub(super) fn new(frames_max: u32) -> Self {
        Self {
            recent: VecDeque::with_capacity(WINDOW),
            left: frames_max,
            began: None,
            is_settled: false,
        }
    }

    /// Judges the next frame, which was captured at `captured`, by its mean brightness.
    pub(super) fn judge(&mut self, brightness: u8, captured: Instant) -> Light {
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
                return Light::Settling;
            }
        }
        match lit {
            Some(level) if brightness < level => Light::Dark,
            _ => Light::Lit,
        }
    }

    /// The brightness that parts lit frames from dark ones, when they alternate.
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

    /// Whether the last frames, or the last lit ones, are equally bright and not black.
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

/// Whether the brightness rises and falls by more than noise.
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

/// Mean brightness of a frame, 0 to 255, over a sample of its pixels.
pub(super) fn brightness(frame: &Frame) -> u8 {
    // A prime, so that the sample runs through all columns.
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
