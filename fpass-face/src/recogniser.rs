//! The stages in their order.

use std::time::{Duration, Instant};

use crate::detector::HogDetector;
use crate::embedder::{DlibEmbedder, Embedding};
use crate::error::FaceError;
use crate::geometry::FaceBox;
use crate::image::RgbView;
use crate::landmarks::{LandmarkPredictor, Landmarks5};
use crate::model::{Role, VerifiedModels};
use crate::quality::Quality;

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecogniserSettings {
    /// Longest side of the picture that is searched first, 80 to 4096 pixels.
    pub detection_side: u32,
}

impl Default for RecogniserSettings {
    fn default() -> Self {
        Self { detection_side: 320 }
    }
}

/// What a frame shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// No face.
    NoFace {
        /// Mean luma of the whole frame, 0 to 255: tells darkness from absence.
        frame_brightness: f32,
    },
    /// More than one face: how many.
    SeveralFaces(usize),
    /// One face.
    OneFace(Face),
}

/// One face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Where it is.
    pub bounds: FaceBox,
    /// Its eyes and nose.
    pub landmarks: Landmarks5,
    /// How well it can be seen.
    pub quality: Quality,
}

/// How long the stages took the last time that each ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Search for faces, with the reduction of the frame.
    pub detect: Duration,
    /// Landmarks and quality.
    pub landmarks: Duration,
    /// Embedding.
    pub embed: Duration,
}

/// Detector, landmark predictor and network, with their weights loaded.
pub struct Recogniser {
    detector: HogDetector,
    predictor: LandmarkPredictor,
    embedder: DlibEmbedder,
    times: StageTimes,
}

impl Recogniser {
    /// Loads weights that have been verified; takes about half a second.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the setting is out of range,
    /// [`FaceError::WeightsUnreadable`] when dlib cannot read a file.
    pub fn load(models: &VerifiedModels, settings: RecogniserSettings) -> Result<Self, FaceError> {
        Ok(Self {
            detector: HogDetector::new(settings.detection_side)?,
            predictor: LandmarkPredictor::load(&models.path(Role::Landmarks5))?,
            embedder: DlibEmbedder::load(&models.path(Role::EmbedderDlib))?,
            times: StageTimes::default(),
        })
    }

    /// Looks for a face and judges how well it can be seen.
    ///
    /// # Errors
    /// [`FaceError::LandmarkCount`] when the weights are those of another model.
    pub fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        let start = Instant::now();
        let faces = self.detector.detect(view);
        self.times.detect = start.elapsed();
        let bounds = match faces.as_slice() {
            [] => {
                return Ok(Observation::NoFace { frame_brightness: view.brightness() });
            }
            [bounds] => *bounds,
            several => return Ok(Observation::SeveralFaces(several.len())),
        };
        let start = Instant::now();
        let landmarks = self.predictor.predict(view, &bounds)?;
        let quality = Quality::measure(view, &bounds, &landmarks);
        self.times.landmarks = start.elapsed();
        Ok(Observation::OneFace(Face { bounds, landmarks, quality }))
    }

    /// The embedding of a face that [`Recogniser::observe`] found in this very frame.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::embed`].
    pub fn embed(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Embedding, FaceError> {
        let start = Instant::now();
        let embedding = self.embedder.embed(view, &face.bounds, &self.predictor);
        self.times.embed = start.elapsed();
        embedding
    }

    /// Times of the last run of each stage.
    #[must_use]
    pub fn times(&self) -> StageTimes {
        self.times
    }

    /// Median time of one embedding on this machine.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::self_test_time`].
    pub fn self_test_time(&mut self) -> Result<Duration, FaceError> {
        self.embedder.self_test_time(&self.predictor)
    }
}
