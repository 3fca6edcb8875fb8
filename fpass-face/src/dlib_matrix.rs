//! The one place where a picture crosses into dlib.

#![allow(unsafe_code)]

use dlib_face_recognition::ImageMatrix;

use crate::image::RgbView;

/// A picture in dlib's own memory. dlib frees that memory without overwriting it.
pub(crate) struct DlibImage {
    matrix: ImageMatrix,
}

impl DlibImage {
    /// Copies a picture.
    pub(crate) fn new(view: &RgbView<'_>) -> Self {
        let (width, height) = (view.width() as usize, view.height() as usize);
        let pixels = view.pixels();
        assert_eq!(pixels.len(), 3 * width * height, "RgbView checks its length");
        // SAFETY: the constructor reads exactly 3 · width · height bytes from the pointer, the
        // slice has that many by the line above, and it keeps no pointer after it returns.
        let matrix = unsafe { ImageMatrix::new(width, height, pixels.as_ptr()) };
        Self { matrix }
    }

    pub(crate) fn matrix(&self) -> &ImageMatrix {
        &self.matrix
    }
}
