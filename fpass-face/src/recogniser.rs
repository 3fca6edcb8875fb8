//! The stages in their order.

use std::thread;
use std::time::{Duration, Instant};

use crate::align::{Chip, face_square};
use crate::detector::{Detector, DetectorKind, YunetDetector};
use crate::drawing::Drawing;
use crate::embedder::{Cohort, DlibEmbedder, Embedding, Features, SfaceEmbedder};
use crate::error::FaceError;
use crate::geometry::{FaceBox, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::matcher::Comparator;
use crate::model::{Role, VerifiedModels};
use crate::quality::Quality;
use crate::track::Track;

/// Lowest contrast of an aligned face, in the unit of [`Chip::contrast`]: blank frames all embed to
/// nearly the same place.
const CONTRAST_MIN: f32 = 6.0;
/// A second face counts as one of several from this share of the width of the largest on: somebody
/// beside the user, not somebody at the other end of the room.
const COMPANION_SHARE: f32 = 0.5;
/// Most places of a search that are looked at closely.
const LOOKS_MAX: usize = 4;
/// Threads on which SFace computes: while dlib takes one of two cores, its part is taken over.
const SFACE_THREADS: usize = 2;
/// Embeddings measured by [`Recogniser::self_test_time`].
const SELF_TEST_RUNS: usize = 5;

/// How to search and what to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecogniserSettings {
    /// What searches a whole frame.
    pub detector: DetectorKind,
    /// Longest side of the picture that is searched first, 80 to 4096 pixels.
    pub detection_side: u32,
}

impl Default for RecogniserSettings {
    fn default() -> Self {
        Self { detector: DetectorKind::Yunet, detection_side: 160 }
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
    /// More than one face of comparable size: how many places look like a face.
    SeveralFaces(usize),
    /// One face.
    OneFace(Face),
}

/// One face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Where it is.
    pub bounds: FaceBox,
    /// Its eyes, nose and mouth.
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
    /// Embedding, by all networks.
    pub embed: Duration,
}

/// Detector and networks, with their weights loaded.
pub struct Recogniser {
    detector: Detector,
    yunet: YunetDetector,
    dlib: DlibEmbedder,
    sface: SfaceEmbedder,
    cohort: Option<Cohort>,
    chip: Chip,
    track: Track,
    times: StageTimes,
}

impl Recogniser {
    /// Loads weights that have been verified; takes about half a second.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the setting is out of range,
    /// [`FaceError::WeightsUnreadable`] and [`FaceError::NetworkUnreadable`] when a file cannot be
    /// used.
    pub fn load(models: &VerifiedModels, settings: RecogniserSettings) -> Result<Self, FaceError> {
        let read = |role| models.read(role).map_err(|_| FaceError::NetworkUnreadable(role));
        Ok(Self {
            detector: Detector::new(settings.detector, settings.detection_side)?,
            yunet: YunetDetector::load(read(Role::DetectorYunet)?)?,
            dlib: DlibEmbedder::load(
                &models.path(Role::Landmarks5),
                &models.path(Role::EmbedderDlib),
            )?,
            sface: SfaceEmbedder::load(read(Role::EmbedderSface)?, SFACE_THREADS)?,
            cohort: models.cohort().cloned(),
            chip: Chip::default(),
            track: Track::default(),
            times: StageTimes::default(),
        })
    }

    /// The same recogniser, whose features are not normalised by the cohort of its models: a new
    /// cohort is measured with it.
    #[must_use]
    pub fn without_cohort(self) -> Self {
        Self { cohort: None, ..self }
    }

    /// Forgets where the face was: the next frame does not follow the last one.
    pub fn begin(&mut self) {
        self.track.lose();
    }

    /// Overwrites what is left in memory of the last frames and of what was computed of them. To be
    /// called when an attempt is over; it computes one embedding.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::embed`].
    pub fn forget(&mut self) -> Result<(), FaceError> {
        self.track.lose();
        self.yunet.forget();
        self.chip.forget();
        self.dlib.forget(&Drawing::new())
    }

    /// Looks for the user's face and judges how well it can be seen. While a face is where it was
    /// in the frame before, only its surroundings are looked at; every few frames the whole one is.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        if let Some(place) = self.track.next_place(view) {
            let start = Instant::now();
            let found = self.yunet.look(view, &place)?;
            self.times.detect = start.elapsed();
            if let Some((bounds, landmarks)) = found {
                return Ok(Observation::OneFace(self.measure(view, bounds, landmarks)));
            }
        }
        self.track.lose();
        let start = Instant::now();
        let places = self.search(view)?;
        let (face, companions) = self.prominent(view, &places)?;
        self.times.detect = start.elapsed();
        match face {
            None => Ok(Observation::NoFace { frame_brightness: view.brightness() }),
            Some(_) if companions > 0 => Ok(Observation::SeveralFaces(1 + companions)),
            Some((bounds, landmarks)) => {
                Ok(Observation::OneFace(self.measure(view, bounds, landmarks)))
            }
        }
    }

    /// Every place in the frame that may show a face. They are not yet looked at closely.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn search(&mut self, view: &RgbView<'_>) -> Result<Vec<FaceBox>, FaceError> {
        self.detector.search(&mut self.yunet, view)
    }

    /// Looks closely at a place: `None` when it shows no face after all.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn inspect(
        &mut self,
        view: &RgbView<'_>,
        place: &FaceBox,
    ) -> Result<Option<Face>, FaceError> {
        let found = self.yunet.look(view, place)?;
        Ok(found.map(|(bounds, landmarks)| self.measure(view, bounds, landmarks)))
    }

    /// The largest place that is a face, and how many others are of comparable size.
    #[allow(clippy::type_complexity, reason = "a face before it is measured, and a number")]
    fn prominent(
        &mut self,
        view: &RgbView<'_>,
        places: &[FaceBox],
    ) -> Result<(Option<(FaceBox, Landmarks5)>, usize), FaceError> {
        let mut by_size: Vec<&FaceBox> = places.iter().collect();
        by_size.sort_by_key(|place| std::cmp::Reverse(place.width()));
        for (rank, place) in by_size.iter().take(LOOKS_MAX).enumerate() {
            let Some(found) = self.yunet.look(view, place)? else {
                continue;
            };
            let least = COMPANION_SHARE * pixels(place.width());
            let rest = by_size.iter().skip(rank + 1);
            let comparable = rest.take_while(|other| pixels(other.width()) >= least);
            let companions = comparable.take(LOOKS_MAX);
            let mut count = 0;
            for companion in companions {
                count += usize::from(self.yunet.look(view, companion)?.is_some());
            }
            return Ok((Some(found), count));
        }
        Ok((None, 0))
    }

    fn measure(&mut self, view: &RgbView<'_>, bounds: FaceBox, landmarks: Landmarks5) -> Face {
        let start = Instant::now();
        let quality = Quality::measure(view, &bounds, &landmarks, &mut self.chip);
        self.track.follow(view, bounds);
        self.times.landmarks = start.elapsed();
        Face { bounds, landmarks, quality }
    }

    /// What the networks that a comparator wants make of a face that was found in this very frame,
    /// normalised by the cohort of the models. dlib and SFace compute side by side.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a landmark lies outside the picture,
    /// [`FaceError::Featureless`] when the aligned face is almost one colour, and those of the
    /// embedders.
    pub fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        let start = Instant::now();
        let square = face_square(&face.landmarks, view.width(), view.height())?;
        self.chip.fill(view, &square);
        if self.chip.contrast() < CONTRAST_MIN {
            return Err(FaceError::Featureless);
        }
        let features = self.run(view, &face.landmarks, wanted)?;
        let features = match &self.cohort {
            Some(cohort) => cohort.normalise(features),
            None => Ok(features),
        };
        self.times.embed = start.elapsed();
        features
    }

    fn run(
        &mut self,
        view: &RgbView<'_>,
        landmarks: &Landmarks5,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        let Self { dlib, sface, chip, .. } = self;
        let (dlib, sface) = match (wanted.needs_dlib(), wanted.needs_sface()) {
            (true, true) => thread::scope(|scope| {
                let beside = scope.spawn(|| sface.embed(chip));
                let dlib = dlib.embed(view, landmarks);
                let sface = beside.join();
                (
                    Some(dlib),
                    Some(sface.unwrap_or(Err(FaceError::NetworkFailed(Role::EmbedderSface)))),
                )
            }),
            (dlib_wanted, sface_wanted) => (
                dlib_wanted.then(|| dlib.embed(view, landmarks)),
                sface_wanted.then(|| sface.embed(chip)),
            ),
        };
        Ok(Features { dlib: dlib.transpose()?, sface: sface.transpose()? })
    }

    /// Times of the last run of each stage.
    #[must_use]
    pub fn times(&self) -> StageTimes {
        self.times
    }

    /// Median time of one embedding by dlib of a drawn picture on this machine. It tells a fast BLAS
    /// from the reference one, which is 14 times slower.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::embed`].
    pub fn self_test_time(&mut self) -> Result<Duration, FaceError> {
        let drawing = Drawing::new();
        let (view, landmarks) = (drawing.view()?, drawing.landmarks());
        let mut times = Vec::with_capacity(SELF_TEST_RUNS);
        for _ in 0..SELF_TEST_RUNS {
            let start = Instant::now();
            let _: Embedding = self.dlib.embed(&view, &landmarks)?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times.get(SELF_TEST_RUNS / 2).copied().unwrap_or_default())
    }
}
