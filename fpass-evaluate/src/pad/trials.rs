//! The whole of a measurement of liveness.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use fpass_evaluate::cli::AskedSide;
use fpass_face::liveness::DepthTemplate;
use fpass_face::{Recogniser, RecogniserSettings, VerifiedModels};

use super::attempts::{ClipJudge, Playback};
use super::evaluation::PadEvaluation;
use super::figures::{JudgedClip, Presentation, SpeciesFigures};
use super::result::{ClipResult, Side};
use crate::cache::{Binding, Cache};
use crate::clip_index::ClipIndex;
use crate::clips::{self, ClipFile, NamedSide};
use crate::content;
use crate::error::Error;
use crate::extract::recogniser_binding;
use crate::progress;
use crate::rate::count;
use crate::workers::Workers;

/// The folder of the clips of people.
const BONA_FIDE: &str = "bona-fide";

/// What is measured, and how.
#[derive(Debug)]
pub(crate) struct PadInputs<'a> {
    /// Directory of the species.
    pub(crate) directory: &'a Path,
    /// Verified weights.
    pub(crate) models: &'a VerifiedModels,
    /// Which turn is asked for.
    pub(crate) ask: AskedSide,
    /// Frames per second of directories of pictures that are not listed.
    pub(crate) frame_rate: u32,
    /// Whether an attempt ends with its clip.
    pub(crate) once: bool,
    /// Directory in which results are kept.
    pub(crate) cache: Option<&'a Path>,
    /// Worker threads.
    pub(crate) jobs: NonZeroUsize,
    /// Set when the user asks to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// A clip, its species and its frame rate.
struct Trial {
    species: usize,
    clip: ClipFile,
    frame_rate: u32,
    sides: Vec<Side>,
}

/// Measures a directory of clips.
///
/// # Errors
/// The [`Error`] whose sentence the user should read.
pub(crate) fn measure(inputs: &PadInputs<'_>) -> Result<PadEvaluation, Error> {
    let index = ClipIndex::read(inputs.directory)?;
    let mut names = Vec::new();
    let mut trials = Vec::new();
    for folder in clips::folders(inputs.directory)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = clips::list(&folder)?;
        let species = names.len();
        if !found.is_empty() {
            trials.extend(found.into_iter().map(|clip| {
                let listed = index.clips.get(&format!("{name}/{}", clip.name));
                let frame_rate = listed.map_or(inputs.frame_rate, |clip| clip.frame_rate);
                Trial { species, sides: sides(inputs.ask, &clip), clip, frame_rate }
            }));
            names.push(name);
        }
    }
    if trials.is_empty() {
        return Err(Error::NoClips(inputs.directory.to_owned()));
    }
    let results = judge(inputs, &trials)?;
    let mut clips: Vec<Vec<JudgedClip>> = names.iter().map(|_| Vec::new()).collect();
    for (Trial { species, clip, .. }, result) in trials.into_iter().zip(results) {
        if let Some(clips) = clips.get_mut(species) {
            clips.push(JudgedClip { name: clip.name, person: clip.person, result });
        }
    }
    let (mut bona_fide, mut species) = (None, Vec::new());
    for (name, clips) in names.into_iter().zip(clips) {
        if name == BONA_FIDE {
            bona_fide = Some(SpeciesFigures::of(name, Presentation::BonaFide, clips));
        } else {
            species.push(SpeciesFigures::of(name, Presentation::Attack, clips));
        }
    }
    let rate = |figures: &SpeciesFigures| figures.attempt.clips.rate().unwrap_or(-1.0);
    species.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then_with(|| a.name.cmp(&b.name)));
    Ok(PadEvaluation { bona_fide, species })
}

fn sides(ask: AskedSide, clip: &ClipFile) -> Vec<Side> {
    match (ask, clip.side) {
        (AskedSide::Left, _) | (AskedSide::Named, Some(NamedSide::Left)) => vec![Side::Left],
        (AskedSide::Right, _) | (AskedSide::Named, Some(NamedSide::Right)) => vec![Side::Right],
        (AskedSide::Both, _) | (AskedSide::Named, None) => vec![Side::Left, Side::Right],
    }
}

fn judge(inputs: &PadInputs<'_>, trials: &[Trial]) -> Result<Vec<ClipResult>, Error> {
    let settings = RecogniserSettings::default();
    let binding = recogniser_binding(inputs.models, settings, true);
    let cache = inputs.cache.map(|path| Cache::open(path, binding)).transpose()?;
    let progress = progress::bar(count(trials.len()), "clips");
    let workers = Workers { jobs: inputs.jobs, stop: inputs.stop, progress: &progress };
    let parts = workers.run(trials.len(), |share| {
        let mut worker = Worker { inputs, cache: cache.as_ref(), judge: None };
        let mut part = Vec::new();
        for number in share {
            if let Some(trial) = trials.get(number) {
                part.push((number, worker.result(trial)?));
            }
        }
        Ok(part)
    })?;
    progress.finish_and_clear();
    let mut results: Vec<(usize, ClipResult)> = parts.into_iter().flatten().collect();
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// One worker, whose recogniser is loaded when the first clip needs it.
struct Worker<'a> {
    inputs: &'a PadInputs<'a>,
    cache: Option<&'a Cache>,
    judge: Option<ClipJudge>,
}

impl Worker<'_> {
    fn result(&mut self, trial: &Trial) -> Result<ClipResult, Error> {
        let place = self.cache.and_then(|cache| self.place(cache, trial));
        if let Some(kept) = place.as_ref().and_then(|(cache, binding)| cache.find(binding)) {
            return Ok(kept);
        }
        let inputs = self.inputs;
        let judge = match &mut self.judge {
            Some(judge) => judge,
            absent => {
                let recogniser = Recogniser::load(inputs.models, RecogniserSettings::default())?;
                absent.insert(ClipJudge::new(recogniser, DepthTemplate::embedded()?))
            }
        };
        let PadInputs { once, stop, .. } = *inputs;
        let playback = Playback { frame_rate: trial.frame_rate, once, stop };
        let result = judge.judge(&trial.clip, &trial.sides, playback)?;
        if let (Some((cache, binding)), None) = (place, &result.unreadable) {
            cache.keep(&binding, &result)?;
        }
        Ok(result)
    }

    /// Where the result is kept; nowhere for a clip that cannot be read.
    fn place<'c>(&self, cache: &'c Cache, trial: &Trial) -> Option<(&'c Cache, Binding)> {
        let digest = content::digest(&trial.clip.path).ok()?;
        let how = format!("{} {} {:?}", trial.frame_rate, self.inputs.once, trial.sides);
        Some((cache, cache.binding(&[&digest[..], how.as_bytes()].concat())))
    }
}
