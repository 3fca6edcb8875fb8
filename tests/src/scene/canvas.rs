//! One frame in the making.

use std::ops::Range;

use image::{Rgb, RgbImage};

use super::{FRAMES, HEIGHT, Noise, Picture, WIDTH};

/// Where a person is in the frame, before the motion of the moment.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    /// Centre of the face in pixels of the frame.
    pub(super) centre: (f32, f32),
    /// Width of the face in pixels of the frame.
    pub(super) face_width: f32,
    /// Columns of the frame that the person may cover.
    pub(super) clip: Range<u32>,
}

/// Motion of a head in one frame, that of someone who follows the hints of an enrolment.
struct Motion {
    /// Pixels of the frame.
    shift: (f32, f32),
    /// Factor on the size of the face.
    scale: f32,
    /// Roll in radians.
    angle: f32,
    /// Turn of the head, -1 to 1: one half of the face gets narrower, the other wider.
    turn: f32,
    /// Factor on the light that falls on the person.
    light: f32,
}

impl Motion {
    fn at(frame: u32) -> Self {
        let wave = |turns: f32, offset: f32| (phase(frame) * turns + offset).sin();
        Self {
            shift: (14.0 * wave(1.0, 0.0), 8.0 * wave(2.0, 0.7)),
            scale: 1.0 + 0.10 * wave(1.0, 1.9),
            angle: 6.0_f32.to_radians() * wave(3.0, 0.4),
            turn: wave(2.0, 0.0),
            light: 1.0 + 0.12 * wave(5.0, 1.0),
        }
    }
}

/// How much narrower a full turn makes the far half of the face.
const TURN: f32 = 0.30;

/// Angle of a frame on the circle after which the scene repeats.
#[allow(clippy::cast_precision_loss, reason = "frame numbers are small")]
fn phase(frame: u32) -> f32 {
    std::f32::consts::TAU * (frame % FRAMES) as f32 / FRAMES as f32
}

/// A frame with one float per channel, 0 to 255.
pub(super) struct Canvas(Vec<[f32; 3]>);

#[allow(clippy::cast_precision_loss, reason = "coordinates are below 2^24")]
impl Canvas {
    /// A papered wall, lit from a side that drifts slowly.
    pub(super) fn wall(frame: u32) -> Self {
        let drift = phase(frame).sin();
        let pixels = positions().map(|(x, y)| {
            let paper = 9.0 * (x / 23.0).sin() * (y / 31.0 + x / 90.0).cos();
            let light = 118.0 + 40.0 * (x / WIDTH as f32) + 6.0 * drift;
            [light + paper + 8.0, light + paper, light - paper * 0.5 - 12.0]
        });
        Self(pixels.collect())
    }

    /// Turns the frame by half a turn.
    pub(super) fn turn_over(&mut self) {
        self.0.reverse();
    }

    /// Draws the person of a picture.
    pub(super) fn place(
        &mut self,
        pixels: &RgbImage,
        picture: &Picture,
        at: &Placement,
        frame: u32,
    ) {
        let motion = Motion::at(frame);
        let scale = picture.face_width / (at.face_width * motion.scale);
        let (sin, cos) = motion.angle.sin_cos();
        let (centre_x, centre_y) = (at.centre.0 + motion.shift.0, at.centre.1 + motion.shift.1);
        let columns = at.clip.start as f32..at.clip.end as f32;
        for (target, (x, y)) in self.0.iter_mut().zip(positions()) {
            if !columns.contains(&x) {
                continue;
            }
            let (dx, dy) = ((x - centre_x) * scale, (y - centre_y) * scale);
            let aside = (dx / picture.face_width).clamp(-1.0, 1.0);
            let dx = dx * (1.0 + TURN * motion.turn * aside);
            let source_x = picture.centre.0 + cos * dx - sin * dy;
            let source_y = picture.centre.1 + sin * dx + cos * dy;
            if let Some(colour) = sample(pixels, source_x, source_y) {
                *target = colour.map(|channel| channel * motion.light);
            }
        }
    }

    /// Copies one pixel of a picture, if it is inside.
    pub(super) fn copy(&mut self, (x, y): (u32, u32), pixels: &RgbImage, source: (f32, f32)) {
        let place = y as usize * WIDTH as usize + x as usize;
        let colour = sample(pixels, source.0, source.1);
        if let (Some(colour), Some(target)) = (colour, self.0.get_mut(place)) {
            *target = colour;
        }
    }

    /// Applies the light and the sensor's noise.
    pub(super) fn expose(&mut self, light: f32, noise: &mut Noise) {
        for pixel in &mut self.0 {
            for channel in pixel {
                *channel = (*channel * light + 1.6 * noise.sample()).clamp(0.0, 255.0);
            }
        }
    }

    /// Pixels, row by row from the top left.
    pub(super) fn pixels(&self) -> &[[f32; 3]] {
        &self.0
    }
}

#[allow(clippy::cast_precision_loss, reason = "coordinates are below 2^24")]
fn positions() -> impl Iterator<Item = (f32, f32)> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x as f32, y as f32)))
}

/// Bilinear sample; `None` outside the picture.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "coordinates are checked to lie inside the picture"
)]
fn sample(pixels: &RgbImage, x: f32, y: f32) -> Option<[f32; 3]> {
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let (left, top) = (x as u32, y as u32);
    let at = |x, y| pixels.get_pixel_checked(x, y).map(|Rgb(colour)| colour.map(f32::from));
    let (a, b) = (at(left, top)?, at(left + 1, top)?);
    let (c, d) = (at(left, top + 1)?, at(left + 1, top + 1)?);
    let (right, down) = (x - left as f32, y - top as f32);
    let mix = |from: [f32; 3], to: [f32; 3], part: f32| {
        let [r, g, b] = from;
        let [to_r, to_g, to_b] = to;
        [r + (to_r - r) * part, g + (to_g - g) * part, b + (to_b - b) * part]
    };
    Some(mix(mix(a, b, right), mix(c, d, right), down))
}
