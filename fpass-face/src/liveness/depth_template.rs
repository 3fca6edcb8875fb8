//! The depth of an average head.

use serde::Deserialize;

use crate::model::ModelError;

/// Fewest rows and columns of a grid between which is interpolated.
const SIDE_MIN: usize = 2;

/// Depth of an average head towards the camera, over face coordinates.
///
/// From MediaPipe's canonical face mesh; `models/head_depth.toml` says how and under which licence.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthTemplate {
    per_width: f32,
    rows_above: f32,
    /// Rows from above the eyes downwards, each from the middle of the face outwards, in face
    /// widths.
    depths: Vec<Vec<f32>>,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DepthFile {
    per_width: u8,
    rows_above: u8,
    depths: Vec<Vec<i16>>,
}

impl DepthTemplate {
    /// The text of `models/head_depth.toml`, which this build contains.
    pub const SOURCE: &str = include_str!("../../../models/head_depth.toml");

    /// The template of this build.
    ///
    /// # Errors
    /// [`ModelError::DepthTemplate`] and [`ModelError::DepthTemplateShape`] when the text is
    /// malformed; a test checks that it is not.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse(Self::SOURCE)
    }

    fn parse(text: &str) -> Result<Self, ModelError> {
        let file: DepthFile = toml::from_str(text).map_err(ModelError::DepthTemplate)?;
        let columns = file.depths.first().map_or(0, Vec::len);
        let even = file.depths.iter().all(|row| row.len() == columns);
        if !even || columns < SIDE_MIN || file.depths.len() < SIDE_MIN || file.per_width == 0 {
            return Err(ModelError::DepthTemplateShape);
        }
        let widths = |row: Vec<i16>| row.into_iter().map(|depth| f32::from(depth) * 1e-4).collect();
        Ok(Self {
            per_width: file.per_width.into(),
            rows_above: file.rows_above.into(),
            depths: file.depths.into_iter().map(widths).collect(),
        })
    }

    /// Depth at face coordinates in face widths, 0 at the eyes' centres, positive towards the
    /// camera: bilinear between the grid points, and beyond the grid that of its border.
    #[must_use]
    pub fn depth_at(&self, u: f32, v: f32) -> f32 {
        let (row, down) = split(v * self.per_width + self.rows_above, self.depths.len());
        let at = |row: usize| {
            let row = self.depths.get(row).map(Vec::as_slice).unwrap_or_default();
            let (column, across) = split(u.abs() * self.per_width, row.len());
            let depth = |column: usize| row.get(column).copied().unwrap_or_default();
            depth(column) * (1.0 - across) + depth(column + 1) * across
        };
        at(row) * (1.0 - down) + at(row + 1) * down
    }
}

/// The grid line before a position, and the share of the way to the next one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a position is clamped to the grid, which has fewer lines than f32 counts exactly"
)]
fn split(position: f32, count: usize) -> (usize, f32) {
    let last = count.saturating_sub(SIDE_MIN) as f32;
    let line = position.floor().clamp(0.0, last);
    (line as usize, (position - line).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256 as Hasher};

    use super::*;
    use crate::model::{Manifest, Sha256};

    #[test]
    fn a_grid_that_is_uneven_or_too_small_is_refused() {
        for depths in ["[]", "[[1, 2]]", "[[1], [2]]", "[[1, 2], [3]]"] {
            let text = format!("per_width = 48\nrows_above = 1\ndepths = {depths}");
            let error = DepthTemplate::parse(&text).unwrap_err();
            assert!(matches!(error, ModelError::DepthTemplateShape), "{depths}");
        }
        for text in ["", "per_width = 0\nrows_above = 1\ndepths = [[1.5]]", "depths = 1"] {
            assert!(matches!(DepthTemplate::parse(text), Err(ModelError::DepthTemplate(_))));
        }
    }

    #[test]
    fn the_file_of_this_build_is_the_pinned_one() {
        let pinned = Manifest::embedded().unwrap().depth.unwrap();
        assert_eq!(pinned.file, "head_depth.toml");
        assert_eq!(pinned.size, DepthTemplate::SOURCE.len() as u64);
        assert_eq!(pinned.sha256, Sha256(Hasher::digest(DepthTemplate::SOURCE).into()));
    }

    #[test]
    fn the_nose_is_in_front_of_the_eyes_and_the_cheeks_are_behind_them() {
        let template = DepthTemplate::embedded().unwrap();
        assert!((template.depth_at(0.0, 0.2447) - 0.26).abs() < 0.02);
        assert!(template.depth_at(0.45, 0.1) < -0.1);
        for (u, v) in [(0.1, 0.3), (0.33, -0.2), (0.47, 0.8)] {
            assert_eq!(template.depth_at(u, v), template.depth_at(-u, v));
        }
    }

    #[test]
    fn beyond_the_grid_the_depth_is_that_of_the_border() {
        let template = DepthTemplate::embedded().unwrap();
        assert_eq!(template.depth_at(0.0, -9.0), template.depth_at(0.0, -20.0 / 48.0));
        assert_eq!(template.depth_at(0.5, 0.2), template.depth_at(f32::INFINITY, 0.2));
        assert!(template.depth_at(f32::NAN, 0.0).is_nan());
    }
}
