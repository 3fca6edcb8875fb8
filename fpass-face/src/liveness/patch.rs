//! The samples of a face that are compared between frames.

use super::depth_template::DepthTemplate;
use super::normal_equations::{LANES, Lanes, TERMS};

/// Half of the patch's width and height in face widths, and the height of its centre: the ellipse
/// covers the face of the average head. This and the smoothing are those of the fit that was
/// measured (`docs/adr/0055-liveness-by-a-head-turn.md`).
pub(super) const HALF: [f32; 2] = [0.47, 0.62];
pub(super) const CENTRE: f32 = 0.22;
/// Standard deviation by which the depth is smoothed: `SMOOTHING · n` samples for a patch of `n`
/// samples per face width.
const SMOOTHING: f32 = 0.02;
/// Farthest grid point that the smoothing weighs, in samples: four standard deviations of the finer
/// patch.
const SMOOTHING_REACH: i8 = 4;

/// A grid of samples in an ellipse around the face. Samples are stored row by row in groups of
/// [`LANES`]; the last group is filled up with samples outside the ellipse.
pub(super) struct Patch {
    /// Samples per face width.
    pub(super) per_width: f32,
    /// Columns of the grid.
    pub(super) columns: usize,
    /// Rows of the grid.
    pub(super) rows: usize,
    /// 1, u, v, u², uv, v² and the smoothed depth at each sample, in face widths.
    pub(super) terms: Vec<[Lanes; TERMS]>,
    /// 1 inside the ellipse, 0 outside.
    pub(super) inside: Vec<Lanes>,
}

impl Patch {
    /// A patch with `per_width` samples per face width.
    pub(super) fn new(template: &DepthTemplate, per_width: u8) -> Self {
        let per_width = f32::from(per_width);
        let [across, down] = HALF.map(|half| positions(half, per_width));
        let (columns, rows) = (across.len(), down.len());
        let groups = (columns * rows).div_ceil(LANES);
        let mut terms = vec![[[0.0; LANES]; TERMS]; groups];
        let mut inside = vec![[0.0; LANES]; groups];
        let samples = down.iter().flat_map(|v| across.iter().map(move |u| (*u, CENTRE + v)));
        let lanes = inside.iter_mut().zip(&mut terms).flat_map(|(inside, terms)| {
            let mut columns = terms.each_mut().map(|lanes| lanes.iter_mut());
            inside.iter_mut().map(move |inside| (inside, columns.each_mut().map(Iterator::next)))
        });
        for ((u, v), (inside, sample)) in samples.zip(lanes) {
            let radius = (u / HALF[0]).powi(2) + ((v - CENTRE) / HALF[1]).powi(2);
            *inside = if radius < 1.0 { 1.0 } else { 0.0 };
            let depth = smooth_depth(template, (u, v), per_width);
            let values = [1.0, u, v, u * u, u * v, v * v, depth];
            for (term, value) in sample.into_iter().flatten().zip(values) {
                *term = value;
            }
        }
        Self { per_width, columns, rows, terms, inside }
    }

    /// Samples of the grid, those outside the ellipse included.
    pub(super) fn count(&self) -> usize {
        self.columns * self.rows
    }
}

/// Positions along one axis, symmetric about 0 and one sample apart, in face widths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "fewer than a thousand samples, and the fraction of one is dropped"
)]
fn positions(half: f32, per_width: f32) -> Vec<f32> {
    let count = (2.0 * half * per_width) as usize;
    (0..count).map(|index| (index as f32 - count as f32 / 2.0 + 0.5) / per_width).collect()
}

/// The depth around a sample, weighted by a Gaussian.
fn smooth_depth(template: &DepthTemplate, (u, v): (f32, f32), per_width: f32) -> f32 {
    let deviation = SMOOTHING * per_width;
    let reach = || (-SMOOTHING_REACH..=SMOOTHING_REACH).map(f32::from);
    let (mut sum, mut weights) = (0.0, 0.0);
    for down in reach() {
        for across in reach() {
            let weight = (-(across * across + down * down) / (2.0 * deviation * deviation)).exp();
            sum += weight * template.depth_at(u + across / per_width, v + down / per_width);
            weights += weight;
        }
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_symmetric_and_its_corners_are_outside() {
        for (per_width, columns, rows) in [(24_u8, 22, 29), (48, 45, 59)] {
            let patch = Patch::new(&DepthTemplate::embedded().unwrap(), per_width);
            assert_eq!((patch.columns, patch.rows), (columns, rows));
            let inside: Vec<f32> = patch.inside.iter().flatten().copied().collect();
            assert!(inside.iter().skip(patch.count()).all(|inside| *inside == 0.0));
            assert_eq!(inside[0], 0.0);
            assert_eq!(inside[columns * (rows / 2) + columns / 2], 1.0);
            let samples = inside.iter().sum::<f32>() / f32::from(per_width).powi(2);
            let area = std::f32::consts::PI * HALF[0] * HALF[1];
            assert!((samples / area - 1.0).abs() < 0.02, "{samples} {area}");
            let sum: f32 = patch.terms.iter().flat_map(|terms| terms[1]).sum();
            assert!(sum.abs() < 1e-3, "{sum}");
        }
    }
}
