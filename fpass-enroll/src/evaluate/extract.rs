//! Features of every picture, by the very stages of the daemon.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use fpass_face::{
    Comparator, Face, FaceError, Features, Point, QualityLimits, Recogniser, RecogniserSettings,
    RgbView, VerifiedModels,
};
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use super::cache::{Binding, Cache};
use super::dataset::Picture;
use super::error::EvaluateError;
use super::outcome::{Failure, Outcome};
use super::picture;

/// How work is spread and watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work<'a> {
    /// Worker threads.
    pub(crate) jobs: NonZeroUsize,
    /// Set when the user wants to stop.
    pub(crate) stop: &'a AtomicBool,
    /// Advances by one for each piece of work.
    pub(crate) progress: &'a ProgressBar,
}

impl Work<'_> {
    /// Hands the numbers 0 to `pieces` to the workers, each of which makes one `T` of its share.
    ///
    /// # Errors
    /// The first error of a worker, [`EvaluateError::Interrupted`], [`EvaluateError::Worker`].
    pub(crate) fn share<T: Send>(
        &self,
        pieces: usize,
        worker: impl Fn(&mut dyn Iterator<Item = usize>) -> Result<T, EvaluateError> + Sync,
    ) -> Result<Vec<T>, EvaluateError> {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let take = || {
            if self.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed) {
                return None;
            }
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&piece| piece < pieces)
        };
        let run = || {
            let mut share = std::iter::from_fn(take).inspect(|_| self.progress.inc(1));
            worker(&mut share).inspect_err(|_| failed.store(true, Ordering::Relaxed))
        };
        let results: Vec<Result<T, EvaluateError>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.get()).map(|_| scope.spawn(run)).collect();
            let ended = workers.into_iter().map(thread::ScopedJoinHandle::join);
            ended.map(|result| result.unwrap_or(Err(EvaluateError::Worker))).collect()
        });
        let results = results.into_iter().collect::<Result<_, _>>()?;
        if self.stop.load(Ordering::Relaxed) {
            return Err(EvaluateError::Interrupted);
        }
        Ok(results)
    }
}

/// What stands for the models and settings in a cache. The version of this program is part of it:
/// another one may align or search otherwise.
pub(crate) fn recogniser_binding(
    models: &VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
) -> Binding {
    Sha256::new()
        .chain_update(models.fingerprint())
        .chain_update(env!("CARGO_PKG_VERSION"))
        .chain_update(settings.detector.to_string())
        .chain_update(settings.detection_side.to_le_bytes())
        .chain_update([u8::from(normalised)])
        .finalize()
        .into()
}

/// What becomes of each picture, in their order.
///
/// # Errors
/// [`EvaluateError::Recogniser`] when it does not load, those of [`Cache::keep`] and
/// [`Work::share`].
pub(crate) fn outcomes(
    pictures: &[Picture],
    models: &VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
    cache: Option<&Cache>,
    work: &Work<'_>,
) -> Result<Vec<Outcome>, EvaluateError> {
    let parts = work.share(pictures.len(), |share| {
        let mut observer = Observer { models, settings, normalised, recogniser: None };
        let mut part = Vec::new();
        for number in share {
            if let Some(picture) = pictures.get(number) {
                part.push((number, observer.outcome(picture, cache)?));
            }
        }
        Ok(part)
    })?;
    let mut outcomes: Vec<(usize, Outcome)> = parts.into_iter().flatten().collect();
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// One worker's recogniser, loaded when the first picture needs it.
struct Observer<'a> {
    models: &'a VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
    recogniser: Option<Recogniser>,
}

impl Observer<'_> {
    fn outcome(
        &mut self,
        picture: &Picture,
        cache: Option<&Cache>,
    ) -> Result<Outcome, EvaluateError> {
        let bytes = match picture::read(&picture.path) {
            Ok(bytes) => bytes,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        let place = cache.map(|cache| (cache, cache.binding(&bytes)));
        if let Some(kept) = place.as_ref().and_then(|(cache, binding)| cache.find(binding)) {
            return Ok(kept);
        }
        let recogniser = match &mut self.recogniser {
            Some(recogniser) => recogniser,
            absent => {
                let loaded = Recogniser::load(self.models, self.settings)?;
                absent.insert(if self.normalised { loaded } else { loaded.without_cohort() })
            }
        };
        let outcome = observe(recogniser, &bytes).unwrap_or_else(Outcome::Failed);
        if let Some((cache, binding)) = place {
            cache.keep(&binding, &outcome)?;
        }
        Ok(outcome)
    }
}

fn observe(recogniser: &mut Recogniser, bytes: &[u8]) -> Result<Outcome, Failure> {
    let picture = picture::decode(bytes)?;
    let view = RgbView::new(picture.width(), picture.height(), picture.as_raw())
        .map_err(|error| failure(&error))?;
    let (face, features) =
        subject(recogniser, &view).map_err(|error| failure(&error))?.ok_or(Failure::NoFace)?;
    let remark = face.quality.assess(&QualityLimits::default()).map(Into::into);
    Ok(Outcome::Enrolled(features, remark))
}

/// The face nearest to the middle of the picture, whom the picture is of.
fn subject(
    recogniser: &mut Recogniser,
    view: &RgbView<'_>,
) -> Result<Option<(Face, Features)>, FaceError> {
    recogniser.begin();
    let half = |side: u32| f32::from(u16::try_from(side).unwrap_or(u16::MAX)) / 2.0;
    let middle = Point { x: half(view.width()), y: half(view.height()) };
    let mut places = recogniser.search(view)?;
    let distance = |place: &fpass_face::FaceBox| place.centre().distance(middle);
    places.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    for place in &places {
        if let Some(face) = recogniser.inspect(view, place)? {
            let features = recogniser.embed(view, &face, Comparator::Fused)?;
            return Ok(Some((face, features)));
        }
    }
    Ok(None)
}

fn failure(error: &FaceError) -> Failure {
    match error {
        FaceError::PictureSides { .. } | FaceError::PictureLength { .. } => Failure::Size,
        FaceError::LandmarksUnusable => Failure::CutOff,
        FaceError::Featureless => Failure::Featureless,
        FaceError::DetectionSide(_)
        | FaceError::WeightsUnreadable(_)
        | FaceError::NetworkUnreadable(_)
        | FaceError::NetworkFailed(_)
        | FaceError::LandmarkCount(_)
        | FaceError::EmbeddingLength(_)
        | FaceError::EmbeddingNotFinite
        | FaceError::TemplateEmpty => Failure::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work<'a>(stop: &'a AtomicBool, progress: &'a ProgressBar) -> Work<'a> {
        Work { jobs: NonZeroUsize::new(3).unwrap(), stop, progress }
    }

    #[test]
    fn a_stop_ends_the_work() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let result = work(&stop, &progress).share(1_000_000_000, |share| {
            for piece in share {
                stop.fetch_or(piece >= 10, Ordering::Relaxed);
            }
            Ok(())
        });
        assert!(matches!(result, Err(EvaluateError::Interrupted)));
    }

    #[test]
    fn an_error_and_a_panic_of_one_worker_end_the_work() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let result = work(&stop, &progress).share(10, |share| match share.next() {
            Some(0) => Err(EvaluateError::TooFewFaces(0)),
            _ => Ok(()),
        });
        assert!(matches!(result, Err(EvaluateError::TooFewFaces(0))));
        let result = work(&stop, &progress).share(10, |share| {
            assert_ne!(share.next(), Some(0));
            Ok(())
        });
        assert!(matches!(result, Err(EvaluateError::Worker)));
    }

    #[test]
    fn every_piece_is_done_once() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let parts = work(&stop, &progress).share(1000, |share| Ok(share.collect::<Vec<_>>()));
        let mut pieces: Vec<usize> = parts.unwrap().concat();
        pieces.sort_unstable();
        assert!(pieces.iter().copied().eq(0..1000));
    }
}
