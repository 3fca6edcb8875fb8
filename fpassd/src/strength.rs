//! Assesses how well a template will recognise its user: a pure function.

use fpass_face::{Comparator, Features, Score, Template};
use fpass_proto::Strength;

use crate::enroll::{Samples, TURNED};

/// Every sample of a fair template reaches the threshold at this false match rate.
pub(crate) const FAIR_RATE: f64 = 1e-4;
/// Every sample of a strong template reaches the threshold at this false match rate.
pub(crate) const STRONG_RATE: f64 = 1e-6;
/// Yaw spread of a strong template in degrees: turned to both sides.
const STRONG_SPREAD: f32 = 2.0 * TURNED;
/// Fewest samples for comparing each with the mean of the others.
const SAMPLES_MIN: usize = 3;

/// Thresholds by which samples are assessed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StrengthThresholds {
    /// Comparator that computes the scores.
    pub(crate) comparator: Comparator,
    /// Threshold at [`FAIR_RATE`].
    pub(crate) fair: Score,
    /// Threshold at [`STRONG_RATE`].
    pub(crate) strong: Score,
}

/// How well a template of these samples will recognise its user.
///
/// Each sample simulates a later attempt: it is compared with the mean of the others. A template
/// with one view only agrees with itself but does not know the face from the side, so it is not
/// strong.
pub(crate) fn assess(samples: &Samples, thresholds: &StrengthThresholds) -> Strength {
    let scores = leave_one_out(&samples.features, thresholds.comparator);
    let all_reach = |threshold| scores.iter().all(|score| score.reaches(threshold));
    let half_reach = |threshold| {
        scores.iter().filter(|score| score.reaches(threshold)).count() * 2 >= scores.len()
    };
    if scores.len() < SAMPLES_MIN || !all_reach(thresholds.fair) || !half_reach(thresholds.strong) {
        Strength::Weak
    } else if all_reach(thresholds.strong) && samples.yaw_spread >= STRONG_SPREAD {
        Strength::Strong
    } else {
        Strength::Fair
    }
}

/// The score of each sample against the mean of the others.
fn leave_one_out(samples: &[Features], comparator: Comparator) -> Vec<Score> {
    let score = |(index, sample)| {
        let others = samples.iter().enumerate().filter(|(other, _)| *other != index);
        let others: Vec<Features> = others.map(|(_, sample)| sample.clone()).collect();
        Template::new(&others).map_or(Score::NONE, |rest| comparator.score(sample, rest.mean()))
    };
    samples.iter().enumerate().map(score).collect()
}

#[cfg(test)]
mod tests {
    use fpass_camera::Rotation;

    use super::*;
    use crate::scripted::{features, user};

    const THRESHOLDS: StrengthThresholds = StrengthThresholds {
        comparator: Comparator::Sface,
        fair: Score::new(0.5),
        strong: Score::new(0.9),
    };

    fn samples(features: Vec<Features>, yaw_spread: f32) -> Samples {
        Samples { features, yaw_spread, camera: None, rotation: Rotation::None }
    }

    fn measured(features: Vec<Features>, yaw_spread: f32) -> Strength {
        assess(&samples(features, yaw_spread), &THRESHOLDS)
    }

    fn alike(count: u8) -> Vec<Features> {
        (0..count).map(user).collect()
    }

    #[test]
    fn too_few_samples_are_weak() {
        for count in 0..SAMPLES_MIN {
            assert_eq!(measured(alike(u8::try_from(count).unwrap()), 60.0), Strength::Weak);
        }
    }

    #[test]
    fn one_sample_unlike_the_others_makes_it_weak() {
        let mut samples = alike(6);
        samples.push(features(&[0.1, 1.0]));
        assert_eq!(measured(samples, 60.0), Strength::Weak);
    }

    #[test]
    fn samples_that_only_just_agree_are_weak_and_half_of_them_fair() {
        // Orthogonal to the others, except for one shared component.
        let apart = |n: usize| {
            let mut leading = [0.0; 16];
            (leading[0], leading[n + 1]) = (1.0, 0.7);
            features(&leading)
        };
        assert_eq!(measured((0..6).map(apart).collect(), 60.0), Strength::Weak);
        let mixed = (0..2).map(apart).chain(alike(6)).collect();
        assert_eq!(measured(mixed, 60.0), Strength::Fair);
    }

    #[test]
    fn views_of_one_side_only_are_not_strong() {
        assert_eq!(measured(alike(7), STRONG_SPREAD - 0.1), Strength::Fair);
        assert_eq!(measured(alike(7), f32::NAN), Strength::Fair);
        assert_eq!(measured(alike(7), STRONG_SPREAD), Strength::Strong);
    }

    #[test]
    fn without_a_calibration_everything_is_weak() {
        let none = StrengthThresholds {
            fair: Score::new(f32::NAN),
            strong: Score::new(f32::NAN),
            ..THRESHOLDS
        };
        assert_eq!(assess(&samples(alike(7), 60.0), &none), Strength::Weak);
    }
}
