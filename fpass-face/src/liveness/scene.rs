//! Pictures of textured faces that move, for tests of the fit.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "values of made pictures are in range"
)]

use crate::geometry::Point;
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::liveness::DepthTemplate;
use crate::liveness::placement::{FIVE, Similarity};

/// Sides of every picture in pixels.
pub(super) const SIDES: (u32, u32) = (320, 320);
/// Waves that a texture consists of.
const WAVES: usize = 40;

/// A texture of waves in every direction, 0.08 to 0.5 face widths long.
pub(super) struct Texture {
    waves: Vec<[f64; 4]>,
}

impl Texture {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let waves = (0..WAVES).map(|_| {
            let (angle, length) =
                (random() * std::f64::consts::TAU, 0.08 * 6.25_f64.powf(random()));
            let frequency = std::f64::consts::TAU / length;
            // Longer waves are stronger, as in pictures of faces.
            let strength = 14.0 * (length / 0.2).powf(0.7) * (0.5 + random());
            [frequency * angle.cos(), frequency * angle.sin(), random() * 6.3, strength]
        });
        Self { waves: waves.collect() }
    }

    fn at(&self, u: f64, v: f64) -> f64 {
        let wave = |[x, y, phase, strength]: &[f64; 4]| strength * (x * u + y * v + phase).sin();
        128.0 + self.waves.iter().map(wave).sum::<f64>()
    }
}

/// A picture with the landmarks of the face in it.
pub(super) struct Scene {
    pub(super) pixels: Vec<u8>,
    pub(super) landmarks: Landmarks5,
}

impl Scene {
    pub(super) fn view(&self) -> RgbView<'_> {
        RgbView::new(SIDES.0, SIDES.1, &self.pixels).unwrap()
    }

    /// A textured sheet in front of the camera, whose place in the neutral picture is `placed`.
    /// `displaced` tells where a point of the face coordinates is in this one.
    pub(super) fn sheet(
        texture: &Texture,
        placed: &Similarity,
        displaced: impl Fn(f64, f64) -> [f64; 2],
    ) -> Self {
        let inverse = inverse_of(placed);
        let value = |x: f64, y: f64| {
            let [u, v] = inverse([x, y]);
            let (mut from_u, mut from_v) = (u, v);
            for _ in 0..40 {
                let [to_u, to_v] = displaced(from_u, from_v);
                (from_u, from_v) = (from_u + u - to_u, from_v + v - to_v);
                if (u - to_u).abs() + (v - to_v).abs() < 1e-5 {
                    break;
                }
            }
            texture.at(from_u, from_v)
        };
        Self { pixels: render(value), landmarks: landmarks(placed, |[u, v], _| displaced(u, v)) }
    }

    /// The average head as a relief, turned by `yaw` degrees, seen from far away.
    pub(super) fn relief(texture: &Texture, yaw: f64) -> Self {
        let template = DepthTemplate::embedded().unwrap();
        let (sin, cos) = yaw.to_radians().sin_cos();
        let inverse = inverse_of(&placed());
        let line = |y: u32| {
            let v = inverse([0.0, f64::from(y)])[1];
            // Points of this line of the relief: where they are seen, how near, and their u.
            let points: Vec<[f64; 3]> = (-150_i32..=150)
                .map(|step| {
                    let u = f64::from(step) / 150.0;
                    let depth = f64::from(template.depth_at(u as f32, v as f32));
                    [u * cos + depth * sin, depth * cos - u * sin, u]
                })
                .collect();
            let value = |x: u32| {
                let u = inverse([f64::from(x), 0.0])[0];
                // Of the pieces that this ray meets, the one nearest to the camera is seen.
                let pieces = points.windows(2).filter_map(|piece| {
                    let ([start, near, from], [end, _, to]) = (piece[0], piece[1]);
                    let share = (u - start) / (end - start);
                    (0.0..=1.0).contains(&share).then_some((near, from + share * (to - from)))
                });
                let seen = pieces.max_by(|a, b| a.0.total_cmp(&b.0));
                seen.map_or(128.0, |(_, u)| texture.at(u, v))
            };
            (0..SIDES.0).map(value).collect::<Vec<f64>>()
        };
        let values: Vec<f64> = (0..SIDES.1).flat_map(line).collect();
        let depths = [0.0, 0.0, 0.2616, 0.0534, 0.0534];
        Self {
            pixels: render(|x, y| values[y as usize * SIDES.0 as usize + x as usize]),
            landmarks: landmarks(&placed(), |[u, v], index| [u * cos + depths[index] * sin, v]),
        }
    }
}

/// The average head, 140 pixels wide, in the middle of the picture.
pub(super) fn placed() -> Similarity {
    Similarity { a: 140.0, b: 0.0, shift: [160.0, 125.0] }
}

fn inverse_of(placed: &Similarity) -> impl Fn([f64; 2]) -> [f64; 2] + use<> {
    let Similarity { a, b, shift: [left, top] } = *placed;
    let square = a * a + b * b;
    move |[x, y]| {
        let (x, y) = (x - left, y - top);
        [(a * x + b * y) / square, (a * y - b * x) / square]
    }
}

fn landmarks(placed: &Similarity, moved: impl Fn([f64; 2], usize) -> [f64; 2]) -> Landmarks5 {
    let mut points = [Point { x: 0.0, y: 0.0 }; 5];
    for (index, (point, face)) in points.iter_mut().zip(FIVE).enumerate() {
        let [x, y] = placed.apply(moved(face, index));
        *point = Point { x: x as f32, y: y as f32 };
    }
    Landmarks5::from_points(points)
}

fn render(value: impl Fn(f64, f64) -> f64) -> Vec<u8> {
    let rows = 0..SIDES.1;
    let pixels = rows.flat_map(|y| (0..SIDES.0).map(move |x| (f64::from(x), f64::from(y))));
    pixels.flat_map(|(x, y)| [value(x, y).round().clamp(0.0, 255.0) as u8; 3]).collect()
}
