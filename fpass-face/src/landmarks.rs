//! Five points of a face.

use std::path::Path;

use dlib_face_recognition::{
    FaceLandmarks, LandmarkPredictor as DlibPredictor, LandmarkPredictorTrait, Rectangle,
};

use crate::detector::position;
use crate::dlib_matrix::DlibImage;
use crate::error::FaceError;
use crate::geometry::{FaceBox, Point};
use crate::image::RgbView;

/// Four eye corners and the base of the nose, in pixels of the full frame.
///
/// *Left* and *right* are the person's own, so the left eye is on the right of the picture. The
/// fields are in the order of dlib's 5-point model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks5 {
    /// Outer corner of the left eye.
    pub left_eye_outer: Point,
    /// Inner corner of the left eye.
    pub left_eye_inner: Point,
    /// Outer corner of the right eye.
    pub right_eye_outer: Point,
    /// Inner corner of the right eye.
    pub right_eye_inner: Point,
    /// Where the nose meets the upper lip.
    pub nose_base: Point,
}

impl Landmarks5 {
    /// The points in dlib's order, which is the order of the fields.
    #[must_use]
    pub fn points(&self) -> [Point; 5] {
        [
            self.left_eye_outer,
            self.left_eye_inner,
            self.right_eye_outer,
            self.right_eye_inner,
            self.nose_base,
        ]
    }
}

/// dlib's regression trees for five landmarks.
pub struct LandmarkPredictor {
    inner: DlibPredictor,
}

impl LandmarkPredictor {
    /// Reads the weights. They must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`FaceError::WeightsUnreadable`] when dlib cannot read the file.
    pub fn load(path: &Path) -> Result<Self, FaceError> {
        let unreadable = || FaceError::WeightsUnreadable(path.to_owned());
        let path = openable(path).ok_or_else(unreadable)?;
        let inner = DlibPredictor::open(path).map_err(|_| unreadable())?;
        Ok(Self { inner })
    }

    /// The landmarks of the face in a box.
    ///
    /// # Errors
    /// [`FaceError::BoxOutside`] when the box is not inside this picture,
    /// [`FaceError::LandmarkCount`] when the weights are those of another model,
    /// [`FaceError::LandmarksUnusable`] when a point is further out than any picture reaches.
    pub fn predict(&self, view: &RgbView<'_>, bounds: &FaceBox) -> Result<Landmarks5, FaceError> {
        self.shape(&DlibImage::new(view), bounds).map(|(landmarks, _)| landmarks)
    }

    /// The landmarks together with dlib's own form of them, which its network asks for.
    pub(crate) fn shape(
        &self,
        image: &DlibImage,
        bounds: &FaceBox,
    ) -> Result<(Landmarks5, FaceLandmarks), FaceError> {
        if !bounds.fits(image.width(), image.height()) {
            return Err(FaceError::BoxOutside);
        }
        let rectangle = Rectangle {
            left: i64::from(bounds.left()),
            top: i64::from(bounds.top()),
            right: i64::from(bounds.left() + bounds.width() - 1),
            bottom: i64::from(bounds.top() + bounds.height() - 1),
        };
        let shape = self.inner.face_landmarks(image.matrix(), &rectangle);
        let [lo, li, ro, ri, nose] = &*shape else {
            return Err(FaceError::LandmarkCount(shape.len()));
        };
        let point = |part: &dlib_face_recognition::Point| {
            let x = position(part.x()).ok_or(FaceError::LandmarksUnusable)?;
            let y = position(part.y()).ok_or(FaceError::LandmarksUnusable)?;
            Ok(Point { x, y })
        };
        let landmarks = Landmarks5 {
            left_eye_outer: point(lo)?,
            left_eye_inner: point(li)?,
            right_eye_outer: point(ro)?,
            right_eye_inner: point(ri)?,
            nose_base: point(nose)?,
        };
        Ok((landmarks, shape))
    }
}

/// The path as dlib's binding takes it: it panics on one that is not UTF-8.
pub(crate) fn openable(path: &Path) -> Option<&Path> {
    path.to_str().filter(|name| !name.contains('\0')).map(Path::new)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn files_that_are_no_model_are_refused() {
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
                LandmarkPredictor::load(&path).err(),
                Some(FaceError::WeightsUnreadable(path))
            );
        }
    }
}
