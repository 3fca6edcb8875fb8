//! Tests of the fit.

#![expect(
    clippy::cast_possible_truncation,
    reason = "values of made pictures and faces are in range"
)]

use proptest::prelude::*;

use super::*;
use crate::geometry::Point;
use crate::liveness::scene::{SIDES, Scene, Texture, placed};

fn head_fit() -> HeadFit {
    HeadFit::new(&DepthTemplate::embedded().unwrap())
}

fn fit(neutral: &Scene, later: &Scene) -> DepthFit {
    let mut fit = head_fit();
    fit.begin(&neutral.view(), &neutral.landmarks).unwrap();
    fit.fit(&later.view(), &later.landmarks).unwrap()
}

fn still(texture: &Texture) -> Scene {
    Scene::sheet(texture, &placed(), |u, v| [u, v])
}

/// What a displaced sheet reads as, when the displacement across has `depth` times the depth. A
/// frame on the way there comes first, as from a camera.
fn sheet(seed: u64, quadratic: &[[f64; 6]; 2], depth: f64) -> DepthFit {
    let template = DepthTemplate::embedded().unwrap();
    let texture = Texture::new(seed);
    let moved = |share: f64| {
        Scene::sheet(&texture, &placed(), |u, v| {
            let terms = [1.0, u, v, u * u, u * v, v * v];
            let sum =
                |axis: &[f64; 6]| axis.iter().zip(terms).map(|(c, term)| c * term).sum::<f64>();
            let relief = depth * f64::from(template.depth_at(u as f32, v as f32));
            [u + share * (sum(&quadratic[0]) + relief), v + share * sum(&quadratic[1])]
        })
    };
    let (mut fit, neutral) = (head_fit(), still(&texture));
    fit.begin(&neutral.view(), &neutral.landmarks).unwrap();
    let mut later = |scene: &Scene| fit.fit(&scene.view(), &scene.landmarks).unwrap();
    later(&moved(0.5));
    later(&moved(1.0))
}

fn quadratics() -> impl Strategy<Value = [[f64; 6]; 2]> {
    let axis = || {
        let linear = || -0.08..0.08;
        let square = || -0.06..0.06;
        (linear(), linear(), linear(), square(), square(), square())
            .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f])
    };
    [axis(), axis()]
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn a_picture_that_moves_by_a_quadratic_has_no_depth(seed: u64, quadratic in quadratics()) {
        let fit = sheet(seed, &quadratic, 0.0);
        prop_assert!(fit.correlation > 0.8, "{fit:?}");
        prop_assert!(fit.across.abs() < 0.02 && fit.down.abs() < 0.02, "{fit:?}");
    }

    #[test]
    fn motion_by_depth_is_measured_besides_a_quadratic(seed: u64, quadratic in quadratics()) {
        let fit = sheet(seed, &quadratic, 0.2);
        prop_assert!(fit.correlation > 0.8, "{fit:?}");
        prop_assert!((0.18..0.22).contains(&fit.across), "{fit:?}");
        prop_assert!(fit.down.abs() < 0.02, "{fit:?}");
    }
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn a_relief_that_turns_has_the_sign_and_about_the_sine_of_its_turn(seed: u64) {
        let texture = Texture::new(seed);
        for yaw in [20.0, -20.0] {
            let mut fit = head_fit();
            let neutral = still(&texture);
            fit.begin(&neutral.view(), &neutral.landmarks).unwrap();
            let mut last = DepthFit::default();
            for share in [0.35, 0.7, 1.0] {
                let turned = Scene::relief(&texture, share * yaw);
                last = fit.fit(&turned.view(), &turned.landmarks).unwrap();
            }
            prop_assert!((yaw.signum() as f32 * last.across - 0.3).abs() < 0.1, "{yaw} {last:?}");
            prop_assert!(last.correlation > 0.6, "{yaw} {last:?}");
        }
    }
}

#[test]
fn the_neutral_frame_itself_has_no_motion() {
    let scene = still(&Texture::new(5));
    let fit = fit(&scene, &scene);
    assert!(fit.across.abs() < 1e-3 && fit.down.abs() < 1e-3, "{fit:?}");
    assert!(fit.correlation > 0.999, "{fit:?}");
}

#[test]
fn another_texture_does_not_correlate() {
    let fit = fit(&still(&Texture::new(1)), &still(&Texture::new(2)));
    assert!(fit.correlation < 0.6, "{fit:?}");
}

#[test]
fn without_a_neutral_frame_or_after_it_is_forgotten_nothing_is_measured() {
    let scene = still(&Texture::new(3));
    let mut fit = head_fit();
    assert_eq!(fit.fit(&scene.view(), &scene.landmarks), Ok(DepthFit::default()));
    fit.begin(&scene.view(), &scene.landmarks).unwrap();
    fit.forget();
    assert_eq!(fit.fit(&scene.view(), &scene.landmarks), Ok(DepthFit::default()));
    let planes = [&fit.fine.neutral, &fit.fine.current, &fit.coarse.neutral, &fit.coarse.current];
    assert!(planes.iter().all(|field| field.values.iter().all(|value| *value == 0.0)));
    assert!(fit.fine.residuals.is_empty());
    // A neutral frame that is refused leaves none behind either.
    fit.begin(&scene.view(), &scene.landmarks).unwrap();
    let outside = Landmarks5::from_points([Point { x: -1.0, y: 5.0 }; 5]);
    assert_eq!(fit.begin(&scene.view(), &outside), Err(FaceError::LandmarksUnusable));
    assert_eq!(fit.fit(&scene.view(), &scene.landmarks), Ok(DepthFit::default()));
}

#[test]
fn a_picture_without_texture_correlates_with_nothing() {
    let pixels = vec![90; 3 * (SIDES.0 * SIDES.1) as usize];
    let flat = Scene { pixels, landmarks: still(&Texture::new(1)).landmarks };
    let textured = still(&Texture::new(1));
    for (neutral, later) in [(&flat, &flat), (&flat, &textured), (&textured, &flat)] {
        let fit = fit(neutral, later);
        assert!(fit.correlation.abs() < 0.3 && fit.across.is_finite(), "{fit:?}");
    }
}

/// Landmarks anywhere, of any size.
fn hostile() -> impl Strategy<Value = Landmarks5> {
    let number =
        || prop_oneof![6 => -20.0_f32..420.0, 1 => prop::num::f32::ANY, 1 => Just(f32::NAN)];
    let scattered = prop::array::uniform5((number(), number()))
        .prop_map(|points| Landmarks5::from_points(points.map(|(x, y)| Point { x, y })));
    let head = (-50.0_f32..450.0, -50.0_f32..450.0, 1.0_f32..900.0, -3.2_f32..3.2).prop_map(
        |(x, y, width, angle)| {
            let (sin, cos) = angle.sin_cos();
            let shape = [(-0.2, 0.0), (0.2, 0.0), (0.0, 0.25), (-0.16, 0.45), (0.16, 0.45)];
            Landmarks5::from_points(shape.map(|(u, v)| Point {
                x: x + width * (cos * u - sin * v),
                y: y + width * (sin * u + cos * v),
            }))
        },
    );
    prop_oneof![scattered, head]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn landmarks_from_anywhere_give_an_error_or_finite_numbers(
        neutral in hostile(), later in hostile(), swapped: bool, kind in 0_u8..4,
        width in 16_u32..500, height in 16_u32..500,
    ) {
        let (other_width, other_height) = if swapped { (height, width) } else { (width, height) };
        let pixels: Vec<u8> = (0..3 * width * height)
            .map(|n| match kind {
                0 => 7,
                1 => (n / 3 * 37 % 251) as u8,
                2 if n % 96 < 48 => 0,
                2 => 255,
                _ => (n / 9 % 256) as u8,
            })
            .collect();
        let first = RgbView::new(width, height, &pixels).unwrap();
        let second = RgbView::new(other_width, other_height, &pixels).unwrap();
        let mut fit = head_fit();
        let begun = fit.begin(&first, &neutral);
        for _ in 0..2 {
            if let Ok(result) = fit.fit(&second, &later) {
                let numbers = [result.across, result.down, result.correlation];
                prop_assert!(numbers.iter().all(|number| number.is_finite()), "{result:?}");
                prop_assert!(begun.is_ok() || result == DepthFit::default());
            }
        }
    }
}

#[test]
fn faces_at_the_border_of_the_picture_are_fitted_or_refused() {
    let texture = Texture::new(9);
    let scene = still(&texture);
    let points = scene.landmarks.points();
    let left = points.iter().fold(f32::MAX, |least, point| least.min(point.x));
    let moved = Landmarks5::from_points(points.map(|p| Point { x: p.x - left, y: p.y }));
    let mut fit = head_fit();
    fit.begin(&scene.view(), &moved).unwrap();
    let result = fit.fit(&scene.view(), &moved).unwrap();
    assert!(result.correlation > 0.9 && result.across.abs() < 0.01, "{result:?}");
    let beyond = Landmarks5::from_points(points.map(|p| Point { x: p.x - left - 1.0, y: p.y }));
    assert_eq!(fit.fit(&scene.view(), &beyond), Err(FaceError::LandmarksUnusable));
}
