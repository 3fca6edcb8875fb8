//! Features of every picture, computed by the stages of the daemon.

use fpass_face::{
    Comparator, Face, FaceError, Features, Point, QualityLimits, Recogniser, RecogniserSettings,
    RgbView, VerifiedModels,
};
use sha2::{Digest, Sha256};

use super::cache::{Binding, Cache};
use super::dataset::PictureFile;
use super::error::Error;
use super::outcome::{Failure, Outcome};
use super::picture;
use super::workers::Workers;

/// Identifies models and settings in a cache. The version of this program is part of it, because
/// another version may align or search differently.
pub(crate) fn recogniser_binding(
    models: &VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
) -> Binding {
    Sha256::new()
        .chain_update(models.fingerprint())
        .chain_update(env!("CARGO_PKG_VERSION"))
        .chain_update(settings.detection_side.to_le_bytes())
        .chain_update([u8::from(normalised)])
        .finalize()
        .into()
}

/// The outcome of each picture, in the order of the pictures.
///
/// # Errors
/// [`Error::Recogniser`] when it does not load, those of [`Cache::keep`] and
/// [`Workers::run`].
pub(crate) fn outcomes(
    pictures: &[PictureFile],
    models: &VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
    cache: Option<&Cache>,
    workers: &Workers<'_>,
) -> Result<Vec<Outcome>, Error> {
    let parts = workers.run(pictures.len(), |share| {
        let mut extractor = Extractor { models, settings, normalised, recogniser: None };
        let mut part = Vec::new();
        for number in share {
            if let Some(picture) = pictures.get(number) {
                part.push((number, extractor.outcome(picture, cache)?));
            }
        }
        Ok(part)
    })?;
    let mut outcomes: Vec<(usize, Outcome)> = parts.into_iter().flatten().collect();
    outcomes.sort_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// One worker's recogniser, loaded when the first picture needs it.
struct Extractor<'a> {
    models: &'a VerifiedModels,
    settings: RecogniserSettings,
    normalised: bool,
    recogniser: Option<Recogniser>,
}

impl Extractor<'_> {
    fn outcome(&mut self, picture: &PictureFile, cache: Option<&Cache>) -> Result<Outcome, Error> {
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
                absent.insert(if self.normalised { loaded } else { loaded.without_mean_offset() })
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

/// The face nearest to the middle of the picture: the person whom the picture is of.
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
