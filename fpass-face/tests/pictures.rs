//! The whole recogniser on real weights and pictures.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows the functions beside the tests as production code"
)]

use std::path::{Path, PathBuf};

use fpass_face::{
    Embedding, Face, FaceBox, FaceError, Gallery, LandmarkPredictor, MAX_DISTANCE_DEFAULT,
    Manifest, Observation, QualityLimits, Recogniser, RecogniserSettings, RgbView, Role, Template,
    VerifiedModels,
};
use image::RgbImage;
use image::imageops::{FilterType, resize};

const FETCH: &str = "run make test, which fetches them";

fn fetched(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fpass").join(directory)
}

fn models() -> VerifiedModels {
    let verified = Manifest::embedded().unwrap().verify(&fetched("models"));
    verified.unwrap_or_else(|error| panic!("no weight files: {error}; {FETCH}"))
}

fn recogniser(detection_side: u32) -> Recogniser {
    Recogniser::load(&models(), RecogniserSettings { detection_side }).unwrap()
}

fn picture(name: &str) -> RgbImage {
    let path = fetched("pictures").join(name);
    image::open(&path)
        .unwrap_or_else(|error| panic!("no picture {}: {error}; {FETCH}", path.display()))
        .to_rgb8()
}

fn view(picture: &RgbImage) -> RgbView<'_> {
    RgbView::new(picture.width(), picture.height(), picture.as_raw()).unwrap()
}

fn only_face(recogniser: &mut Recogniser, view: &RgbView<'_>) -> Face {
    match recogniser.observe(view).unwrap() {
        Observation::OneFace(face) => face,
        other => panic!("not one face: {other:?}"),
    }
}

fn embedding(recogniser: &mut Recogniser, name: &str) -> Embedding {
    let picture = picture(name);
    let face = only_face(recogniser, &view(&picture));
    assert_eq!(face.quality.assess(&QualityLimits::default()), None, "{name}: {:?}", face.quality);
    recogniser.embed(&view(&picture), &face).unwrap()
}

/// Pictures beside one another, `columns` × `rows` times, each `side` pixels.
fn tiled(tile: &RgbImage, columns: u32, rows: u32, side: u32) -> RgbImage {
    let tile = resize(tile, side, side, FilterType::Triangle);
    RgbImage::from_fn(columns * side, rows * side, |x, y| *tile.get_pixel(x % side, y % side))
}

fn head() -> RgbImage {
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser(320), &view(&picture)).bounds;
    let side = 2 * face.width();
    let (left, top) = (face.left() - face.width() / 2, face.top() - face.height() / 2);
    image::imageops::crop_imm(&picture, left, top, side, side).to_image()
}

fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [r, g, b, ..] = state.to_le_bytes();
        image::Rgb([r, g, b])
    })
}

#[test]
fn frames_without_a_face_show_none() {
    let mut recogniser = recogniser(320);
    for (width, height) in [(16, 16), (640, 480), (4096, 16), (16, 4096)] {
        for level in [0_u8, 128, 255] {
            let flat = RgbImage::from_pixel(width, height, image::Rgb([level; 3]));
            let Observation::NoFace { frame_brightness } =
                recogniser.observe(&view(&flat)).unwrap()
            else {
                panic!("a face in a flat frame of {level}");
            };
            assert!((frame_brightness - f32::from(level)).abs() < 0.1);
        }
    }
    let observed = recogniser.observe(&view(&noise(640, 480))).unwrap();
    assert!(matches!(observed, Observation::NoFace { .. }));
}

#[test]
fn two_and_forty_faces_are_several() {
    let head = head();
    let two = tiled(&head, 2, 1, 320);
    let observed = recogniser(320).observe(&view(&two)).unwrap();
    assert_eq!(observed, Observation::SeveralFaces(2));
    let forty = tiled(&head, 8, 5, 240);
    let Observation::SeveralFaces(count) = recogniser(1920).observe(&view(&forty)).unwrap() else {
        panic!("not several faces");
    };
    assert!(count >= 40, "{count}");
}

#[test]
fn a_featureless_box_has_no_embedding() {
    let mut recogniser = recogniser(320);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    for level in [0_u8, 64, 128, 255] {
        let flat = RgbImage::from_pixel(picture.width(), picture.height(), image::Rgb([level; 3]));
        assert_eq!(recogniser.embed(&view(&flat), &face).err(), Some(FaceError::Featureless));
    }
}

#[test]
fn a_face_of_another_frame_is_refused() {
    let mut recogniser = recogniser(320);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    let small = noise(64, 64);
    assert_eq!(recogniser.embed(&view(&small), &face).err(), Some(FaceError::BoxOutside));
}

#[test]
fn landmarks_outside_the_picture_have_no_embedding() {
    let mut recogniser = recogniser(320);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    // A box so low and narrow that the predicted nose and eyes leave it.
    let (width, height) = (picture.width(), picture.height());
    let mut refused = 0;
    for (left, top) in [(0.0, 0.0), (1.0, 1.0)] {
        let bounds = FaceBox::clip(left, top, 1.0, 1.0, width, height).unwrap();
        let tiny = Face { bounds, ..face.clone() };
        refused += usize::from(
            recogniser.embed(&view(&picture), &tiny).err() == Some(FaceError::LandmarksUnusable),
        );
    }
    assert_eq!(refused, 2);
}

#[test]
fn weights_of_another_role_are_refused() {
    let models = models();
    let network = models.path(Role::EmbedderDlib);
    assert_eq!(
        LandmarkPredictor::load(&network).err(),
        Some(FaceError::WeightsUnreadable(network))
    );
}

#[test]
fn one_person_is_near_and_another_is_far() {
    let mut recogniser = recogniser(320);
    let enrolled = Template::new(&[embedding(&mut recogniser, "obama.jpg")]).unwrap();
    let gallery = Gallery::new(vec![enrolled]);
    for (name, same) in [("obama2.jpg", true), ("obama3.jpg", true), ("biden.jpg", false)] {
        let score = gallery.score(&embedding(&mut recogniser, name));
        assert_eq!(score.within(MAX_DISTANCE_DEFAULT), same, "{name} {score:?}");
    }
}

#[test]
fn a_far_face_is_found_by_the_second_search() {
    let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
    let head = resize(&head(), 200, 200, FilterType::Triangle);
    image::imageops::replace(&mut frame, &head, 220, 140);
    let face = only_face(&mut recogniser(320), &view(&frame));
    let width = face.bounds.width();
    assert!((73..146).contains(&width), "{width}");
}

#[test]
fn every_stage_and_the_self_test_are_timed() {
    let mut recogniser = recogniser(320);
    embedding(&mut recogniser, "obama.jpg");
    let times = recogniser.times();
    for time in [times.detect, times.landmarks, times.embed] {
        assert!(!time.is_zero());
    }
    assert!(!recogniser.self_test_time().unwrap().is_zero());
}

#[test]
fn the_recogniser_moves_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Recogniser>();
}
