//! The face or faces that a frame shows.

use crate::geometry::FaceBox;
use crate::landmarks::Landmarks5;
use crate::quality::Quality;

/// The result of the search for a face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// No face.
    NoFace {
        /// Mean luma of the whole frame, 0 to 255. It tells a dark room from an empty one.
        frame_brightness: f32,
    },
    /// Several faces of comparable size, and their number.
    SeveralFaces(usize),
    /// One face.
    OneFace(Face),
}

/// One face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Its bounding box.
    pub bounds: FaceBox,
    /// Its landmarks.
    pub landmarks: Landmarks5,
    /// Its quality.
    pub quality: Quality,
}
