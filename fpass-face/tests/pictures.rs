//! The recogniser with real weights and pictures.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "clippy treats functions without #[test] as production code"
)]

use std::path::{Path, PathBuf};

use fpass_face::embedder::DlibEmbedder;
use fpass_face::{
    Comparator, Face, FaceBox, FaceError, Features, Gallery, Landmarks5, Manifest, Observation,
    Orientation, Point, QualityLimits, QuarterTurn, Recogniser, RecogniserSettings, RgbView, Role,
    Score, Template, VerifiedModels,
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
    let settings = RecogniserSettings { detection_side };
    Recogniser::load(&models(), settings).unwrap()
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

fn features(recogniser: &mut Recogniser, name: &str) -> Features {
    recogniser.begin();
    let picture = picture(name);
    let face = only_face(recogniser, &view(&picture));
    assert_eq!(face.quality.assess(&QualityLimits::default()), None, "{name}: {:?}", face.quality);
    recogniser.embed(&view(&picture), &face, Comparator::Fused).unwrap()
}

/// A grid of `columns` × `rows` copies of a picture, each with a side of `side` pixels.
fn tiled(tile: &RgbImage, columns: u32, rows: u32, side: u32) -> RgbImage {
    let tile = resize(tile, side, side, FilterType::Triangle);
    RgbImage::from_fn(columns * side, rows * side, |x, y| *tile.get_pixel(x % side, y % side))
}

fn head() -> RgbImage {
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser(160), &view(&picture)).bounds;
    let side = face.height() + face.height() / 2;
    let left = face.left().saturating_sub((side - face.width()) / 2);
    let top = face.top().saturating_sub(face.height() / 4);
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
    let mut recogniser = recogniser(160);
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

const PEOPLE: [&str; 3] = ["obama.jpg", "obama2.jpg", "biden.jpg"];

/// The picture turned clockwise by an angle in degrees, around its middle.
fn tilted(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = picture.dimensions();
    let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
        let (from_x, from_y) = (middle_x + cos * dx + sin * dy, middle_y + cos * dy - sin * dx);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let (from_x, from_y) = (from_x as u32, from_y as u32);
        *picture.get_pixel(from_x.min(width - 1), from_y.min(height - 1))
    })
}

/// The face of a picture, as the detector half finds it in the turned picture: at its place, with
/// landmarks as if it were upright.
fn half_found(face: &Face, turned: &RgbImage, quarters: u32) -> Face {
    let (width, height) = turned.dimensions();
    let bounds = face.bounds;
    let (left, top) = match quarters {
        1 => (width - bounds.top() - bounds.height(), bounds.left()),
        2 => (width - bounds.left() - bounds.width(), height - bounds.top() - bounds.height()),
        _ => (bounds.top(), height - bounds.left() - bounds.width()),
    };
    let (left, top) = (left as f32, top as f32);
    let (across, down) = (left - bounds.left() as f32, top - bounds.top() as f32);
    let moved = |point: Point| Point { x: point.x + across, y: point.y + down };
    let sides = (bounds.width() as f32, bounds.height() as f32);
    Face {
        bounds: FaceBox::clip(left, top, sides.0, sides.1, width, height).unwrap(),
        landmarks: Landmarks5::from_points(face.landmarks.points().map(moved)),
        confidence: face.confidence,
        quality: face.quality,
    }
}

#[test]
fn a_face_in_a_turned_frame_is_not_upright_and_its_turn_is_named() {
    let mut recogniser = recogniser(160);
    for name in PEOPLE {
        let picture = picture(name);
        recogniser.begin();
        let face = only_face(&mut recogniser, &view(&picture));
        let upright = recogniser.confidences(&view(&picture), &face).unwrap();
        assert_eq!(upright.orientation(), Orientation::Upright, "{name}");
        for (quarters, turned, expected) in [
            (1, image::imageops::rotate90(&picture), QuarterTurn::ThreeQuarters),
            (2, image::imageops::rotate180(&picture), QuarterTurn::Half),
            (3, image::imageops::rotate270(&picture), QuarterTurn::Quarter),
        ] {
            let face = half_found(&face, &turned, quarters);
            let confidences = recogniser.confidences(&view(&turned), &face).unwrap();
            let orientation = confidences.orientation();
            assert_eq!(orientation, Orientation::Turned(expected), "{name}: {confidences:?}");
        }
    }
}

#[test]
fn a_tilted_head_within_the_limits_is_upright_and_none_is_called_turned() {
    let mut recogniser = recogniser(160);
    let mut within = 0;
    for name in PEOPLE {
        let picture = picture(name);
        for degrees in [0.0, 10.0, -10.0, 20.0, -20.0, 30.0, -30.0, 35.0, -35.0] {
            let tilted = tilted(&picture, degrees);
            recogniser.begin();
            let Observation::OneFace(face) = recogniser.observe(&view(&tilted)).unwrap() else {
                continue;
            };
            let confidences = recogniser.confidences(&view(&tilted), &face).unwrap();
            match (confidences.orientation(), face.quality.assess(&QualityLimits::default())) {
                (Orientation::Upright, None) => within += 1,
                (Orientation::Upright | Orientation::Doubtful, Some(_)) => {}
                other => panic!("{name} by {degrees}°: {other:?}, {confidences:?}"),
            }
        }
    }
    assert!(within >= 12, "{within}");
}

#[test]
fn templates_of_people_are_admitted_and_one_of_faces_upside_down_is_not() {
    let strangers = Manifest::embedded().unwrap().strangers;
    let mut recogniser = recogniser(160);
    let mut upside_down = Vec::new();
    for name in PEOPLE {
        let template = Template::new(&[features(&mut recogniser, name)]).unwrap();
        assert!(strangers.admit(&template), "{name}: {:?}", strangers.score(&template));
        let picture = picture(name);
        recogniser.begin();
        let face = only_face(&mut recogniser, &view(&picture));
        let turned = image::imageops::rotate180(&picture);
        let face = half_found(&face, &turned, 2);
        upside_down.push(recogniser.embed(&view(&turned), &face, Comparator::Fused).unwrap());
    }
    let template = Template::new(&upside_down).unwrap();
    assert!(!strangers.admit(&template), "{:?}", strangers.score(&template));
}

#[test]
fn two_and_forty_faces_are_several() {
    let head = head();
    let two = tiled(&head, 2, 1, 320);
    let mut recogniser = recogniser(160);
    let observed = recogniser.observe(&view(&two)).unwrap();
    assert_eq!(observed, Observation::SeveralFaces(2));
    let forty = tiled(&head, 8, 5, 240);
    let observed = recogniser.observe(&view(&forty)).unwrap();
    assert!(!matches!(observed, Observation::OneFace(_)), "{observed:?}");
    let mut wide = self::recogniser(1920);
    assert!(wide.search(&view(&tiled(&head, 8, 5, 240))).unwrap().len() >= 40);
}

#[test]
fn a_small_face_in_the_background_is_no_companion() {
    let head = head();
    let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
    image::imageops::replace(&mut frame, &resize(&head, 440, 440, FilterType::Triangle), 0, 20);
    image::imageops::replace(&mut frame, &resize(&head, 140, 140, FilterType::Triangle), 480, 20);
    let mut recogniser = recogniser(320);
    assert_eq!(recogniser.search(&view(&frame)).unwrap().len(), 2);
    let face = only_face(&mut recogniser, &view(&frame));
    assert!(face.bounds.centre().x < 440.0);
}

#[test]
fn a_face_of_a_few_pixels_is_not_found() {
    let mut recogniser = recogniser(160);
    for side in [1, 2, 5] {
        let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
        let head = resize(&head(), side, side, FilterType::Triangle);
        image::imageops::replace(&mut frame, &head, 320, 240);
        let observed = recogniser.observe(&view(&frame)).unwrap();
        assert!(matches!(observed, Observation::NoFace { .. }), "{observed:?}");
        let place = FaceBox::clip(320.0, 240.0, 1.0, 1.0, 640, 480).unwrap();
        assert_eq!(recogniser.inspect(&view(&frame), &place).unwrap(), None);
    }
}

#[test]
fn a_featureless_face_has_no_features() {
    let mut recogniser = recogniser(160);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    for level in [0_u8, 64, 128, 255] {
        let flat = RgbImage::from_pixel(picture.width(), picture.height(), image::Rgb([level; 3]));
        for comparator in Comparator::ALL {
            let refused = recogniser.embed(&view(&flat), &face, comparator).err();
            assert_eq!(refused, Some(FaceError::Featureless));
        }
    }
}

#[test]
fn landmarks_outside_the_picture_coinciding_or_not_finite_have_no_features() {
    let mut recogniser = recogniser(160);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    let small = noise(64, 64);
    let mut refused = |view: &RgbView<'_>, landmarks: Landmarks5| {
        let face = Face { landmarks, ..face.clone() };
        Comparator::ALL.iter().all(|comparator| {
            recogniser.embed(view, &face, *comparator).err() == Some(FaceError::LandmarksUnusable)
        })
    };
    assert!(refused(&view(&small), face.landmarks), "a face of another frame");
    let middle = Point { x: 100.0, y: 100.0 };
    for points in [
        [middle; 5],
        face.landmarks.points().map(|point| Point { x: f32::NAN, ..point }),
        face.landmarks.points().map(|point| Point { x: -point.x, ..point }),
        face.landmarks.points().map(|point| Point { y: point.y + 1e6, ..point }),
        face.landmarks.points().map(|point| Point { y: f32::INFINITY, ..point }),
    ] {
        assert!(refused(&view(&picture), Landmarks5::from_points(points)), "{points:?}");
    }
}

#[test]
fn weights_of_another_role_are_refused() {
    let models = models();
    let (points, network) = (models.path(Role::Landmarks5), models.path(Role::EmbedderDlib));
    let refused = DlibEmbedder::load(&network, &points).err();
    assert_eq!(refused, Some(FaceError::WeightsUnreadable(network)));
    let detector = models.read(Role::DetectorYunet).unwrap();
    let refused = fpass_face::embedder::SfaceEmbedder::load(detector, 1).err();
    assert_eq!(refused, Some(FaceError::NetworkUnreadable(Role::EmbedderSface)));
}

#[test]
fn the_same_person_matches_and_another_does_not() {
    let mut recogniser = recogniser(160);
    let enrolled = Template::new(&[features(&mut recogniser, "obama.jpg")]).unwrap();
    let gallery = Gallery::new(vec![enrolled]);
    let manifest = Manifest::embedded().unwrap();
    for comparator in Comparator::ALL {
        let threshold = manifest.calibration(comparator).unwrap().threshold(1e-3, 1);
        for (name, same) in [("obama2.jpg", true), ("obama3.jpg", true), ("biden.jpg", false)] {
            let score = gallery.score(&features(&mut recogniser, name), comparator);
            assert_eq!(score.reaches(threshold), same, "{comparator} {name} {score:?}");
        }
    }
}

#[test]
fn features_are_the_same_whether_the_alignment_is_used_again_or_not() {
    let mut recogniser = recogniser(160);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    for comparator in Comparator::ALL {
        recogniser.begin();
        let observed = only_face(&mut recogniser, &view(&picture));
        assert_eq!(observed, face);
        let reused = recogniser.embed(&view(&picture), &face, comparator).unwrap();
        recogniser.begin();
        let aligned_again = recogniser.embed(&view(&picture), &face, comparator).unwrap();
        assert_eq!(reused, aligned_again, "{comparator}");
    }
}

#[test]
fn an_alignment_of_another_frame_or_of_other_landmarks_is_not_used_again() {
    let mut recogniser = recogniser(160);
    let (first, second) = (picture("obama.jpg"), picture("biden.jpg"));
    let mut embed_alone = |picture: &RgbImage| {
        recogniser.begin();
        let face = only_face(&mut recogniser, &view(picture));
        let features = recogniser.embed(&view(picture), &face, Comparator::Sface).unwrap();
        (face, features)
    };
    let [(first_face, first_features), (second_face, _)] = [&first, &second].map(&mut embed_alone);
    // The last observation was of the second picture.
    let features = recogniser.embed(&view(&first), &first_face, Comparator::Sface).unwrap();
    assert_eq!(features, first_features);
    let copy = second.clone();
    recogniser.begin();
    only_face(&mut recogniser, &view(&second));
    let of_copy = recogniser.embed(&view(&copy), &second_face, Comparator::Sface).unwrap();
    let moved = Face {
        landmarks: Landmarks5::from_points(
            second_face.landmarks.points().map(|point| Point { x: point.x + 20.0, ..point }),
        ),
        ..second_face
    };
    let of_moved = recogniser.embed(&view(&second), &moved, Comparator::Sface).unwrap();
    assert_ne!(of_copy, of_moved);
}

#[test]
fn only_the_networks_that_are_wanted_compute() {
    let mut recogniser = recogniser(160);
    let picture = picture("obama.jpg");
    let face = only_face(&mut recogniser, &view(&picture));
    for comparator in Comparator::ALL {
        let features = recogniser.embed(&view(&picture), &face, comparator).unwrap();
        assert_eq!(features.dlib.is_some(), comparator.needs_dlib());
        assert_eq!(features.sface.is_some(), comparator.needs_sface());
    }
}

#[test]
fn a_far_face_is_found_by_the_second_search() {
    let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
    let head = resize(&head(), 130, 130, FilterType::Triangle);
    image::imageops::replace(&mut frame, &head, 220, 140);
    let mut recogniser = recogniser(160);
    let face = only_face(&mut recogniser, &view(&frame));
    let width = face.bounds.width();
    assert!((40..90).contains(&width), "{width}");
}

#[test]
fn a_face_is_tracked_and_a_jump_or_a_second_person_is_noticed() {
    let head = head();
    let frame = |left: i64, side: u32| {
        let mut frame = RgbImage::from_pixel(640, 480, image::Rgb([90; 3]));
        let head = resize(&head, side, side, FilterType::Triangle);
        image::imageops::replace(&mut frame, &head, left, 100);
        frame
    };
    let mut recogniser = recogniser(160);
    for (left, side) in [(40, 240), (48, 244), (56, 250), (380, 250), (384, 240)] {
        let face = only_face(&mut recogniser, &view(&frame(left, side)));
        let middle = Point { x: left as f32 + side as f32 / 2.0, y: 100.0 + side as f32 / 2.0 };
        let off = face.bounds.centre().distance(middle);
        assert!(off < 0.15 * side as f32, "{left} {off}");
    }
    // A tracked and a searched face have nearly the same features.
    let still = frame(40, 240);
    recogniser.begin();
    let searched = only_face(&mut recogniser, &view(&still));
    let tracked = only_face(&mut recogniser, &view(&still));
    let [searched, tracked] = [searched, tracked]
        .map(|face| recogniser.embed(&view(&still), &face, Comparator::Fused).unwrap());
    let score = Comparator::Sface.score(&searched, &tracked);
    assert!(score.reaches(Score::new(0.9)), "{score:?}");
    // A second person is noticed within ten frames.
    let two = tiled(&head, 2, 1, 320);
    recogniser.begin();
    only_face(&mut recogniser, &view(&frame(40, 240)));
    let seen = (0..11)
        .any(|_| matches!(recogniser.observe(&view(&two)).unwrap(), Observation::SeveralFaces(_)));
    assert!(seen);
}

#[test]
fn every_stage_and_the_self_test_are_timed() {
    let mut recogniser = recogniser(160);
    features(&mut recogniser, "obama.jpg");
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
