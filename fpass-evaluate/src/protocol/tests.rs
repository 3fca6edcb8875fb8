use std::sync::atomic::AtomicBool;

use fpass_face::Embedding;
use fpass_face::embedder::EMBEDDING_LENGTH;
use indicatif::ProgressBar;

use super::*;

/// Samples in one dimension: (person, place).
fn samples(of: &[(u32, f32)]) -> Vec<Sample> {
    let sample = |&(person, place): &(u32, f32)| {
        let mut values = [0.0; EMBEDDING_LENGTH];
        values[0] = place;
        let embedding = Some(Embedding::from_values(&values).unwrap());
        Sample { person, features: Features { dlib: embedding.clone(), sface: embedding } }
    };
    of.iter().map(sample).collect()
}

fn score(plan: &Plan<'_>) -> Scores {
    let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
    let workers = Workers { jobs: NonZeroUsize::new(2).unwrap(), stop: &stop, progress: &progress };
    plan.score(Comparator::Dlib, &workers).unwrap()
}

fn template(size: usize) -> Protocol {
    Protocol::Template(NonZeroUsize::new(size).unwrap())
}

#[test]
fn nobody_with_enough_pictures_gives_no_comparison() {
    let samples = samples(&[(0, 1.0), (0, 2.0), (1, 3.0)]);
    let plan = Plan::new(&samples, template(2));
    assert_eq!((plan.references(), plan.impostors(|_| true)), (0, 0));
    let scores = score(&plan);
    assert!(scores.genuine.is_empty());
    assert_eq!(scores.impostor.total(), 0);
    assert_eq!(score(&Plan::new(&[], Protocol::Single)).impostor.total(), 0);
}

#[test]
fn features_without_the_wanted_network_match_nobody() {
    let mut samples = samples(&[(0, 1.0), (0, 1.0), (1, 1.0)]);
    samples[0].features.dlib = None;
    let scores = score(&Plan::new(&samples, Protocol::Single));
    assert_eq!(scores.genuine.len(), 1);
    assert_eq!(scores.genuine[0].score(), f32::NEG_INFINITY);
    assert_eq!(scores.impostor.total(), 2);
}

#[test]
fn single_compares_every_pair_once() {
    let samples = samples(&[(0, 1.0), (0, 1.5), (3, 5.0), (3, 5.25), (3, 6.0), (7, 9.0)]);
    let plan = Plan::new(&samples, Protocol::Single);
    let scores = score(&plan);
    let genuine: Vec<f32> = scores.genuine.iter().map(Comparison::score).collect();
    assert_eq!(genuine, [-1.0, -0.75, -0.5, -0.25]);
    assert_eq!(scores.impostor.total(), 11);
    assert_eq!(plan.impostors(|_| true), 11);
    assert_eq!(plan.impostors(|person| person != 7), 6);
    assert_eq!(plan.impostors_of_each(), [(0, 8), (3, 9), (7, 5)]);
    assert_eq!(scores.impostor_histogram.total(), 11);
}

#[test]
fn a_template_is_the_mean_of_the_first_and_meets_the_others() {
    let samples = samples(&[(0, 1.0), (0, 2.0), (0, 4.0), (1, 5.0), (1, 6.0), (2, 9.0)]);
    let plan = Plan::new(&samples, template(2));
    assert_eq!(plan.references(), 1);
    let scores = score(&plan);
    assert_eq!(scores.genuine.len(), 1);
    assert_eq!(scores.genuine[0].score(), -2.5);
    assert_eq!(scores.impostor.total(), 3);
    assert_eq!(plan.impostors(|_| true), 3);
    assert_eq!(plan.impostors(|person| person != 2), 2);
    assert_eq!(plan.impostors(|person| person != 0), 0);
    assert_eq!(plan.impostors_of_each(), [(0, 3)]);
}

#[test]
fn the_words_of_the_protocols() {
    assert_eq!(Protocol::Single.to_string(), "single");
    assert_eq!(template(5).to_string(), "template-5");
}
