//! The parts of dlib that the stages use, through one of two bindings ([ADR 0028]).
//!
//! The default is the crate `dlib-face-recognition`, which supports dlib 19. The feature
//! `fpass-dlib` chooses our own binding, which supports dlib 20 too. Both modules have the same
//! items, and none of their types leaves this crate.
//!
//! [ADR 0028]: ../../docs/adr/0028-our-own-binding-for-dlib-20.md

#[cfg(not(feature = "fpass-dlib"))]
mod crates_binding;
#[cfg(feature = "fpass-dlib")]
mod own_binding;
mod pixel_rect;

#[cfg(not(feature = "fpass-dlib"))]
pub(crate) use crates_binding::{DlibImage, FaceNetwork, ShapePoints, ShapePredictor};
#[cfg(feature = "fpass-dlib")]
pub(crate) use own_binding::{DlibImage, FaceNetwork, ShapePoints, ShapePredictor};
pub(crate) use pixel_rect::PixelRect;

#[cfg(not(any(feature = "fpass-dlib", feature = "dlib-face-recognition")))]
compile_error!("no binding of dlib; build with the feature dlib-face-recognition or fpass-dlib");
