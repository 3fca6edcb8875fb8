//! dlib's face network.

use std::path::Path;
use std::time::{Duration, Instant};

use dlib_face_recognition::{FaceEncoderNetwork, FaceEncoderTrait, FaceLandmarks};
use zeroize::Zeroizing;

use super::Embedding;
use crate::align::{Chip, ChipRegion};
use crate::dlib_matrix::DlibImage;
use crate::error::FaceError;
use crate::geometry::FaceBox;
use crate::image::RgbView;
use crate::landmarks::{LandmarkPredictor, openable};

/// Lowest contrast of an aligned face, in the unit of [`Chip::contrast`]: blank frames all embed to
/// nearly the same place. Webcam frames measure 28 to 43, and 10 to 15 at a third of their light.
const CONTRAST_MIN: f32 = 6.0;

/// Number of random copies that dlib averages over: 0, because more share one unsynchronised
/// generator.
const JITTERS: u32 = 0;

/// Embeddings measured by [`DlibEmbedder::self_test_time`].
const SELF_TEST_RUNS: usize = 5;

/// dlib's ResNet v1: a 150×150 chip, aligned by five landmarks, to 128 values.
pub struct DlibEmbedder {
    network: FaceEncoderNetwork,
}

impl DlibEmbedder {
    /// Reads the weights. They must have been verified: dlib accepts most damaged files.
    ///
    /// # Errors
    /// [`FaceError::WeightsUnreadable`] when dlib cannot read the file.
    pub fn load(path: &Path) -> Result<Self, FaceError> {
        let unreadable = || FaceError::WeightsUnreadable(path.to_owned());
        let path = openable(path).ok_or_else(unreadable)?;
        let network = FaceEncoderNetwork::open(path).map_err(|_| unreadable())?;
        Ok(Self { network })
    }

    /// The embedding of the face in a box.
    ///
    /// dlib's own landmarks are predicted here again (0.3 ms), so that what reaches the network
    /// has been checked against this very picture.
    ///
    /// # Errors
    /// Those of [`LandmarkPredictor::predict`]; [`FaceError::LandmarksUnusable`] when a landmark
    /// lies outside the picture; [`FaceError::Featureless`] when the aligned face is almost one
    /// colour; [`FaceError::EmbeddingNotFinite`] when the network computes no numbers.
    pub fn embed(
        &mut self,
        view: &RgbView<'_>,
        bounds: &FaceBox,
        predictor: &LandmarkPredictor,
    ) -> Result<Embedding, FaceError> {
        let image = DlibImage::new(view);
        let (landmarks, shape) = predictor.shape(&image, bounds)?;
        let region = ChipRegion::new(&landmarks, view.width(), view.height())?;
        if Chip::extract(view, &region).contrast() < CONTRAST_MIN {
            return Err(FaceError::Featureless);
        }
        self.run(&image, &shape)
    }

    /// Median time of a few embeddings of a drawn picture. It tells a fast BLAS from the reference
    /// one, which is 14 times slower.
    ///
    /// # Errors
    /// Those of [`LandmarkPredictor::predict`], and a network without a result.
    pub fn self_test_time(&mut self, predictor: &LandmarkPredictor) -> Result<Duration, FaceError> {
        const SIDE: u8 = 200;
        let side = u32::from(SIDE);
        let drawn: Vec<u8> =
            (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| [x, y, x ^ y])).collect();
        let view = RgbView::new(side, side, &drawn)?;
        let bounds = FaceBox::clip(50.0, 50.0, 100.0, 100.0, side, side);
        let bounds = bounds.ok_or(FaceError::BoxOutside)?;
        let image = DlibImage::new(&view);
        let (_, shape) = predictor.shape(&image, &bounds)?;
        let mut times = Vec::with_capacity(SELF_TEST_RUNS);
        for _ in 0..SELF_TEST_RUNS {
            let start = Instant::now();
            self.run(&image, &shape)?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times.get(SELF_TEST_RUNS / 2).copied().unwrap_or_default())
    }

    /// Runs the network. The landmarks must come from this picture and be five: dlib ends the
    /// process on any other number.
    fn run(&self, image: &DlibImage, shape: &FaceLandmarks) -> Result<Embedding, FaceError> {
        let found =
            self.network.get_face_encodings(image.matrix(), std::slice::from_ref(shape), JITTERS);
        let encoding = found.first().ok_or(FaceError::EmbeddingLength(0))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the network computes in f32; the binding widens"
        )]
        let values: Zeroizing<Vec<f32>> =
            Zeroizing::new(encoding.as_ref().iter().map(|&value| value as f32).collect());
        Embedding::from_values(&values)
    }
}
