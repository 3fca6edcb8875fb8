//! The stages in their order.

use std::cmp::Reverse;
use std::thread;
use std::time::{Duration, Instant};

use crate::align::{AlignedFace, face_square};
use crate::comparator::Comparator;
use crate::detector::{FaceSearch, YunetDetector};
use crate::embedder::{DlibEmbedder, Embedding, Features, MeanOffset, SfaceEmbedder};
use crate::error::FaceError;
use crate::geometry::{FaceBox, pixels};
use crate::image::RgbView;
use crate::landmarks::Landmarks5;
use crate::model::VerifiedModels;
use crate::model::role::Role;
use crate::observation::{Face, Observation, Sighting};
use crate::orientation::TurnedConfidences;
use crate::quality::Quality;
use crate::settings::RecogniserSettings;
use crate::stage_times::StageTimes;
use crate::synthetic_image::SyntheticImage;
use crate::track::Track;

/// Lowest contrast of an aligned face that is embedded, in the unit of [`AlignedFace::contrast`].
/// Faces without contrast all have nearly the same embedding.
const CONTRAST_MIN: f32 = 6.0;
/// Smallest width of a second face, as a share of the width of the largest face, with which it
/// counts as one of several. It tells a person next to the user from one at the other end of the
/// room.
const COMPANION_SHARE: f32 = 0.5;
/// Most places of a search that are refined to find the largest face, and again to find companions.
const REFINED_MAX: usize = 4;
/// Threads of SFace. While dlib keeps one of two cores busy, the other thread takes over most of
/// the work.
const SFACE_THREADS: usize = 2;
/// Number of embeddings in [`Recogniser::self_test_time`].
const SELF_TEST_RUNS: usize = 5;

/// Detector and networks, with their weights loaded.
pub struct Recogniser {
    search: FaceSearch,
    yunet: YunetDetector,
    dlib: DlibEmbedder,
    sface: SfaceEmbedder,
    mean_offset: Option<MeanOffset>,
    aligned: AlignedFace,
    /// The frame and the landmarks of `aligned`; `None` when it must be aligned again.
    aligned_from: Option<AlignedFrom>,
    track: Track,
    times: StageTimes,
}

/// The origin of an aligned face: the memory and the sides of the frame, and the landmarks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct AlignedFrom {
    pixels: usize,
    sides: (u32, u32),
    landmarks: Landmarks5,
}

impl AlignedFrom {
    fn new(view: &RgbView<'_>, landmarks: &Landmarks5) -> Self {
        let sides = (view.width(), view.height());
        Self { pixels: view.pixels().as_ptr().addr(), sides, landmarks: *landmarks }
    }
}

impl Recogniser {
    /// Loads verified weights, which takes about half a second.
    ///
    /// # Errors
    /// [`FaceError::DetectionSide`] when the setting is out of range,
    /// [`FaceError::WeightsUnreadable`] and [`FaceError::NetworkUnreadable`] when a file cannot be
    /// used.
    pub fn load(models: &VerifiedModels, settings: RecogniserSettings) -> Result<Self, FaceError> {
        let read = |role| models.read(role).map_err(|_| FaceError::NetworkUnreadable(role));
        Ok(Self {
            search: FaceSearch::new(settings.detection_side)?,
            yunet: YunetDetector::load(read(Role::DetectorYunet)?)?,
            dlib: DlibEmbedder::load(
                &models.path(Role::Landmarks5),
                &models.path(Role::EmbedderDlib),
            )?,
            sface: SfaceEmbedder::load(read(Role::EmbedderSface)?, SFACE_THREADS)?,
            mean_offset: models.mean_offset().cloned(),
            aligned: AlignedFace::default(),
            aligned_from: None,
            track: Track::default(),
            times: StageTimes::default(),
        })
    }

    /// The same recogniser without the mean offset of its models. A new offset is measured with it.
    #[must_use]
    pub fn without_mean_offset(self) -> Self {
        Self { mean_offset: None, ..self }
    }

    /// Ends the track of the last face: the next frame does not follow the last one.
    pub fn begin(&mut self) {
        self.track.lose();
        self.aligned_from = None;
    }

    /// Overwrites what memory keeps of the last frames and their features. To be called at the end
    /// of an attempt; it computes one embedding.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::embed`].
    pub fn forget(&mut self) -> Result<(), FaceError> {
        self.begin();
        self.yunet.forget();
        self.aligned.forget();
        self.dlib.forget(&SyntheticImage::new())
    }

    /// Finds the face of the user and measures its quality. A face that was in the last frame is
    /// tracked: only its surroundings are searched, and every tenth frame the whole frame.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        self.aligned_from = None;
        if let Some(place) = self.track.next_place(view) {
            let start = Instant::now();
            let found = self.yunet.refine(view, &place)?;
            self.times.detect = start.elapsed();
            if let Some(sighting) = found {
                return Ok(Observation::OneFace(self.measure(view, sighting)));
            }
        }
        self.track.lose();
        let start = Instant::now();
        let places = self.search(view)?;
        let found = self.largest_face(view, &places)?;
        self.times.detect = start.elapsed();
        Ok(match found {
            None => Observation::NoFace { frame_brightness: view.brightness() },
            Some((sighting, 0)) => Observation::OneFace(self.measure(view, sighting)),
            Some((_, companions)) => Observation::SeveralFaces(1 + companions),
        })
    }

    /// Every place in the frame that may show a face, before refinement.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn search(&mut self, view: &RgbView<'_>) -> Result<Vec<FaceBox>, FaceError> {
        self.search.search(&mut self.yunet, view)
    }

    /// Refines a place of the frame and measures the face there. `None` when it shows no face.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn inspect(
        &mut self,
        view: &RgbView<'_>,
        place: &FaceBox,
    ) -> Result<Option<Face>, FaceError> {
        self.aligned_from = None;
        let found = self.yunet.refine(view, place)?;
        Ok(found.map(|sighting| self.measure(view, sighting)))
    }

    /// How sure the detector is of a face of this frame, as the frame is and turned.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`].
    pub fn confidences(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
    ) -> Result<TurnedConfidences, FaceError> {
        self.yunet.confidences(view, &face.bounds)
    }

    /// The largest place that is a face, and the number of other faces of comparable size.
    fn largest_face(
        &mut self,
        view: &RgbView<'_>,
        places: &[FaceBox],
    ) -> Result<Option<(Sighting, usize)>, FaceError> {
        let mut by_size: Vec<&FaceBox> = places.iter().collect();
        by_size.sort_by_key(|place| Reverse(place.width()));
        for (rank, place) in by_size.iter().take(REFINED_MAX).enumerate() {
            let Some(sighting) = self.yunet.refine(view, place)? else {
                continue;
            };
            let least = COMPANION_SHARE * pixels(place.width());
            let rest = by_size.iter().skip(rank + 1);
            let comparable = rest.take_while(|other| pixels(other.width()) >= least);
            let mut companions = 0;
            for companion in comparable.take(REFINED_MAX) {
                companions += usize::from(self.yunet.refine(view, companion)?.is_some());
            }
            return Ok(Some((sighting, companions)));
        }
        Ok(None)
    }

    /// Aligns a face and measures its quality.
    fn measure(&mut self, view: &RgbView<'_>, sighting: Sighting) -> Face {
        let Sighting { bounds, landmarks, confidence } = sighting;
        let start = Instant::now();
        let aligned = self.align(view, &landmarks).ok().map(|()| &self.aligned);
        let quality = Quality::measure(view, &bounds, &landmarks, aligned);
        self.aligned_from = aligned.map(|_| AlignedFrom::new(view, &landmarks));
        self.track.follow(view, bounds);
        self.times.landmarks = start.elapsed();
        Face { bounds, landmarks, confidence, quality }
    }

    fn align(&mut self, view: &RgbView<'_>, landmarks: &Landmarks5) -> Result<(), FaceError> {
        let square = face_square(landmarks, view.width(), view.height())?;
        self.aligned.fill(view, &square);
        Ok(())
    }

    /// The features of a face that was found in this frame, by the networks that `wanted` compares,
    /// normalised by the mean offset of the models. dlib and SFace compute at the same time.
    ///
    /// The alignment of [`observe`](Self::observe) or [`inspect`](Self::inspect) is used again when
    /// the frame and the landmarks are those of the last call.
    ///
    /// # Errors
    /// [`FaceError::LandmarksUnusable`] when a landmark is outside the picture,
    /// [`FaceError::Featureless`] when the aligned face has almost no contrast, and those of the
    /// embedders.
    pub fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        let start = Instant::now();
        if self.aligned_from != Some(AlignedFrom::new(view, &face.landmarks)) {
            self.aligned_from = None;
            self.align(view, &face.landmarks)?;
        }
        if self.aligned.contrast() < CONTRAST_MIN {
            return Err(FaceError::Featureless);
        }
        let features = self.run_networks(view, &face.landmarks, wanted)?;
        let features = match &self.mean_offset {
            Some(mean_offset) => mean_offset.normalise(features),
            None => Ok(features),
        };
        self.times.embed = start.elapsed();
        features
    }

    fn run_networks(
        &mut self,
        view: &RgbView<'_>,
        landmarks: &Landmarks5,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        let Self { dlib, sface, aligned, .. } = self;
        let (dlib, sface) = match (wanted.needs_dlib(), wanted.needs_sface()) {
            (true, true) => thread::scope(|scope| {
                let sface = scope.spawn(|| sface.embed(aligned));
                let dlib = dlib.embed(view, landmarks);
                let panicked = Err(FaceError::NetworkFailed(Role::EmbedderSface));
                (Some(dlib), Some(sface.join().unwrap_or(panicked)))
            }),
            (dlib_wanted, sface_wanted) => (
                dlib_wanted.then(|| dlib.embed(view, landmarks)),
                sface_wanted.then(|| sface.embed(aligned)),
            ),
        };
        Ok(Features { dlib: dlib.transpose()?, sface: sface.transpose()? })
    }

    /// Durations of the last run of each stage.
    #[must_use]
    pub fn times(&self) -> StageTimes {
        self.times
    }

    /// Median duration of one embedding by dlib of a synthetic picture. It tells a fast BLAS from
    /// the reference implementation, which is 14 times slower.
    ///
    /// # Errors
    /// Those of [`DlibEmbedder::embed`].
    pub fn self_test_time(&mut self) -> Result<Duration, FaceError> {
        let image = SyntheticImage::new();
        let (view, landmarks) = (image.view()?, image.landmarks());
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
