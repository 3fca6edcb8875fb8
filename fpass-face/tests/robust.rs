//! Random frames and landmarks give an error, no face or no match, and never a panic.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "clippy treats functions without #[test] as production code"
)]

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use fpass_face::{
    Comparator, Face, FaceBox, Gallery, Landmarks5, Manifest, Observation, Point, Quality,
    QualityLimits, Recogniser, RecogniserSettings, RgbView, Template,
};
use proptest::prelude::*;

fn fetched(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fpass").join(directory)
}

/// A recogniser and the gallery of an enrolled person.
struct Fixture {
    recogniser: Recogniser,
    gallery: Gallery,
    manifest: Manifest,
}

impl Fixture {
    fn new() -> Self {
        let manifest = Manifest::embedded().unwrap();
        let models = manifest.verify(&fetched("models")).unwrap_or_else(|error| {
            panic!("no weight files: {error}; run make test, which fetches them")
        });
        let mut recogniser = Recogniser::load(&models, RecogniserSettings::default()).unwrap();
        let picture = image::open(fetched("pictures").join("obama.jpg")).unwrap().to_rgb8();
        let view = RgbView::new(picture.width(), picture.height(), picture.as_raw()).unwrap();
        let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
            panic!("not one face");
        };
        let features = recogniser.embed(&view, &face, Comparator::Fused).unwrap();
        let gallery = Gallery::new(vec![Template::new(&[features]).unwrap()]);
        Self { recogniser, gallery, manifest }
    }

    /// Whether the face matches by any comparator at the highest false match rate.
    fn matches(&mut self, view: &RgbView<'_>, face: &Face) -> bool {
        Comparator::ALL.into_iter().any(|comparator| {
            let threshold = self.manifest.calibration(comparator).unwrap().threshold(1e-3, 1);
            match self.recogniser.embed(view, face, comparator) {
                Ok(probe) => self.gallery.score(&probe, comparator).reaches(threshold),
                Err(_) => false,
            }
        })
    }
}

thread_local! {
    static FIXTURE: RefCell<Fixture> = RefCell::new(Fixture::new());
}

/// Pixels without a face: flat, noise, faint noise, stripes or a ramp.
fn pixels(width: u32, height: u32, kind: u8, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..3 * width * height)
        .map(|n| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let [random, level, step, ..] = state.to_le_bytes();
            let [base, other, ..] = seed.to_le_bytes();
            match kind {
                0 => base,
                1 => random,
                2 => base / 2 + level % 8,
                3 if n / 3 % 16 < 8 => base,
                3 => other,
                _ => (n / 9 % 256) as u8 ^ (step & 3),
            }
        })
        .collect()
}

/// Coordinates in and near the picture, any other number, and NaN.
fn coordinate() -> impl Strategy<Value = f32> {
    prop_oneof![8 => -50.0_f32..700.0, 1 => prop::num::f32::ANY, 1 => Just(f32::NAN)]
}

fn quality() -> Quality {
    Quality {
        face_width_px: 100.0,
        face_share: 0.5,
        visible: 1.0,
        yaw: 0.0,
        pitch: 0.0,
        roll: 0.0,
        brightness: 100.0,
        contrast: 40.0,
        sharpness: 0.3,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_without_a_face_is_never_a_match(
        width in 16_u32..700, height in 16_u32..500, kind in 0_u8..5, seed: u64,
    ) {
        let pixels = pixels(width, height, kind, seed);
        let view = RgbView::new(width, height, &pixels).unwrap();
        let matched = FIXTURE.with_borrow_mut(|fixture| {
            fixture.recogniser.begin();
            match fixture.recogniser.observe(&view).unwrap() {
                Observation::OneFace(face) => {
                    face.quality.assess(&QualityLimits::default()).is_none()
                        && fixture.matches(&view, &face)
                }
                Observation::NoFace { .. } | Observation::SeveralFaces(_) => false,
            }
        });
        prop_assert!(!matched);
    }

    #[test]
    fn landmarks_from_anywhere_are_an_error_or_a_stranger(
        x in prop::array::uniform5(coordinate()), y in prop::array::uniform5(coordinate()),
        width in 16_u32..700, height in 16_u32..500, kind in 0_u8..5, seed: u64,
    ) {
        let pixels = pixels(width, height, kind, seed);
        let view = RgbView::new(width, height, &pixels).unwrap();
        let mut points = [Point { x: 0.0, y: 0.0 }; 5];
        for ((point, x), y) in points.iter_mut().zip(x).zip(y) {
            *point = Point { x, y };
        }
        let landmarks = Landmarks5::from_points(points);
        let bounds = FaceBox::clip(0.0, 0.0, 16.0, 16.0, width, height).unwrap();
        let face = Face { bounds, landmarks, confidence: 0.9, quality: quality() };
        prop_assert!(!FIXTURE.with_borrow_mut(|fixture| fixture.matches(&view, &face)));
    }

    #[test]
    fn any_place_can_be_inspected(
        (left, top, side) in (0.0_f32..690.0, 0.0_f32..490.0, 1.0_f32..2000.0),
        width in 16_u32..700, height in 16_u32..500, kind in 0_u8..5, seed: u64,
    ) {
        let pixels = pixels(width, height, kind, seed);
        let view = RgbView::new(width, height, &pixels).unwrap();
        if let Some(place) = FaceBox::clip(left, top, side, side, width, height) {
            let found = FIXTURE.with_borrow_mut(|fixture| fixture.recogniser.inspect(&view, &place));
            prop_assert!(found.unwrap().is_none());
        }
    }
}
