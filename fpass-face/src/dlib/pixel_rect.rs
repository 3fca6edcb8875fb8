//! Rectangles as dlib takes them.

/// A rectangle of pixels that may reach beyond the picture. All four sides belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PixelRect {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}
