//! What the stages use of dlib, through one of two bindings ([ADR 0028]): the crate
//! `dlib-face-recognition` by default, which knows dlib 19; the feature `fpass-dlib` chooses the own one,
//! which knows 20 too. Both have the same items, and no type of theirs leaves the crate.
//!
//! [ADR 0028]: ../../docs/adr/0028-dlib-20-by-a-binding-of-our-own.md

#[cfg(not(feature = "fpass-dlib"))]
mod crates_binding;
#[cfg(feature = "fpass-dlib")]
mod own_binding;

#[cfg(not(feature = "fpass-dlib"))]
pub(crate) use crates_binding::{Detector, Network, Picture, Predictor, Shape};
#[cfg(feature = "fpass-dlib")]
pub(crate) use own_binding::{Detector, Network, Picture, Predictor, Shape};

#[cfg(not(any(feature = "fpass-dlib", feature = "dlib-face-recognition")))]
compile_error!("no binding of dlib; build with the feature dlib-face-recognition or fpass-dlib");

/// A box of pixels, which may reach out of the picture; all four are inside the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}
