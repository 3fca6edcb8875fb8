//! The duration of the liveness stage for one frame of a turn, by criterion:
//! `cargo bench -p fpass-face --bench liveness`. The target is at most 6 ms.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a failed benchmark may panic"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use fpass_face::liveness::{DepthTemplate, HeadFit};
use fpass_face::{Landmarks5, Point, RgbView};

/// Frame sides in pixels.
const SIDES: [(u32, u32); 2] = [(640, 480), (1280, 720)];
/// Widths of the face in pixels.
const WIDTHS: [f32; 3] = [120.0, 200.0, 320.0];
/// Landmarks of the average head in face widths.
const FIVE: [(f32, f32); 5] =
    [(-0.206, 0.0), (0.206, 0.0), (0.0, 0.245), (-0.160, 0.455), (0.160, 0.455)];
/// Depths of the average head at the landmarks in face widths.
const DEPTHS: [f32; 5] = [0.0, 0.0, 0.262, 0.053, 0.053];

/// A textured head whose points have moved by `turn` times their depth, and its landmarks.
fn frame(sides: (u32, u32), width: f32, turn: f32) -> (Vec<u8>, Landmarks5) {
    let template = DepthTemplate::embedded().unwrap();
    let (left, top) = (sides.0 as f32 / 2.0, sides.1 as f32 / 2.0 - 0.2 * width);
    let mut pixels = Vec::new();
    for y in 0..sides.1 {
        for x in 0..sides.0 {
            let (u, v) = ((x as f32 - left) / width, (y as f32 - top) / width);
            let mut from = u;
            for _ in 0..6 {
                from = u - turn * template.depth_at(from, v);
            }
            let wave = |x: f32, y: f32| (x * from + y * v).sin();
            let value = wave(20.0, 3.0) + wave(-4.0, 25.0) + wave(41.0, 30.0) + wave(9.0, -50.0);
            let value = 128.0 + 25.0 * value + (x * 7 % 5) as f32;
            pixels.extend([value.clamp(0.0, 255.0) as u8; 3]);
        }
    }
    let mut points = [Point { x: 0.0, y: 0.0 }; 5];
    for ((point, (u, v)), depth) in points.iter_mut().zip(FIVE).zip(DEPTHS) {
        *point = Point { x: left + width * (u + turn * depth), y: top + width * v };
    }
    (pixels, Landmarks5::from_points(points))
}

fn turn(criterion: &mut Criterion) {
    let template = DepthTemplate::embedded().unwrap();
    for sides in SIDES {
        let mut group = criterion.benchmark_group(format!("liveness, {}x{}", sides.0, sides.1));
        for width in WIDTHS {
            let frames = [0.0, 0.08, 0.16, 0.24, 0.16, 0.08].map(|turn| frame(sides, width, turn));
            let [(neutral, landmarks), ..] = &frames;
            let mut fit = HeadFit::new(&template);
            let view = RgbView::new(sides.0, sides.1, neutral).unwrap();
            group.bench_function(format!("neutral frame, face of {width} px"), |b| {
                b.iter(|| fit.begin(&view, landmarks).unwrap());
            });
            let mut turn = frames.iter().cycle();
            group.bench_function(format!("frame of a turn, face of {width} px"), |b| {
                b.iter(|| {
                    let (pixels, landmarks) = turn.next().unwrap();
                    let view = RgbView::new(sides.0, sides.1, pixels).unwrap();
                    fit.fit(&view, landmarks).unwrap()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(liveness, turn);
criterion_main!(liveness);
