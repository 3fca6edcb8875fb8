//! A head that turns in front of the camera, and what is held up instead of one.
//!
//! A still picture is laid over the depth of an average head (`models/head_depth.toml`) and turned
//! about the vertical axis.

use std::ops::Range;

use image::RgbImage;

use super::{HEIGHT, Picture, WIDTH, canvas::Canvas};

/// Frames per second of these scenes.
pub(super) const RATE: u32 = 20;
/// Frames until a scene repeats.
pub(super) const FRAMES: u32 = 90;
/// Width of the head in pixels of the frame, and the middle of its eyes.
const HEAD_WIDTH: f32 = 200.0;
const EYES: (f32, f32) = (320.0, 190.0);
/// Frames in which the head is neutral, turns, stays turned and turns back. The rest is neutral.
const NEUTRAL: f32 = 44.0;
const TURNS: f32 = 26.0;
const STAYS: f32 = 4.0;
const RETURNS: f32 = 14.0;
/// How far it turns, in degrees.
const TURN: f32 = 31.0;
/// How far a picture is tilted in degrees, and moved in pixels.
const TILT: f32 = 45.0;
const SHIFT: f32 = 70.0;
/// How far a second face is from the first one, in pixels.
const OFFSET: f32 = 210.0;
/// Width of a head as a share of its distance from the camera.
const NEARNESS: f32 = 0.3;
/// Points of a row of the relief, to either side.
const STEPS: i32 = 160;

/// A direction, the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The nose goes to the right of the picture.
    Left,
    /// The nose goes to the left of the picture.
    Right,
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    fn sign(self) -> f32 {
        match self {
            Self::Left => 1.0,
            Self::Right => -1.0,
        }
    }
}

/// What happens in front of the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// A head turns.
    Turn(Side),
    /// A head stays as it is.
    Still,
    /// A printed picture is turned about the vertical axis.
    TiltedPrint(Side),
    /// A printed picture is moved to a side.
    MovedPrint(Side),
    /// After the neutral frames the head of another person turns.
    Exchanged(Side, Picture),
    /// While a head turns, a second face comes into view.
    SecondFace(Side, Picture),
    /// While a head turns, the light goes out.
    LightsOut(Side),
}

/// Where the parts of a picture are in one frame.
struct Pose {
    yaw: f32,
    /// Pixels to the right.
    shift: f32,
    /// Whether it is a sheet rather than a head.
    flat: bool,
    /// Columns of the frame that the picture covers.
    columns: Range<u32>,
}

impl Course {
    /// Draws the person of a picture in one frame, and returns the light.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        people: (&Picture, &RgbImage),
        other: Option<(&Picture, &RgbImage)>,
        frame: u32,
    ) -> f32 {
        let moved = motion(frame);
        let head = |yaw| Pose { yaw, shift: 0.0, flat: false, columns: 0..WIDTH };
        let mut light = 1.0;
        match *self {
            Self::Turn(side) => draw(canvas, people, &head(side.sign() * TURN * moved)),
            Self::Still => draw(canvas, people, &head(0.5 * still(frame))),
            Self::TiltedPrint(side) => {
                let yaw = side.sign() * TILT * moved;
                draw(canvas, people, &Pose { yaw, shift: 0.0, flat: true, columns: 0..WIDTH });
            }
            Self::MovedPrint(side) => {
                let shift = side.sign() * SHIFT * moved;
                draw(canvas, people, &Pose { yaw: 0.0, shift, flat: true, columns: 0..WIDTH });
            }
            Self::Exchanged(side, _) => {
                let shown = other.filter(|_| moved > 0.0).unwrap_or(people);
                draw(canvas, shown, &head(side.sign() * TURN * moved));
            }
            Self::SecondFace(side, _) => {
                draw(canvas, people, &head(side.sign() * TURN * moved));
                if let Some(other) = other.filter(|_| moved > 0.0) {
                    // Next to the first face, which stays visible.
                    let shift = side.sign() * -OFFSET;
                    let columns = if shift < 0.0 { 0..WIDTH / 3 } else { WIDTH * 2 / 3..WIDTH };
                    draw(canvas, other, &Pose { yaw: 0.0, shift, flat: false, columns });
                }
            }
            Self::LightsOut(side) => {
                draw(canvas, people, &head(side.sign() * TURN * moved));
                light = if moved > 0.0 { 0.01 } else { 1.0 };
            }
        }
        light
    }

    /// The second person of the scene.
    pub(super) fn other(&self) -> Option<&Picture> {
        match self {
            Self::Exchanged(_, picture) | Self::SecondFace(_, picture) => Some(picture),
            Self::Turn(_)
            | Self::Still
            | Self::TiltedPrint(_)
            | Self::MovedPrint(_)
            | Self::LightsOut(_) => None,
        }
    }
}

/// How far the motion has gone in a frame, 0 to 1.
fn motion(frame: u32) -> f32 {
    let frame = number(frame % FRAMES) - NEUTRAL;
    let smooth = |share: f32| {
        let share = share.clamp(0.0, 1.0);
        share * share * (3.0 - 2.0 * share)
    };
    smooth(frame / TURNS) - smooth((frame - TURNS - STAYS) / RETURNS)
}

/// A small motion that never stops, −1 to 1.
fn still(frame: u32) -> f32 {
    (number(frame % FRAMES) * std::f32::consts::TAU / number(FRAMES)).sin()
}

#[allow(clippy::cast_precision_loss, reason = "frame numbers and pixels are small")]
fn number(value: u32) -> f32 {
    value as f32
}

fn draw(canvas: &mut Canvas, (picture, pixels): (&Picture, &RgbImage), pose: &Pose) {
    let yaw = pose.yaw + picture.frontal_yaw;
    let (sin, cos) = picture.roll.to_radians().sin_cos();
    for y in 0..HEIGHT {
        let v = (number(y) - EYES.1) / HEAD_WIDTH;
        for (x, u) in (0..WIDTH).zip(row(v, yaw, pose)) {
            let Some(u) = u.filter(|_| pose.columns.contains(&x)) else { continue };
            let (u, v) = (u * picture.head_width, v * picture.head_width);
            let source = (picture.eyes.0 + cos * u - sin * v, picture.eyes.1 + sin * u + cos * v);
            canvas.copy((x, y), pixels, source);
        }
    }
}

/// The place on the picture that is seen at each pixel of a row, in head widths from the eyes.
fn row(v: f32, yaw: f32, pose: &Pose) -> Vec<Option<f32>> {
    let (sin, cos) = yaw.to_radians().sin_cos();
    let mut seen = vec![None; WIDTH as usize];
    let mut nearest = vec![f32::NEG_INFINITY; WIDTH as usize];
    let point = |step: i32| {
        let u = 1.6 * step_share(step);
        let depth = if pose.flat { 0.0 } else { depth_at(u, v) };
        let near = depth * cos - u * sin;
        let across = (u * cos + depth * sin) / (1.0 - NEARNESS * near.clamp(-1.0, 1.0));
        (EYES.0 + pose.shift + HEAD_WIDTH * across, near, u)
    };
    for step in -STEPS..STEPS {
        let ((start, near, from), (end, _, to)) = (point(step), point(step + 1));
        // The back of a fold is not seen.
        if end <= start {
            continue;
        }
        let mut x = start.ceil().max(0.0);
        while x < end && x < number(WIDTH) {
            let place = index(x);
            if let (Some(seen), Some(nearest)) = (seen.get_mut(place), nearest.get_mut(place))
                && near > *nearest
            {
                *nearest = near;
                *seen = Some(from + (to - from) * (x - start) / (end - start));
            }
            x += 1.0;
        }
    }
    seen
}

#[allow(clippy::cast_precision_loss, reason = "steps are few")]
fn step_share(step: i32) -> f32 {
    step as f32 / STEPS as f32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the frame")]
fn index(x: f32) -> usize {
    x as usize
}

/// Depth of the average head in head widths, the nearest point of the table; beyond it that of its
/// border.
fn depth_at(u: f32, v: f32) -> f32 {
    const PER_WIDTH: f32 = 48.0;
    const ROWS_ABOVE: f32 = 20.0;
    thread_local! {
        static DEPTHS: Vec<Vec<f32>> = depths();
    }
    DEPTHS.with(|rows| {
        let line = |position: f32, count: usize| {
            let position = position.clamp(0.0, number(u32::try_from(count).unwrap_or(2)) - 1.001);
            (index(position), position.fract())
        };
        let (row, down) = line(v * PER_WIDTH + ROWS_ABOVE, rows.len());
        let at = |row: usize| {
            let row = rows.get(row).map(Vec::as_slice).unwrap_or_default();
            let (column, across) = line(u.abs() * PER_WIDTH, row.len());
            let depth = |column: usize| row.get(column).copied().unwrap_or_default();
            depth(column) * (1.0 - across) + depth(column + 1) * across
        };
        at(row) * (1.0 - down) + at(row + 1) * down
    })
}

fn depths() -> Vec<Vec<f32>> {
    let text = include_str!("../../../models/head_depth.toml");
    let table = text.split_once("depths = [").map_or("", |(_, table)| table);
    let rows = table.split('[').skip(1);
    let row = |text: &str| {
        let numbers = text.split(']').next().unwrap_or_default().split(',');
        numbers.filter_map(|number| number.trim().parse::<f32>().ok()).map(|n| n * 1e-4).collect()
    };
    rows.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_is_read_and_the_motion_begins_and_ends_neutral() {
        assert!(depth_at(0.0, 0.2447) > 0.24 && depth_at(0.45, 0.1) < -0.1);
        for frame in [0, 20, 43, FRAMES - 1] {
            assert!(motion(frame).abs() < 1e-3, "{frame}");
        }
        let turned = motion(u32::try_from(index(NEUTRAL + TURNS)).unwrap() + 1);
        assert!(turned > 0.99, "{turned}");
    }
}
