//! What both benchmarks look at: the weights, and frames as a webcam sends them.

use std::path::{Path, PathBuf};

use fpass_face::{
    Comparator, DetectorKind, Face, Features, Gallery, Manifest, Observation, Recogniser,
    RecogniserSettings, RgbView, Template, VerifiedModels,
};
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};

/// Frame sides in pixels.
pub(crate) const SIDES: [(u32, u32); 2] = [(640, 480), (1280, 720)];
/// Width of the face in every frame, in pixels.
const FACE_WIDTH: f64 = 180.0;
/// A picture, the middle of the face in it and its width, in pixels.
type Portrait = (&'static str, (f64, f64), f64);
/// Two pictures of one person: one enrols, the other verifies.
const ENROLLED: Portrait = ("obama.jpg", (490.0, 262.0), 225.0);
const PROBE: Portrait = ("obama2.jpg", (328.0, 414.0), 250.0);

fn fetched(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fpass").join(directory)
}

/// The weights that `scripts/models` fetches.
pub(crate) fn models() -> VerifiedModels {
    Manifest::embedded().unwrap().verify(&fetched("models")).unwrap()
}

/// A recogniser with the settings that the daemon has by default.
pub(crate) fn recogniser() -> Recogniser {
    Recogniser::load(&models(), RecogniserSettings::default()).unwrap()
}

/// One that searches with the other detector.
#[allow(dead_code, reason = "one of the two benchmarks searches by HOG")]
pub(crate) fn recogniser_by_hog() -> Recogniser {
    let settings = RecogniserSettings { detector: DetectorKind::Hog, ..Default::default() };
    Recogniser::load(&models(), settings).unwrap()
}

/// A frame with one person in its middle, before a wall.
fn frame((name, (x, y), width): Portrait, (columns, rows): (u32, u32), shift: i64) -> RgbImage {
    let picture = image::open(fetched("pictures").join(name)).unwrap().to_rgb8();
    let scale = FACE_WIDTH / width;
    let scaled = |side: u32| (f64::from(side) * scale).round() as u32;
    let (new_width, new_height) = (scaled(picture.width()), scaled(picture.height()));
    let person = resize(&picture, new_width, new_height, FilterType::Triangle);
    let left = (x * scale) as i64 - i64::from(columns / 2) - shift;
    let top = (y * scale) as i64 - i64::from(rows / 2) - shift;
    RgbImage::from_fn(columns, rows, |column, row| {
        let place = |at: u32, start: i64| u32::try_from(i64::from(at) + start).ok();
        let (x, y) = (place(column, left), place(row, top));
        let pixel = x.zip(y).and_then(|(x, y)| person.get_pixel_checked(x, y));
        pixel.copied().unwrap_or(Rgb([120 + (column % 16) as u8, 118, 110 + (row % 16) as u8]))
    })
}

/// Frames of the person who verifies, who moves a little from each to the next.
pub(crate) fn frames(sides: (u32, u32)) -> Vec<RgbImage> {
    [0, 2, 4, 2].map(|shift| frame(PROBE, sides, shift)).into()
}

/// A frame as the stages take it.
pub(crate) fn view(frame: &RgbImage) -> RgbView<'_> {
    RgbView::new(frame.width(), frame.height(), frame.as_raw()).unwrap()
}

/// The face of a frame that is known to show one.
pub(crate) fn face(recogniser: &mut Recogniser, view: &RgbView<'_>) -> Face {
    match recogniser.observe(view).unwrap() {
        Observation::OneFace(face) => face,
        other => panic!("the frame does not show one face: {other:?}"),
    }
}

/// What an enrolment of the same person from another picture leaves, `templates` times.
pub(crate) fn gallery(recogniser: &mut Recogniser, templates: usize) -> Gallery {
    let frame = frame(ENROLLED, SIDES[0], 0);
    recogniser.begin();
    let face = face(recogniser, &view(&frame));
    let features: Features = recogniser.embed(&view(&frame), &face, Comparator::Fused).unwrap();
    let template = Template::new(std::slice::from_ref(&features)).unwrap();
    Gallery::new(vec![template; templates])
}
