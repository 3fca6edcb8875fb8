//! Tests of the reduction and the blur.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "values of made pictures are in range"
)]

use super::*;
use crate::liveness::scene::{Scene, Texture, placed};

#[test]
fn a_flat_picture_stays_flat_at_every_width() {
    let pixels = vec![77; 3 * 320 * 320];
    let view = RgbView::new(320, 320, &pixels).unwrap();
    let scene = Scene::sheet(&Texture::new(1), &placed(), |u, v| [u, v]);
    let face = Placement::of(&scene.landmarks).unwrap();
    let mut blurred = BlurredFace::new();
    for width in [20.0, 80.0, 128.0, 129.0, 300.0, 900.0] {
        blurred.scale_to(width, 24, 48);
        blurred.fill(&view, &face);
        for detail in [Detail::Coarse, Detail::Fine] {
            for (x, y) in [(0.0, 0.0), (10.3, 7.9), (-5.0, 1e9)] {
                let value = blurred.at(detail, x, y);
                assert!((value - 77.0).abs() < 0.5, "{width} {detail:?} {x} {y}: {value}");
            }
            assert!(blurred.at(detail, f32::NAN, 1.0).is_nan());
        }
    }
}

#[test]
fn a_ramp_is_read_at_its_place_whatever_the_reduction() {
    let row = (0..320_u32).flat_map(|x| [(x / 2) as u8; 3]);
    let pixels: Vec<u8> = std::iter::repeat_n(row.collect::<Vec<u8>>(), 320).flatten().collect();
    let view = RgbView::new(320, 320, &pixels).unwrap();
    let scene = Scene::sheet(&Texture::new(1), &placed(), |u, v| [u, v]);
    let face = Placement::of(&scene.landmarks).unwrap();
    let mut blurred = BlurredFace::new();
    for width in [100.0, 200.0, 300.0] {
        blurred.scale_to(width, 24, 48);
        blurred.fill(&view, &face);
        let map = blurred.to_part(face.pixel_map());
        for (u, v) in [(0.0, 0.0), (0.3, 0.5), (-0.4, 0.2)] {
            let expected = (face.pixel([u, v])[0] - 0.5) / 2.0;
            let [x, y] = map.apply([u, v]).map(single);
            for detail in [Detail::Coarse, Detail::Fine] {
                let value = f64::from(blurred.at(detail, x, y));
                assert!((value - expected).abs() < 0.3, "{width} {detail:?} {value} {expected}");
            }
        }
    }
}

#[test]
fn the_weights_of_a_blur_have_its_deviation() {
    for deviation in [1.2, 2.1] {
        let kernel = Kernel::new(deviation);
        let reach = kernel.reach as f64;
        let (mut sum, mut variance) = (0.0, 0.0);
        for (place, weight) in kernel.all().enumerate() {
            sum += f64::from(weight);
            variance += f64::from(weight) * (place as f64 - reach).powi(2);
        }
        assert!((sum - 1.0).abs() < 1e-5);
        assert!((variance.sqrt() - deviation).abs() < 0.06, "{deviation} {variance}");
    }
    assert_eq!(Kernel::new(0.0).all().collect::<Vec<f32>>(), [1.0]);
}

#[test]
fn forgetting_overwrites_the_face() {
    let scene = Scene::sheet(&Texture::new(2), &placed(), |u, v| [u, v]);
    let mut blurred = BlurredFace::new();
    blurred.scale_to(160.0, 24, 48);
    blurred.fill(&scene.view(), &Placement::of(&scene.landmarks).unwrap());
    assert!(blurred.fine.iter().any(|value| *value != 0.0));
    blurred.forget();
    let planes = [&blurred.fine, &blurred.coarse, &blurred.between, &blurred.line];
    assert!(planes.iter().all(|plane| plane.iter().all(|value| *value == 0.0)));
}
