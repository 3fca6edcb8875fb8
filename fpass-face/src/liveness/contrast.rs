//! Local normalisation of contrast, which takes the light out of a patch.

use zeroize::Zeroize;

/// Standard deviation in grey levels that is added to that of the neighbourhood, so that noise of a
/// flat one is not raised to texture: that of the fit that was measured
/// (`docs/adr/0055-liveness-by-a-head-turn.md`).
const NOISE: f32 = 3.0;

/// Memory for the normalisation of patches up to a size.
pub(super) struct ContrastNormaliser {
    columns: usize,
    reach: usize,
    line: Vec<f32>,
    means: Vec<f32>,
    squares: Vec<f32>,
    row_means: Vec<f32>,
    row_squares: Vec<f32>,
}

impl ContrastNormaliser {
    /// For patches of `columns` × `rows` values. The neighbourhood of a value reaches `reach`
    /// values in each direction, less than either side of the patch.
    pub(super) fn new(columns: usize, rows: usize, reach: usize) -> Self {
        let plane = || vec![0.0; columns * rows];
        Self {
            columns,
            reach: reach.min(columns.min(rows).saturating_sub(1)),
            line: vec![0.0; columns + 2 * reach],
            means: plane(),
            squares: plane(),
            row_means: vec![0.0; columns],
            row_squares: vec![0.0; columns],
        }
    }

    /// Replaces each value by its difference from the mean of its neighbourhood, over the standard
    /// deviation there. Beyond the border the patch is mirrored.
    pub(super) fn normalise(&mut self, values: &mut [f32]) {
        let (columns, reach) = (self.columns, self.reach);
        let targets =
            self.means.chunks_exact_mut(columns).zip(self.squares.chunks_exact_mut(columns));
        for (row, (means, squares)) in values.chunks_exact(columns).zip(targets) {
            let mirrored = (0..columns + 2 * reach).map(|place| mirror(place, reach, columns));
            for (value, place) in self.line.iter_mut().zip(mirrored) {
                *value = row.get(place).copied().unwrap_or_default();
            }
            means.fill(0.0);
            squares.fill(0.0);
            for shifted in self.line.windows(columns).take(2 * reach + 1) {
                add(means, shifted);
                for (square, value) in squares.iter_mut().zip(shifted) {
                    *square += value * value;
                }
            }
        }
        let rows = self.means.len() / columns.max(1);
        let share = 1.0 / side(2 * reach + 1).powi(2);
        for (place, row) in values.chunks_exact_mut(columns).enumerate().take(rows) {
            self.row_means.fill(0.0);
            self.row_squares.fill(0.0);
            for near in (place..=place + 2 * reach).map(|near| mirror(near, reach, rows)) {
                let near = near * columns..(near + 1) * columns;
                add(&mut self.row_means, self.means.get(near.clone()).unwrap_or_default());
                add(&mut self.row_squares, self.squares.get(near).unwrap_or_default());
            }
            for ((value, mean), square) in
                row.iter_mut().zip(&self.row_means).zip(&self.row_squares)
            {
                let mean = mean * share;
                let deviation = (square * share - mean * mean).max(0.0).sqrt();
                *value = (*value - mean) / (deviation + NOISE);
            }
        }
    }

    /// Overwrites what is left of the last patch.
    pub(super) fn forget(&mut self) {
        let planes = [&mut self.line, &mut self.means, &mut self.squares];
        let rows = [&mut self.row_means, &mut self.row_squares];
        for values in planes.into_iter().chain(rows) {
            values.as_mut_slice().zeroize();
        }
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// The value at a place of the mirrored line, which begins `reach` values ahead of the first one.
fn mirror(place: usize, reach: usize, count: usize) -> usize {
    let distance = place.abs_diff(reach);
    if distance < count { distance } else { (2 * count).saturating_sub(2 + distance) }
}

#[expect(clippy::cast_precision_loss, reason = "a neighbourhood has fewer than a hundred values")]
fn side(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "test values are in range")]
mod tests {
    use super::*;

    #[test]
    fn a_flat_patch_becomes_zero_and_noise_stays_small() {
        let mut normaliser = ContrastNormaliser::new(9, 7, 2);
        let mut flat = vec![50.0; 63];
        normaliser.normalise(&mut flat);
        assert!(flat.iter().all(|value| *value == 0.0));
        let mut noise: Vec<f32> = (0..63).map(|n| 50.0 + (n * 7 % 3) as f32 * 0.1).collect();
        normaliser.normalise(&mut noise);
        assert!(noise.iter().all(|value| value.abs() < 0.1), "{noise:?}");
    }

    #[test]
    fn the_neighbourhood_is_mirrored_at_the_borders() {
        let columns = 5;
        let mut values: Vec<f32> = (0..25).map(|n| (n * n % 17) as f32 * 9.0).collect();
        let before = values.clone();
        ContrastNormaliser::new(columns, 5, 1).normalise(&mut values);
        let near = |x: usize, y: usize| before[y * columns + x];
        // The corner's neighbours: the row and column before the first are the second ones.
        let around: Vec<f32> =
            [1, 0, 1].into_iter().flat_map(|y| [1, 0, 1].map(|x| near(x, y))).collect();
        let mean = around.iter().sum::<f32>() / 9.0;
        let variance = around.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 9.0;
        let expected = (before[0] - mean) / (variance.sqrt() + NOISE);
        assert!((values[0] - expected).abs() < 1e-4, "{} {expected}", values[0]);
    }
}
