use proptest::prelude::*;

use super::*;
use crate::embedder::EMBEDDING_LENGTH;

fn embedding(value: f32) -> Embedding {
    Embedding::from_values(&[value; EMBEDDING_LENGTH]).unwrap()
}

fn template(values: &[f32]) -> Template {
    Template::new(&values.iter().map(|&value| embedding(value)).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_template_without_samples_is_refused() {
    assert_eq!(Template::new(&[]).err(), Some(FaceError::TemplateEmpty));
}

#[test]
fn samples_too_large_for_a_mean_are_refused() {
    let samples = vec![embedding(f32::MAX), embedding(f32::MAX)];
    assert_eq!(Template::new(&samples).err(), Some(FaceError::EmbeddingNotFinite));
}

#[test]
fn nothing_matches_an_empty_gallery() {
    let score = Gallery::default().score(&embedding(0.1));
    for limit in [0.6, f32::MAX, f32::INFINITY] {
        assert!(!score.within(limit));
    }
}

#[test]
fn what_is_not_a_number_matches_nothing() {
    for distance in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(!Score(distance).within(f32::INFINITY));
    }
    assert!(!Score(0.0).within(f32::NAN));
}

#[test]
fn a_distance_that_overflows_matches_nothing() {
    let gallery = Gallery::new(vec![template(&[1e30])]);
    assert!(!gallery.score(&embedding(-1e30)).within(f32::MAX));
}

#[test]
fn the_limit_itself_is_within() {
    assert!(Score(0.4).within(0.4));
    assert!(!Score(0.400_001).within(0.4));
}

#[test]
fn the_mean_of_the_samples_is_compared() {
    let gallery = Gallery::new(vec![template(&[0.0, 0.2])]);
    assert!(gallery.score(&embedding(0.1)).within(1e-4));
    assert!(!gallery.score(&embedding(0.2)).within(1.0));
}

proptest! {
    #[test]
    fn another_template_never_makes_the_score_worse(
        probe in -1.0_f32..1.0,
        levels in prop::collection::vec(-1.0_f32..1.0, 1..8),
        added in -1.0_f32..1.0,
    ) {
        let probe = embedding(probe);
        let mut templates: Vec<Template> = levels.iter().map(|&l| template(&[l])).collect();
        let before = Gallery::new(templates.clone()).score(&probe);
        templates.push(template(&[added]));
        let after = Gallery::new(templates.clone()).score(&probe);
        prop_assert!(after <= before);
        templates.reverse();
        prop_assert_eq!(Gallery::new(templates).score(&probe), after);
    }

    #[test]
    fn a_wider_limit_keeps_every_match(
        distance in prop::num::f32::ANY, limit in 0.0_f32..2.0, more in 0.0_f32..2.0,
    ) {
        let score = Score(distance);
        prop_assert!(!score.within(limit) || score.within(limit + more));
    }
}
