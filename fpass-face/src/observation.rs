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

/// What the detector finds where a face is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    /// Its bounding box.
    pub bounds: FaceBox,
    /// Its landmarks.
    pub landmarks: Landmarks5,
    /// Confidence of the detector, 0 to 1.
    pub confidence: f32,
}

/// One face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Its bounding box.
    pub bounds: FaceBox,
    /// Its landmarks.
    pub landmarks: Landmarks5,
    /// Confidence of the detector, 0 to 1.
    pub confidence: f32,
    /// Its quality.
    pub quality: Quality,
}

impl Face {
    /// What the detector found.
    #[must_use]
    pub fn sighting(&self) -> Sighting {
        let Self { bounds, landmarks, confidence, .. } = *self;
        Sighting { bounds, landmarks, confidence }
    }
}
