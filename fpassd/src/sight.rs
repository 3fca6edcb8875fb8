//! What the engine needs of the recogniser, so that a test can script it.

use fpass_face::{Embedding, Face, FaceError, Observation, Recogniser, RgbView, StageTimes};

/// Finds faces in a frame and computes embeddings.
pub(crate) trait Sight {
    /// What is in the frame.
    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError>;
    /// The embedding of a face that `observe` found in the same frame.
    fn embed(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Embedding, FaceError>;
    /// Durations of the most recent calls.
    fn times(&self) -> StageTimes;
}

impl Sight for Recogniser {
    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        Self::observe(self, view)
    }

    fn embed(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Embedding, FaceError> {
        Self::embed(self, view, face)
    }

    fn times(&self) -> StageTimes {
        Self::times(self)
    }
}
