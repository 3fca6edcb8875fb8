use proptest::prelude::*;

use super::*;
use crate::embedder::{EMBEDDING_LENGTH, Embedding};

/// Features in a direction of the plane; the same for both networks.
fn features(angle: f32) -> Features {
    let mut values = [0.0; EMBEDDING_LENGTH];
    (values[1], values[0]) = angle.sin_cos();
    let embedding = Embedding::from_values(&values).unwrap();
    Features { dlib: Some(embedding.clone()), sface: Some(embedding) }
}

fn template(angles: &[f32]) -> Template {
    Template::new(&angles.iter().map(|&angle| features(angle)).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_template_without_samples_is_refused() {
    assert_eq!(Template::new(&[]).err(), Some(FaceError::TemplateEmpty));
}

#[test]
fn nothing_matches_an_empty_gallery() {
    for comparator in Comparator::ALL {
        let score = Gallery::default().score(&features(0.1), comparator);
        for threshold in [-2.0, f32::MIN, f32::NEG_INFINITY] {
            assert!(!score.reaches(Score::new(threshold)), "{comparator} {threshold}");
        }
    }
}

#[test]
fn what_is_not_a_number_matches_nothing() {
    for score in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(!Score::new(score).reaches(Score::new(f32::NEG_INFINITY)), "{score}");
    }
    assert!(!Score::new(1.0).reaches(Score::new(f32::NAN)));
}

#[test]
fn features_of_one_network_do_not_match_where_both_or_the_other_are_wanted() {
    let both = features(0.0);
    let dlib = Features { sface: None, ..both.clone() };
    let sface = Features { dlib: None, ..both.clone() };
    let gallery = Gallery::new(vec![Template::new(std::slice::from_ref(&both)).unwrap()]);
    for (probe, comparator) in [
        (&dlib, Comparator::Fused),
        (&dlib, Comparator::Sface),
        (&sface, Comparator::Fused),
        (&sface, Comparator::Dlib),
        (&Features::default(), Comparator::Fused),
    ] {
        assert_eq!(gallery.score(probe, comparator), Score::NONE, "{comparator}");
        let gallery = Gallery::new(vec![Template { mean: probe.clone() }]);
        assert_eq!(gallery.score(&both, comparator), Score::NONE, "{comparator}");
    }
}

#[test]
fn a_distance_that_overflows_matches_nothing() {
    let far = |value| {
        let embedding = Embedding::from_values(&[value; EMBEDDING_LENGTH]).unwrap();
        Features { dlib: Some(embedding.clone()), sface: Some(embedding) }
    };
    let gallery = Gallery::new(vec![Template { mean: far(1e30) }]);
    for comparator in Comparator::ALL {
        let score = gallery.score(&far(-1e30), comparator);
        assert!(!score.reaches(Score::new(f32::MIN)), "{comparator}");
    }
}

#[test]
fn the_threshold_itself_is_reached() {
    assert!(Score::new(0.4).reaches(Score::new(0.4)));
    assert!(!Score::new(0.399_999).reaches(Score::new(0.4)));
}

#[test]
fn the_mean_of_the_samples_is_compared() {
    let gallery = Gallery::new(vec![template(&[-0.2, 0.2])]);
    let middle = gallery.score(&features(0.0), Comparator::Sface);
    assert!(middle.value() > 0.999_9, "{middle:?}");
    assert!(gallery.score(&features(0.2), Comparator::Sface) < middle);
}

#[test]
fn the_words_are_those_of_the_configuration() {
    for comparator in Comparator::ALL {
        let word: Comparator =
            serde::Deserialize::deserialize(serde::de::value::StrDeserializer::<
                serde::de::value::Error,
            >::new(comparator.as_str()))
            .unwrap();
        assert_eq!(word, comparator);
    }
}

proptest! {
    #[test]
    fn another_template_never_makes_the_score_worse(
        probe in -3.0_f32..3.0,
        angles in prop::collection::vec(-3.0_f32..3.0, 1..8),
        added in -3.0_f32..3.0,
    ) {
        let probe = features(probe);
        let mut templates: Vec<Template> = angles.iter().map(|&a| template(&[a])).collect();
        for comparator in Comparator::ALL {
            let before = Gallery::new(templates.clone()).score(&probe, comparator);
            let mut more = templates.clone();
            more.push(template(&[added]));
            prop_assert!(Gallery::new(more).score(&probe, comparator) >= before);
            templates.reverse();
            prop_assert_eq!(Gallery::new(templates.clone()).score(&probe, comparator), before);
        }
    }

    #[test]
    fn the_nearer_of_two_is_more_alike(near in 0.0_f32..1.0, more in 0.01_f32..1.0) {
        for comparator in Comparator::ALL {
            let score = |angle| comparator.score(&features(angle), &features(0.0));
            prop_assert!(score(near) > score(near + more));
        }
    }

    #[test]
    fn a_lower_threshold_keeps_every_match(
        score in prop::num::f32::ANY, threshold in -2.0_f32..2.0, less in 0.0_f32..2.0,
    ) {
        let score = Score::new(score);
        prop_assert!(!score.reaches(Score::new(threshold)) || score.reaches(Score::new(threshold - less)));
    }
}
