use std::time::Duration;

use fpass_face::Comparator;

use super::*;
use crate::scripted::{features, user};

const MEASURE: MatchThresholds = MatchThresholds {
    comparator: Comparator::Sface,
    configured: Score::new(0.6),
    strict: Score::new(0.9),
};
const NOW: u64 = 1000 * DAY;
const ALICE: Uid = Uid(1000);

fn window_at(now: u64) -> Window {
    Window::new(SystemTime::UNIX_EPOCH + Duration::from_secs(now), 90)
}

fn template(label: &str) -> StoredTemplate {
    StoredTemplate {
        label: Label::parse(label).unwrap(),
        created: 1,
        samples: (0..7).map(user).collect(),
        adapted: Vec::new(),
        camera: None,
        rotation: None,
    }
}

fn adapted(label: &str, times: &[u64]) -> StoredTemplate {
    let sample = |taken: &u64| AdaptedSample { taken: *taken, features: user(9) };
    StoredTemplate { adapted: times.iter().map(sample).collect(), ..template(label) }
}

/// A face whose cosine with the user's first axis has this value.
fn at_cosine(cosine: f32) -> Features {
    features(&[cosine, (1.0 - cosine * cosine).sqrt()])
}

fn refused(
    templates: &mut [StoredTemplate],
    probe: Features,
    thresholds: &MatchThresholds,
    now: u64,
) -> Declined {
    let before: Vec<usize> = templates.iter().map(|template| template.adapted.len()).collect();
    let declined = add_sample(templates, probe, thresholds, window_at(now)).unwrap_err();
    let after: Vec<usize> = templates.iter().map(|template| template.adapted.len()).collect();
    assert_eq!(before, after);
    declined
}

fn times(template: &StoredTemplate) -> Vec<u64> {
    let mut times: Vec<u64> = template.adapted.iter().map(|sample| sample.taken).collect();
    times.sort_unstable();
    times
}

#[test]
fn only_logins_by_pam_are_eligible_and_none_while_adaptation_is_off() {
    let service = ServiceName::parse("login").unwrap();
    let login = Some(&service);
    assert_eq!(admit(false, Uid::ROOT, login), Err(Declined::Off));
    assert_eq!(admit(true, Uid::ROOT, None), Err(Declined::NotALogin));
    assert_eq!(admit(true, ALICE, login), Err(Declined::NotALogin));
    assert_eq!(admit(true, ALICE, None), Err(Declined::NotALogin));
    assert_eq!(admit(true, Uid::ROOT, login), Ok(()));
}

#[test]
fn an_uncertain_match_is_not_added() {
    let mut templates = [template("face")];
    for probe in [at_cosine(0.85), at_cosine(0.0), Features::default()] {
        assert_eq!(refused(&mut templates, probe, &MEASURE, NOW), Declined::NotConfident);
    }
    let none = MatchThresholds { strict: Score::new(f32::NAN), ..MEASURE };
    assert_eq!(refused(&mut templates, user(1), &none, NOW), Declined::NotConfident);
    assert_eq!(refused(&mut [], user(1), &MEASURE, NOW), Declined::NotConfident);
}

#[test]
fn a_second_sample_within_a_day_is_not_added() {
    let mut templates = [adapted("face", &[NOW])];
    for later in [0, 1, DAY - 1] {
        assert_eq!(refused(&mut templates, user(1), &MEASURE, NOW + later), Declined::TooSoon);
    }
    assert!(add_sample(&mut templates, user(1), &MEASURE, window_at(NOW + DAY)).is_ok());
    assert_eq!(times(&templates[0]), [NOW, NOW + DAY]);
}

#[test]
fn a_clock_earlier_than_the_newest_sample_adds_nothing() {
    let mut templates = [template("face"), adapted("glasses", &[NOW])];
    for now in [0, 1, NOW - 1] {
        assert_eq!(refused(&mut templates, user(1), &MEASURE, now), Declined::ClockBehind);
    }
    let mut enrolled_later = [StoredTemplate { created: NOW + 1, ..template("face") }];
    assert_eq!(refused(&mut enrolled_later, user(1), &MEASURE, NOW), Declined::ClockBehind);
}

#[test]
fn a_face_that_matches_only_the_adapted_samples_has_drifted() {
    let strange = at_cosine(0.75);
    let mut drifted = template("face");
    let sample = |n: u64| AdaptedSample { taken: NOW - n * DAY, features: strange.clone() };
    drifted.adapted = (1..=5).map(sample).collect();
    let score = |window| {
        let template = comparison_template(&drifted, window).unwrap();
        MEASURE.comparator.score(&strange, template.mean()).value()
    };
    let (alone, together) = (score(None), score(Some(window_at(NOW))));
    assert!(alone < 0.8 && together > 0.82, "{alone} {together}");
    let thresholds =
        MatchThresholds { configured: Score::new(0.8), strict: Score::new(0.82), ..MEASURE };
    assert_eq!(refused(&mut [drifted], strange, &thresholds, NOW), Declined::Drifted);
}

#[test]
fn repeated_small_steps_away_from_the_anchor_are_refused() {
    let thresholds =
        MatchThresholds { configured: Score::new(0.8), strict: Score::new(0.85), ..MEASURE };
    let mut templates = [template("face")];
    let anchor = comparison_template(&templates[0], None).unwrap();
    for day in 0..200_u8 {
        let probe = at_cosine(1.0 - f32::from(day) / 200.0);
        let near =
            thresholds.comparator.score(&probe, anchor.mean()).reaches(thresholds.configured);
        let taken =
            add_sample(&mut templates, probe, &thresholds, window_at(NOW + u64::from(day) * DAY));
        assert!(near || taken.is_err(), "day {day}");
    }
    let after = comparison_template(&templates[0], None).unwrap();
    assert_eq!(after.mean(), anchor.mean());
}

#[test]
fn the_most_similar_template_gets_it_and_the_newest_replaces_the_oldest() {
    let glasses = StoredTemplate { samples: vec![at_cosine(0.5); 5], ..template("glasses") };
    let mut templates = [glasses, template("face")];
    for day in 0..7 {
        let window = window_at(NOW + day * DAY);
        let label = add_sample(&mut templates, user(1), &MEASURE, window).unwrap();
        assert_eq!(label.as_str(), "face");
    }
    assert!(templates[0].adapted.is_empty());
    let last: Vec<u64> = (2..7).map(|day| NOW + day * DAY).collect();
    assert_eq!(times(&templates[1]), last);
}

/// Share of `count` adapted samples, next to seven enrolled ones, in the comparison template.
fn share(count: u64) -> f32 {
    let sample = |n| AdaptedSample { taken: NOW - n, features: features(&[0.0, 1.0]) };
    let stored = StoredTemplate {
        samples: vec![features(&[1.0]); 7],
        adapted: (0..count).map(sample).collect(),
        ..template("face")
    };
    let mean = comparison_template(&stored, Some(window_at(NOW))).unwrap().mean().clone();
    mean.dlib.unwrap().values()[1]
}

#[test]
fn adapted_samples_weigh_like_enrolled_ones_and_a_third_at_most() {
    for (count, expected) in
        [(0, 0.0), (1, 1.0 / 8.0), (2, 2.0 / 9.0), (3, 0.3), (4, 1.0 / 3.0), (5, 1.0 / 3.0)]
    {
        assert!((share(count) - expected).abs() < 1e-5, "{count}: {}", share(count));
    }
}

#[test]
fn samples_that_expired_or_come_from_the_future_do_not_count() {
    let anchor = comparison_template(&template("face"), None).unwrap();
    let holds = |taken: u64| {
        let stored = adapted("face", &[taken]);
        comparison_template(&stored, Some(window_at(NOW))).unwrap().mean() != anchor.mean()
    };
    for taken in [0, NOW - 90 * DAY - 1, NOW + 1, u64::MAX] {
        assert!(!holds(taken), "{taken}");
    }
    assert!(holds(NOW - 90 * DAY) && holds(NOW));
    let off = comparison_template(&adapted("face", &[NOW]), None).unwrap();
    assert_eq!(off.mean(), anchor.mean());
}

#[test]
fn expired_samples_are_dropped_when_one_is_added() {
    let mut templates = [adapted("face", &[NOW - 91 * DAY, NOW - 89 * DAY])];
    add_sample(&mut templates, user(1), &MEASURE, window_at(NOW)).unwrap();
    assert_eq!(times(&templates[0]), [NOW - 89 * DAY, NOW]);
}
