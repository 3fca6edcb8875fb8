//! A thin binding of what F-pass uses of dlib: a picture, the detector of frontal faces, the landmark
//! predictor and the face network. It compiles against dlib 19.24 and 20.
//!
//! Whatever dlib throws is an error here; what its own code answers with an abort is refused before it is
//! called. The C++ side overwrites pictures and chips before it frees them, and the input and the result of
//! the network after each use. What the layers in between hold is overwritten by the next use only.

mod bridge;
mod faces;

pub use bridge::ffi::{Area, Spot};
pub use faces::{Detector, DlibError, EMBEDDING_LENGTH, Network, Picture, Predictor, version};
