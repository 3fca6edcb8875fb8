//! dlib's face network.

use std::path::Path;

use zeroize::Zeroize;

use super::embedding::Embedding;
use crate::dlib::{DlibImage, FaceNetwork, PixelRect, ShapePoints, ShapePredictor};
use crate::error::FaceError;
use crate::geometry::{FaceBox, Point, SIDE_MIN, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::synthetic_image::SyntheticImage;

/// Number of landmarks by which dlib aligns a face: four corners of the eyes and the base of the
/// nose.
const POINTS: usize = 5;

/// Side of the box that dlib's landmark predictor expects around a face, in eye distances. This and
/// [`BOX_DROP`] are medians over 140 pictures (`docs/adr/0013`).
const BOX_SIDE: f32 = 2.28;
/// How far the centre of that box is below the midpoint of the eyes, in eye distances.
const BOX_DROP: f32 = 0.55;
/// Side of the part of the frame that dlib gets, in sides of the box: dlib cuts a padded chip from
/// it.
const PART_SIDE: f32 = 2.2;

/// dlib's ResNet v1: maps a face of 150×150 pixels, aligned by dlib's own five landmarks, to 128
/// values.
pub struct DlibEmbedder {
    predictor: ShapePredictor,
    network: FaceNetwork,
    part: Vec<u8>,
}

impl DlibEmbedder {
    /// Reads the weights, which must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`FaceError::WeightsUnreadable`] when dlib cannot read a file.
    pub fn load(predictor: &Path, network: &Path) -> Result<Self, FaceError> {
        let unreadable = |path: &Path| FaceError::WeightsUnreadable(path.to_owned());
        Ok(Self {
            predictor: ShapePredictor::open(predictor).ok_or_else(|| unreadable(predictor))?,
            network: FaceNetwork::open(network).ok_or_else(|| unreadable(network))?,
            part: Vec::new(),
        })
    }

    /// The embedding of the face with these landmarks.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a landmark, given or found by dlib, is outside the
    /// picture, [`FaceError::LandmarkCount`] when the predictor is one of another number of
    /// landmarks, [`FaceError::EmbeddingLength`] and [`FaceError::EmbeddingNotFinite`] when the
    /// network does not compute an embedding.
    pub fn embed(
        &mut self,
        view: &RgbView<'_>,
        landmarks: &Landmarks5,
    ) -> Result<Embedding, FaceError> {
        if !landmarks.are_inside(view.width(), view.height()) {
            return Err(FaceError::LandmarksUnusable);
        }
        let middle = landmarks.right_eye.midpoint(landmarks.left_eye);
        let eyes = landmarks.eye_distance();
        let (rise_x, rise_y) = (
            (landmarks.left_eye.x - landmarks.right_eye.x) / eyes,
            (landmarks.left_eye.y - landmarks.right_eye.y) / eyes,
        );
        let drop = BOX_DROP * eyes;
        let centre = Point { x: middle.x - rise_y * drop, y: middle.y + rise_x * drop };
        let side = BOX_SIDE * eyes;
        let around = |side: f32| {
            let (left, top) = (centre.x - side / 2.0, centre.y - side / 2.0);
            let clipped = FaceBox::clip(left, top, side, side, view.width(), view.height());
            clipped.ok_or(FaceError::LandmarksUnusable)
        };
        let part = around(PART_SIDE * side)?;
        if part.width() < SIDE_MIN || part.height() < SIDE_MIN {
            return Err(FaceError::LandmarksUnusable);
        }
        view.copy_part(&part, &mut self.part);
        let view = RgbView::new(part.width(), part.height(), &self.part)?;
        let picture = DlibImage::new(&view);
        let (left, top) = (pixels(part.left()), pixels(part.top()));
        let corner = Point { x: centre.x - side / 2.0 - left, y: centre.y - side / 2.0 - top };
        let face = area(corner, side);
        let shape =
            self.predictor.landmarks(&picture, &face).ok_or(FaceError::LandmarksUnusable)?;
        check(&shape, &view)?;
        let values = self.network.embed(&picture, &shape).ok_or(FaceError::EmbeddingLength(0))?;
        Embedding::from_values(&values)
    }

    /// Overwrites what dlib and this embedder keep of the last face. The network keeps its last
    /// output until the next one, here that of a synthetic picture.
    ///
    /// # Errors
    /// Those of [`Self::embed`].
    pub(crate) fn forget(&mut self, synthetic_image: &SyntheticImage) -> Result<(), FaceError> {
        let _: Embedding = self.embed(&synthetic_image.view()?, &synthetic_image.landmarks())?;
        self.part.as_mut_slice().zeroize();
        Ok(())
    }
}

impl Drop for DlibEmbedder {
    fn drop(&mut self) {
        self.part.zeroize();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates; pictures are far smaller")]
fn area(corner: Point, side: f32) -> PixelRect {
    let whole = |number: f32| number.round() as i64;
    PixelRect {
        left: whole(corner.x),
        top: whole(corner.y),
        right: whole(corner.x + side).saturating_sub(1),
        bottom: whole(corner.y + side).saturating_sub(1),
    }
}

/// Checks that the network gets five points inside this picture. From other points dlib would
/// compute an embedding that looks valid and is the same for everybody.
fn check(shape: &ShapePoints, view: &RgbView<'_>) -> Result<(), FaceError> {
    let points = shape.points();
    if points.len() != POINTS {
        return Err(FaceError::LandmarkCount(points.len()));
    }
    let inside = |at: i64, side: u32| (0..i64::from(side)).contains(&at);
    let all = points.iter().all(|&(x, y)| inside(x, view.width()) && inside(y, view.height()));
    all.then_some(()).ok_or(FaceError::LandmarksUnusable)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn files_without_a_model_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty.dat");
        std::fs::write(&empty, []).unwrap();
        let text = dir.path().join("text.dat");
        std::fs::write(&text, "not weights").unwrap();
        let not_utf8 = dir.path().join(OsStr::from_bytes(b"\xff.dat"));
        std::fs::write(&not_utf8, "not weights").unwrap();
        let absent = dir.path().join("absent.dat");
        let with_nul = dir.path().join("a\0b");
        for path in [empty, text, not_utf8, absent, with_nul, dir.path().to_owned()] {
            assert_eq!(
                DlibEmbedder::load(&path, &path).err(),
                Some(FaceError::WeightsUnreadable(path))
            );
        }
    }

    #[test]
    fn a_box_far_outside_saturates() {
        let area = area(Point { x: f32::MAX, y: -f32::MAX }, 10.0);
        assert_eq!((area.left, area.top), (i64::MAX, i64::MIN));
    }
}
