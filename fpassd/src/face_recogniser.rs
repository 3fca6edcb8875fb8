//! The interface between engine and recogniser, so that tests can replace the recogniser.

#[cfg(not(fuzzing))]
use fpass_face::Recogniser;
use fpass_face::{
    Comparator, Face, FaceError, Features, Observation, Orientation, RgbView, StageTimes,
};

/// Finds faces in a frame and computes features.
pub(crate) trait FaceRecogniser {
    /// Starts a new sequence: the next frame does not follow the last one.
    fn begin(&mut self);
    /// Searches a frame for faces.
    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError>;
    /// The orientation of a face that `observe` found in the same frame.
    fn orientation(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Orientation, FaceError>;
    /// The features for a comparator, of a face that `observe` found in the same frame.
    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError>;
    /// Overwrites the last frames and their results in memory.
    fn forget(&mut self) -> Result<(), FaceError>;
    /// Durations of the most recent calls.
    fn times(&self) -> StageTimes;
}

#[cfg(not(fuzzing))]
impl FaceRecogniser for Recogniser {
    fn begin(&mut self) {
        Self::begin(self);
    }

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        Self::observe(self, view)
    }

    fn orientation(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Orientation, FaceError> {
        Ok(self.confidences(view, face)?.orientation())
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        Self::embed(self, view, face, wanted)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        Self::forget(self)
    }

    fn times(&self) -> StageTimes {
        Self::times(self)
    }
}

/// Makes a recogniser: after a panic, which may have left the old one inconsistent, and for a
/// thread that replaces a stuck one.
pub(crate) type RecogniserLoader = dyn Fn() -> Option<Box<dyn FaceRecogniser + Send>> + Send + Sync;
