//! Stages of our own allocate nothing for a further frame. dlib and rten allocate inside; what they
//! take for a frame stays the same from frame to frame.
//!
//! Each test needs a process of its own, which `cargo nextest` gives it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows the functions beside the tests as production code"
)]

use std::path::{Path, PathBuf};

use fpass_face::{
    Comparator, Gallery, Manifest, Observation, Quality, QualityLimits, Recogniser,
    RecogniserSettings, RgbView, Template, align,
};

#[cfg(test)]
#[path = "../../fpass-camera/tests/counting/mod.rs"]
mod counting;

/// Frames after which buffers have their size.
const WARM_UP: usize = 12;
/// Frames that are counted.
const COUNTED: usize = 30;

fn fetched(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fpass").join(directory)
}

fn recogniser() -> Recogniser {
    let models = Manifest::embedded().unwrap().verify(&fetched("models")).unwrap_or_else(|error| {
        panic!("no weight files: {error}; run make test, which fetches them")
    });
    Recogniser::load(&models, RecogniserSettings::default()).unwrap()
}

fn picture() -> image::RgbImage {
    image::open(fetched("pictures").join("obama.jpg")).unwrap().to_rgb8()
}

fn view(picture: &image::RgbImage) -> RgbView<'_> {
    RgbView::new(picture.width(), picture.height(), picture.as_raw()).unwrap()
}

#[test]
fn alignment_quality_and_comparison_allocate_nothing() {
    let (mut recogniser, picture) = (recogniser(), picture());
    let view = view(&picture);
    let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
        panic!("not one face");
    };
    let features = recogniser.embed(&view, &face, Comparator::Fused).unwrap();
    let gallery = Gallery::new(vec![Template::new(std::slice::from_ref(&features)).unwrap(); 3]);
    let mut chip = align::Chip::default();
    let mut count = || {
        let before = counting::allocations();
        let quality = Quality::measure(&view, &face.bounds, &face.landmarks, &mut chip);
        let flaw = quality.assess(&QualityLimits::default());
        let square = align::face_square(&face.landmarks, view.width(), view.height()).unwrap();
        chip.fill(&view, &square);
        let score = gallery.score(&features, Comparator::Fused);
        assert!(flaw.is_none() && score.value() > 0.9, "{flaw:?} {score:?}");
        counting::allocations() - before
    };
    count();
    for _ in 0..COUNTED {
        assert_eq!(count(), 0);
    }
}

/// The sums over two equally long runs of frames are the same but for the tasks of rten's pool.
#[test]
fn what_the_networks_take_does_not_grow_from_frame_to_frame() {
    let (mut recogniser, picture) = (recogniser(), picture());
    let view = view(&picture);
    let mut run = |frames: usize| {
        let before = counting::allocations();
        for _ in 0..frames {
            let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
                panic!("not one face");
            };
            drop(recogniser.embed(&view, &face, Comparator::Fused).unwrap());
        }
        counting::allocations() - before
    };
    run(WARM_UP);
    let (early, late) = (run(COUNTED), run(COUNTED));
    println!("allocations for {COUNTED} frames: {early}, then {late}");
    assert!(late * 100 <= early * 102, "{early} {late}");
}
