//! The normal equations of one Gauss-Newton step of the fit.

/// Terms of the displacement along one axis: 1, u, v, u², uv, v² and the depth.
pub(super) const TERMS: usize = 7;
/// Samples that are added at once.
pub(super) const LANES: usize = 8;
/// One number of each of [`LANES`] samples.
pub(super) type Lanes = [f32; LANES];

/// Coefficients of the terms, across and down.
pub(super) type Coefficients = [[f64; TERMS]; 2];

/// Pairs of terms.
const PAIRS: usize = TERMS * (TERMS + 1) / 2;
/// Unknowns: the terms of both axes.
const UNKNOWNS: usize = 2 * TERMS;

/// Relative damping of the diagonal (Levenberg-Marquardt), and what is added to it so that a patch
/// without texture has a solution: those of the fit that was measured
/// (`docs/adr/0055-liveness-by-a-head-turn.md`).
const DAMPING: f64 = 1e-3;
const RIDGE: f64 = 1e-2;

/// What one group of samples adds.
pub(super) struct Samples<'a> {
    /// The terms at the samples.
    pub(super) terms: &'a [Lanes; TERMS],
    /// Change of the picture's value along u and v, for one face width.
    pub(super) gradient: [Lanes; 2],
    /// Residual of each sample.
    pub(super) residual: Lanes,
    /// Weight of each sample, 0 to 1.
    pub(super) weight: Lanes,
}

/// The weighted sums over all samples, lane by lane. Both axes have the same terms, so three blocks
/// of pairs are the whole matrix: across-across, across-down and down-down.
pub(super) struct NormalEquations {
    pairs: [[Lanes; 3]; PAIRS],
    right: [[Lanes; 2]; TERMS],
}

impl NormalEquations {
    pub(super) fn new() -> Self {
        Self { pairs: [[[0.0; LANES]; 3]; PAIRS], right: [[[0.0; LANES]; 2]; TERMS] }
    }

    /// Adds a group of samples.
    pub(super) fn add(&mut self, samples: &Samples<'_>) {
        let [across, down] = &samples.gradient;
        let weighted_across = product(across, &samples.weight);
        let weighted_down = product(down, &samples.weight);
        let blocks = [
            product(&weighted_across, across),
            product(&weighted_across, down),
            product(&weighted_down, down),
        ];
        let right = [
            product(&weighted_across, &samples.residual),
            product(&weighted_down, &samples.residual),
        ];
        let mut pairs = self.pairs.iter_mut();
        for (index, (term, sums)) in samples.terms.iter().zip(&mut self.right).enumerate() {
            for (sum, weighted) in sums.iter_mut().zip(&right) {
                add_product(sum, term, weighted);
            }
            let scaled = blocks.map(|block| product(&block, term));
            for (other, sums) in samples.terms.iter().skip(index).zip(&mut pairs) {
                for (sum, scaled) in sums.iter_mut().zip(&scaled) {
                    add_product(sum, scaled, other);
                }
            }
        }
    }

    /// The step that reduces the residuals; `None` when the matrix is not positive definite.
    pub(super) fn solve(&self) -> Option<Coefficients> {
        let mut rows = [[0.0; UNKNOWNS + 1]; UNKNOWNS];
        let mut pairs = self.pairs.iter();
        for first in 0..TERMS {
            for (second, [across, mixed, down]) in (first..TERMS).zip(&mut pairs) {
                let (across, mixed, down) = (total(across), total(mixed), total(down));
                let cells = [
                    (first, second, across),
                    (second, first, across),
                    (first, second + TERMS, mixed),
                    (second, first + TERMS, mixed),
                    (first + TERMS, second, mixed),
                    (second + TERMS, first, mixed),
                    (first + TERMS, second + TERMS, down),
                    (second + TERMS, first + TERMS, down),
                ];
                for (row, column, value) in cells {
                    *rows.get_mut(row)?.get_mut(column)? = value;
                }
            }
            let [across, down] = self.right.get(first)?;
            *rows.get_mut(first)?.last_mut()? = total(across);
            *rows.get_mut(first + TERMS)?.last_mut()? = total(down);
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let diagonal = row.get_mut(index)?;
            *diagonal = *diagonal * (1.0 + DAMPING) + RIDGE;
        }
        let unknowns = eliminate(&mut rows)?;
        let (across, down) = unknowns.split_first_chunk::<TERMS>()?;
        let mut step = [*across, *down.first_chunk()?];
        step.iter_mut().flatten().for_each(|value| *value = -*value);
        step.iter().flatten().all(|value| value.is_finite()).then_some(step)
    }
}

/// Gaussian elimination of a positive definite matrix, whose last column is the right side.
fn eliminate(rows: &mut [[f64; UNKNOWNS + 1]; UNKNOWNS]) -> Option<[f64; UNKNOWNS]> {
    let mut rest = rows.as_mut_slice();
    let mut column = 0;
    while let Some((pivot, below)) = rest.split_first_mut() {
        let diagonal = *pivot.get(column)?;
        if !(diagonal.is_finite() && diagonal > 0.0) {
            return None;
        }
        for row in below.iter_mut() {
            let factor = *row.get(column)? / diagonal;
            for (value, above) in row.iter_mut().zip(pivot.iter()).skip(column) {
                *value -= factor * above;
            }
        }
        rest = below;
        column += 1;
    }
    let mut unknowns = [0.0; UNKNOWNS];
    for (index, row) in rows.iter().enumerate().rev() {
        let known: f64 = row.iter().zip(&unknowns).skip(index + 1).map(|(a, x)| a * x).sum();
        *unknowns.get_mut(index)? = (row.last()? - known) / row.get(index)?;
    }
    Some(unknowns)
}

fn product(a: &Lanes, b: &Lanes) -> Lanes {
    let mut lanes = [0.0; LANES];
    add_product(&mut lanes, a, b);
    lanes
}

fn add_product(sum: &mut Lanes, a: &Lanes, b: &Lanes) {
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        *sum += a * b;
    }
}

fn total(lanes: &Lanes) -> f64 {
    lanes.iter().copied().map(f64::from).sum()
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "test values are in range"
)]
mod tests {
    use super::*;

    /// Numbers without a pattern, −1 to 1.
    fn numbers(seed: u32) -> impl Iterator<Item = f32> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
    }

    #[test]
    fn without_samples_the_step_is_zero() {
        assert_eq!(NormalEquations::new().solve(), Some([[0.0; TERMS]; 2]));
    }

    #[test]
    fn numbers_that_are_not_finite_have_no_solution() {
        for spoilt in [f32::NAN, f32::INFINITY] {
            let mut equations = NormalEquations::new();
            equations.add(&Samples {
                terms: &[[1.0; LANES]; TERMS],
                gradient: [[spoilt; LANES]; 2],
                residual: [0.0; LANES],
                weight: [1.0; LANES],
            });
            assert_eq!(equations.solve(), None);
        }
    }

    #[test]
    fn the_displacement_that_made_the_residuals_is_found() {
        let truth: Coefficients = std::array::from_fn(|axis| {
            std::array::from_fn(|term| 0.1 * (term as f64 + 1.0) - 0.3 * axis as f64)
        });
        let mut equations = NormalEquations::new();
        let mut random = numbers(7);
        let mut lanes = || -> Lanes { std::array::from_fn(|_| 100.0 * random.next().unwrap()) };
        for _ in 0..200 {
            let terms: [Lanes; TERMS] = std::array::from_fn(|_| lanes());
            let gradient = [lanes(), lanes()];
            let residual = std::array::from_fn(|lane| {
                let mut sum = 0.0;
                for (truth, gradient) in truth.iter().zip(&gradient) {
                    for (coefficient, term) in truth.iter().zip(&terms) {
                        sum -= coefficient * f64::from(term[lane] * gradient[lane]);
                    }
                }
                sum as f32
            });
            equations.add(&Samples { terms: &terms, gradient, residual, weight: [0.5; LANES] });
        }
        let step = equations.solve().unwrap();
        for (found, truth) in step.iter().flatten().zip(truth.iter().flatten()) {
            assert!((found - truth).abs() < 0.01, "{found} {truth}");
        }
    }
}
