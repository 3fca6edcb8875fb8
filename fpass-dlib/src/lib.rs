//! A thin binding of the parts of dlib that F-pass uses: image, landmark predictor and face
//! network. It compiles against dlib 19.24 and 20.
//!
//! Exceptions of dlib become errors. Input for which dlib would end the process is refused before
//! the call. The C++ side overwrites images and chips before it frees them, and the input and the
//! output of the network after each use. The values of the layers in between stay until the next
//! use.

mod bridge;
mod faces;

pub use bridge::ffi::{Point, Rectangle};
pub use faces::{DlibError, EMBEDDING_LENGTH, FaceNetwork, Image, ShapePredictor, version};
