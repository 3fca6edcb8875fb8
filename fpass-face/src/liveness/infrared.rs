//! Liveness in infra-red: is the face lit by the emitter of the camera?
//!
//! The emitter is on in some frames only. The difference between a lit frame and the unlit one
//! before it shows what the emitter lights, whatever else shines on it. Its light falls off with
//! the square of the distance, so a head receives more than the room behind it. A screen is black
//! in infra-red: its light does not alternate with the emitter. Nearly all of a print is as far
//! away as the face on it, so a print with a margin is lit evenly.
//!
//! Nothing here was measured on infra-red cameras. The limits were chosen from made frames and from
//! the physics above, and a print that is cut out along the face may pass
//! (`docs/adr/0059-liveness-in-infra-red.md`).

use crate::geometry::FaceBox;
use crate::image::RgbView;

/// Smallest mean difference on the face, in levels of 0 to 255. Noise and movement make less.
const FACE_MIN: f32 = 16.0;
/// The difference on the face is at least this many times that next to and above it. Light that
/// falls off with the square of the distance does so from 1.25 times the distance on.
const CONTRAST_MIN: f32 = 1.5;
/// A part of the face counts as lit from this share of the mean difference on the face on.
const PART_MIN: f32 = 0.35;
/// Share of the parts of the face that must be lit. A reflection in a pane lights a few.
const PARTS_MIN: f32 = 0.8;
/// Parts of the face, and points of each, in one direction.
const PARTS: u8 = 5;
const POINTS: u8 = 4;
/// Share of the points next to and above the face that must be inside the picture.
const BACKGROUND_MIN: f32 = 0.3;

/// Frames in a row that must show a lit face.
const LIT_FRAMES: u32 = 3;
/// Frames that do not, after which the face counts as not lit, whatever follows.
const UNLIT_FRAMES: u32 = 6;
/// Frames with a face and without an unlit frame before them, after which the emitter counts as one
/// that does not go on and off: one second at 30 frames per second.
const CONSTANT_FRAMES: u32 = 30;

/// How the emitter lights one face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmitterLight {
    /// Mean difference between lit and unlit frame on the face, −255 to 255.
    pub face: f32,
    /// The same next to and above it.
    pub background: f32,
    /// Share of the parts of the face that are lit, 0 to 1.
    pub parts: f32,
}

impl EmitterLight {
    /// Measures the light on the face at `bounds` of a lit frame. `None` when the frames differ in
    /// size, or too little is visible next to the face.
    #[must_use]
    pub fn measure(lit: &RgbView<'_>, unlit: &RgbView<'_>, bounds: &FaceBox) -> Option<Self> {
        if (lit.width(), lit.height()) != (unlit.width(), unlit.height()) {
            return None;
        }
        let difference = Difference { lit, unlit, bounds };
        // The middle of the box: its corners show what is behind the head.
        let parts: Vec<f32> = grid(PARTS)
            .filter_map(|(across, down)| {
                let side = 0.6 / f32::from(PARTS);
                let place = |share: f32| 0.2 + 0.6 * share - side / 2.0;
                difference
                    .mean((place(across), place(down)), (side, side), POINTS)
                    .map(|(mean, _)| mean)
            })
            .collect();
        let face = mean(&parts)?;
        let is_lit = |part: &&f32| **part >= PART_MIN * face;
        let lit_parts = count(parts.iter().filter(is_lit).count()) / f32::from(PARTS * PARTS);
        let [at_side, above] = [(0.5, 0.9), (1.8, 0.4)];
        let areas = [((-0.7, -0.2), at_side), ((1.2, -0.2), at_side), ((-0.4, -0.7), above)];
        let found: Vec<(f32, f32)> = areas
            .into_iter()
            .filter_map(|(corner, sides)| difference.mean(corner, sides, PARTS * POINTS))
            .collect();
        let visible = found.iter().map(|(_, share)| share).sum::<f32>() / count(areas.len());
        let weighted: f32 = found.iter().map(|(mean, share)| mean * share).sum();
        let background = weighted / (visible * count(areas.len()));
        (visible >= BACKGROUND_MIN).then_some(Self { face, background, parts: lit_parts })
    }

    /// Whether the emitter lights this face, and the room behind it less. False for NaN.
    #[must_use]
    pub fn is_on_a_face(&self) -> bool {
        // A background that became darker counts as one that the emitter does not reach.
        let background = self.background.max(0.0);
        let stands_out = self.face >= CONTRAST_MIN * background;
        self.face >= FACE_MIN && stands_out && self.parts >= PARTS_MIN && !self.background.is_nan()
    }
}

/// What the frames of an attempt showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InfraredOutcome {
    /// The face is lit by the emitter.
    Lit,
    /// It is not, or not yet: a screen, or a print with a margin.
    Unlit,
    /// The emitter does not go on and off, so nothing can be told.
    NoAlternation,
}

/// Judges the light on the face of one attempt, frame by frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InfraredJudge {
    /// Frames in a row that showed a lit face.
    run: u32,
    lit: u32,
    unlit: u32,
    constant: u32,
}

impl InfraredJudge {
    /// Adds a lit frame that shows exactly one face, at `bounds`, and the unlit frame before it.
    pub fn add(&mut self, lit: &RgbView<'_>, unlit: &RgbView<'_>, bounds: &FaceBox) {
        let light = EmitterLight::measure(lit, unlit, bounds);
        if light.is_some_and(|light| light.is_on_a_face()) {
            self.run += 1;
            self.lit += 1;
        } else {
            self.run = 0;
            self.unlit += 1;
        }
    }

    /// Notes a frame with a face and without an unlit frame before it.
    pub fn add_constant(&mut self) {
        self.constant += 1;
    }

    /// Notes a frame in which the face may have been exchanged.
    pub fn interrupt(&mut self) {
        self.run = 0;
    }

    /// What the frames so far showed. Too few frames show no lit face.
    #[must_use]
    pub fn outcome(&self) -> InfraredOutcome {
        if self.run >= LIT_FRAMES && self.unlit < UNLIT_FRAMES {
            InfraredOutcome::Lit
        } else if self.constant >= CONSTANT_FRAMES && self.lit + self.unlit == 0 {
            InfraredOutcome::NoAlternation
        } else {
            InfraredOutcome::Unlit
        }
    }
}

/// The difference between two frames, in coordinates of a face: 0 to 1 across and down its box.
struct Difference<'a> {
    lit: &'a RgbView<'a>,
    unlit: &'a RgbView<'a>,
    bounds: &'a FaceBox,
}

impl Difference<'_> {
    /// The mean over an area, and the share of its points that are in the picture; `None` if none
    /// is.
    fn mean(&self, corner: (f32, f32), sides: (f32, f32), points: u8) -> Option<(f32, f32)> {
        let inside: Vec<f32> = grid(points)
            .filter_map(|(across, down)| {
                self.at(corner.0 + across * sides.0, corner.1 + down * sides.1)
            })
            .collect();
        let all = f32::from(points) * f32::from(points);
        mean(&inside).map(|mean| (mean, count(inside.len()) / all))
    }

    fn at(&self, across: f32, down: f32) -> Option<f32> {
        let place = |start: u32, length: u32, share: f32, side: u32| {
            let position = count(start as usize) + share * count(length as usize);
            // False for NaN.
            (position >= 0.0 && position < count(side as usize)).then_some(position)
        };
        let x = place(self.bounds.left(), self.bounds.width(), across, self.lit.width())?;
        let y = place(self.bounds.top(), self.bounds.height(), down, self.lit.height())?;
        Some(level(self.lit, x, y) - level(self.unlit, x, y))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller checks that the position is in the picture"
)]
fn level(view: &RgbView<'_>, x: f32, y: f32) -> f32 {
    let pixel = view.row(y as u32).get(x as usize).copied().unwrap_or_default();
    pixel.iter().map(|value| f32::from(*value)).sum::<f32>() / 3.0
}

/// The centres of the cells of a square grid, 0 to 1.
fn grid(cells: u8) -> impl Iterator<Item = (f32, f32)> {
    let centre = move |cell: u8| (f32::from(cell) + 0.5) / f32::from(cells);
    (0..cells).flat_map(move |row| (0..cells).map(move |column| (centre(column), centre(row))))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of points and sides of pictures")]
fn count(number: usize) -> f32 {
    number as f32
}

/// The mean; `None` for nothing.
fn mean(values: &[f32]) -> Option<f32> {
    (!values.is_empty()).then(|| values.iter().sum::<f32>() / count(values.len()))
}

#[cfg(test)]
mod tests;
