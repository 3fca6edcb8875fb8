//! The duration of each stage, by criterion: `cargo bench -p fpass-face --bench stages`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a failed benchmark may panic"
)]

mod fixtures;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use fpass_face::align::{AlignedFace, face_square};
use fpass_face::embedder::{DlibEmbedder, SfaceEmbedder};
use fpass_face::{Comparator, Quality, Role};

use fixtures::{SIDES, face, frames, gallery, models, recogniser, view};

/// Stages whose duration depends on the size of the frame.
fn frame_stages(criterion: &mut Criterion) {
    for sides in SIDES {
        let mut group = criterion.benchmark_group(format!("{}x{}", sides.0, sides.1));
        let frames = frames(sides);
        let view = view(&frames[0]);
        let mut yunet = recogniser();
        group.bench_function("search", |b| b.iter(|| yunet.search(&view).unwrap()));
        let seen = face(&mut yunet, &view);
        let mut detector =
            fpass_face::detector::YunetDetector::load(models().read(Role::DetectorYunet).unwrap())
                .unwrap();
        group.bench_function("refinement of one place", |b| {
            b.iter(|| detector.refine(&view, &seen.bounds).unwrap());
        });
        let mut aligned = AlignedFace::default();
        group.bench_function("alignment and quality", |b| {
            b.iter(|| {
                let square = face_square(&seen.landmarks, view.width(), view.height()).unwrap();
                aligned.fill(&view, &square);
                Quality::measure(&view, &seen.bounds, &seen.landmarks, Some(&aligned))
            });
        });
        let mut whole = recogniser();
        let known = gallery(&mut whole, 1);
        for (name, searched) in
            [("one frame, tracked", false), ("one frame, searched as a whole", true)]
        {
            let mut turn = frames.iter().cycle();
            let cell = std::cell::RefCell::new(&mut whole);
            group.bench_function(name, |b| {
                b.iter_batched(
                    || {
                        let mut whole = cell.borrow_mut();
                        whole.begin();
                        if !searched {
                            face(&mut whole, &view);
                        }
                        fixtures::view(turn.next().unwrap())
                    },
                    |view| {
                        let mut whole = cell.borrow_mut();
                        let seen = face(&mut whole, &view);
                        let probe = whole.embed(&view, &seen, Comparator::Fused).unwrap();
                        known.score(&probe, Comparator::Fused)
                    },
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

/// The networks and the comparison, whose duration does not depend on the size of the frame.
fn embedding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    let frames = frames(SIDES[0]);
    let view = view(&frames[0]);
    let mut both = recogniser();
    let seen = face(&mut both, &view);
    let models = models();
    let (landmarks, weights) = (models.path(Role::Landmarks5), models.path(Role::EmbedderDlib));
    let mut dlib = DlibEmbedder::load(&landmarks, &weights).unwrap();
    group.bench_function("dlib", |b| b.iter(|| dlib.embed(&view, &seen.landmarks).unwrap()));
    let mut aligned = AlignedFace::default();
    aligned.fill(&view, &face_square(&seen.landmarks, view.width(), view.height()).unwrap());
    for threads in [1, 2] {
        let sface = SfaceEmbedder::load(models.read(Role::EmbedderSface).unwrap(), threads);
        let sface = sface.unwrap();
        group.bench_function(format!("SFace, threads: {threads}"), |b| {
            b.iter(|| sface.embed(&aligned).unwrap());
        });
    }
    group.bench_function("both in parallel", |b| {
        b.iter(|| both.embed(&view, &seen, Comparator::Fused).unwrap());
    });
    let probe = both.embed(&view, &seen, Comparator::Fused).unwrap();
    for templates in [1, 8] {
        let known = gallery(&mut both, templates);
        group.bench_function(format!("comparison, templates: {templates}"), |b| {
            b.iter(|| known.score(black_box(&probe), Comparator::Fused));
        });
    }
    group.finish();
}

criterion_group!(stages, frame_stages, embedding);
criterion_main!(stages);
