//! Alignment, quality and comparison allocate nothing for a further frame. dlib and rten allocate,
//! but the same amount for every frame.
//!
//! Each test needs its own process, which `cargo nextest` gives it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy treats functions without #[test] as production code"
)]

use std::path::{Path, PathBuf};

use fpass_face::{
    Comparator, Gallery, Manifest, Observation, Quality, QualityLimits, Recogniser,
    RecogniserSettings, RgbView, Template, align,
};

#[cfg(test)]
#[path = "../../fpass-camera/tests/counting/mod.rs"]
mod counting;

/// Frames after which all buffers have their final size.
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
    let mut aligned = align::AlignedFace::default();
    let mut count = || {
        let before = counting::allocations();
        let square = align::face_square(&face.landmarks, view.width(), view.height()).unwrap();
        aligned.fill(&view, &square);
        let quality = Quality::measure(&view, &face.bounds, &face.landmarks, Some(&aligned));
        let issue = quality.assess(&QualityLimits::default());
        let score = gallery.score(&features, Comparator::Fused);
        assert!(issue.is_none() && score.value() > 0.9, "{issue:?} {score:?}");
        counting::allocations() - before
    };
    count();
    for _ in 0..COUNTED {
        assert_eq!(count(), 0);
    }
}

/// Two equally long runs of frames allocate the same, except for the tasks of rten's thread pool.
#[test]
fn the_allocations_of_the_networks_do_not_grow_from_frame_to_frame() {
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
