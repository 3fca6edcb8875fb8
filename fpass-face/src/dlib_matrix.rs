//! The one place where a picture crosses into dlib.

#![allow(unsafe_code)]

use dlib_face_recognition::ImageMatrix;

use crate::image::RgbView;

/// A picture in dlib's own memory. dlib frees that memory without overwriting it.
pub(crate) struct DlibImage {
    matrix: ImageMatrix,
    width: u32,
    height: u32,
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
        Self { matrix, width: view.width(), height: view.height() }
    }

    pub(crate) fn matrix(&self) -> &ImageMatrix {
        &self.matrix
    }

    /// Width in pixels.
    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }
}
