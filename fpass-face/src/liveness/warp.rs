//! The displacement of the points of a face between the neutral frame and a later one.

use super::normal_equations::{Coefficients, Lanes, TERMS};
use super::placement::Similarity;

/// Largest coefficient in face widths.
const COEFFICIENT_MAX: f64 = 4.0;

/// A displacement of face coordinates: for each axis a quadratic of u and v, and a multiple of the
/// depth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Warp {
    coefficients: Coefficients,
}

impl Warp {
    /// The displacement of a similarity from the face coordinates of the neutral frame to those of
    /// a later one.
    pub(super) fn of(similarity: &Similarity) -> Self {
        let Similarity { a, b, shift: [across, down] } = *similarity;
        let across = [across, a - 1.0, -b, 0.0, 0.0, 0.0, 0.0];
        let down = [down, b, a - 1.0, 0.0, 0.0, 0.0, 0.0];
        Self { coefficients: [across, down] }
    }

    /// The displacement after one step.
    pub(super) fn stepped(&self, step: &Coefficients) -> Self {
        let mut coefficients = self.coefficients;
        for (value, step) in coefficients.iter_mut().flatten().zip(step.iter().flatten()) {
            *value += step;
        }
        Self { coefficients }
    }

    /// Whether no coefficient is larger than any motion that a fit can follow.
    pub(super) fn is_bounded(&self) -> bool {
        self.coefficients.iter().flatten().all(|value| value.abs() <= COEFFICIENT_MAX)
    }

    /// The coefficients of the depth, across and down.
    pub(super) fn depth(&self) -> [f64; 2] {
        self.coefficients.map(|[.., depth]| depth)
    }

    /// The same in single precision.
    pub(super) fn single(&self) -> [[f32; TERMS]; 2] {
        self.coefficients.map(|axis| axis.map(single))
    }
}

/// The displaced coordinate of [`LANES`] samples along one axis, whose terms are given.
pub(super) fn displaced(
    start: &Lanes,
    coefficients: &[f32; TERMS],
    terms: &[Lanes; TERMS],
) -> Lanes {
    let mut lanes = *start;
    for (coefficient, term) in coefficients.iter().zip(terms) {
        for (lane, term) in lanes.iter_mut().zip(term) {
            *lane += coefficient * term;
        }
    }
    lanes
}

/// Rounds to single precision.
#[expect(clippy::cast_possible_truncation, reason = "coordinates of a face need no more digits")]
pub(super) fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::normal_equations::LANES;

    #[test]
    fn the_displacement_of_a_similarity_is_that_similarity() {
        let similarity = Similarity { a: 0.9, b: 0.2, shift: [0.05, -0.1] };
        let warp = Warp::of(&similarity);
        let (u, v) = (0.3_f32, -0.2_f32);
        let terms = [1.0, u, v, u * u, u * v, v * v, 0.25].map(|term| [term; LANES]);
        let [across, down] = warp.single();
        let [x, y] = similarity.apply([f64::from(u), f64::from(v)]);
        assert!((f64::from(displaced(&[u; LANES], &across, &terms)[0]) - x).abs() < 1e-6);
        assert!((f64::from(displaced(&[v; LANES], &down, &terms)[0]) - y).abs() < 1e-6);
        assert_eq!(warp.depth(), [0.0, 0.0]);
    }

    #[test]
    fn a_step_is_added_to_every_coefficient() {
        let step = [[0.5; TERMS], [-0.5; TERMS]];
        let warp = Warp::default().stepped(&step);
        assert_eq!(warp.depth(), [0.5, -0.5]);
        assert!(warp.is_bounded());
        for value in [4.1, f64::NAN, f64::INFINITY] {
            assert!(!warp.stepped(&[[value; TERMS]; 2]).is_bounded());
        }
    }
}
