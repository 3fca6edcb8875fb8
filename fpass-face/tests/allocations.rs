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
use std::time::Duration;

use fpass_face::liveness::{
    DepthTemplate, FrameSight, HeadFit, MeasuredFace, NeutralSearch, Prompt, TurnJudge, TurnRule,
};
use fpass_face::{
    Comparator, Gallery, Manifest, Observation, Quality, QualityLimits, Recogniser,
    RecogniserSettings, RgbView, Sighting, Template, align,
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

#[test]
fn the_liveness_stage_allocates_nothing() {
    let (mut recogniser, picture) = (recogniser(), picture());
    let view = view(&picture);
    let Observation::OneFace(face) = recogniser.observe(&view).unwrap() else {
        panic!("not one face");
    };
    let mut fit = HeadFit::new(&DepthTemplate::embedded().unwrap());
    let mut search = NeutralSearch::default();
    let start = Duration::from_secs(1);
    let mut count = |frame: u32| {
        let before = counting::allocations();
        let time = start + frame * Duration::from_millis(40);
        let (bounds, landmarks) = (face.bounds, face.landmarks);
        let sighting = Sighting { bounds, landmarks, confidence: 0.9 };
        search.observe(time, (view.width(), view.height()), Some(&sighting));
        fit.begin(&view, &landmarks).unwrap();
        let measured = MeasuredFace::new(&landmarks, fit.fit(&view, &landmarks).unwrap()).unwrap();
        let sign = Prompt::turn(frame).sign(false);
        let mut judge = TurnJudge::new(TurnRule::TURN, sign, &measured, start, start);
        let outcome = judge.judge(time, &FrameSight::OneFace(measured), None);
        assert!(measured.fit().correlation > 0.99 && outcome.is_none(), "{measured:?} {outcome:?}");
        counting::allocations() - before
    };
    count(1);
    for frame in 2..7 {
        assert_eq!(count(frame), 0);
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
