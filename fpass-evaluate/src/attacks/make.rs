//! The making of attacks: clips in, directories of JPEG pictures out.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fpass_face::{Recogniser, RecogniserSettings, VerifiedModels};

use super::camera::SimulatedCamera;
use super::plan::{AttackPlan, SECONDS};
use super::random::Random;
use super::scene::Scene;
use super::source::{REPLAY_MAX, Source, Still};
use super::species::Species;
use super::texture::Texture;
use crate::clip_frames::ClipFrames;
use crate::clip_index::{ClipIndex, IndexedClip};
use crate::clips::{self, ClipFile};
use crate::error::Error;
use crate::progress;
use crate::rate::count;
use crate::workers::Workers;

/// Sides of the pictures, those of most webcams, and the focal length of a usual one, in pixels.
const SIDES: (u16, u16) = (640, 480);
const FOCAL: f32 = 600.0;

/// What is made, and of what.
#[derive(Debug)]
pub(crate) struct AttackInputs<'a> {
    /// Clips, or directories of them.
    pub(crate) sources: &'a [PathBuf],
    /// The directory that is made.
    pub(crate) into: &'a Path,
    /// Verified weights.
    pub(crate) models: &'a VerifiedModels,
    /// What all random numbers depend on.
    pub(crate) seed: u64,
    /// Attacks of each species.
    pub(crate) count: u32,
    /// The species; empty for all.
    pub(crate) species: &'a [String],
    /// Frames per second of directories of pictures.
    pub(crate) frame_rate: u32,
    /// Worker threads.
    pub(crate) jobs: NonZeroUsize,
    /// Set when the user asks to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// What was made.
#[derive(Debug)]
pub(crate) struct MadeAttacks {
    /// Clips of each species.
    pub(crate) made: BTreeMap<Species, u64>,
    /// Clips in which no neutral face was found.
    pub(crate) faceless: Vec<String>,
}

/// One attack that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Order {
    species: Species,
    /// Path below the directory, as `species/name`.
    name: String,
}

/// Makes attacks. The directory must be empty or absent.
///
/// # Errors
/// The [`Error`] whose sentence the user should read.
pub(crate) fn make_attacks(inputs: &AttackInputs<'_>) -> Result<MadeAttacks, Error> {
    let species = wanted(inputs.species)?;
    prepare(inputs.into)?;
    let mut clips = Vec::new();
    for source in inputs.sources {
        clips.extend(clips::list(source)?);
    }
    let (sources, faceless) = find_sources(inputs, &clips)?;
    if sources.is_empty() {
        return Err(Error::NoSources(clips.len()));
    }
    let orders = orders(&sources, &species, inputs.count);
    let progress = progress::bar(count(sources.len()), "sources");
    let workers = Workers { jobs: inputs.jobs, stop: inputs.stop, progress: &progress };
    let parts = workers.run(sources.len(), |share| {
        let mut part = Vec::new();
        for number in share {
            if let (Some(source), Some(orders)) = (sources.get(number), orders.get(number)) {
                make_from(inputs, source, orders, &mut part)?;
            }
        }
        Ok(part)
    })?;
    progress.finish_and_clear();
    let mut index = ClipIndex::default();
    let mut made = BTreeMap::new();
    for (order, clip) in parts.into_iter().flatten() {
        *made.entry(order.species).or_default() += 1;
        index.clips.insert(order.name, clip);
    }
    index.write(inputs.into)?;
    Ok(MadeAttacks { made, faceless })
}

fn wanted(names: &[String]) -> Result<Vec<Species>, Error> {
    if names.is_empty() {
        return Ok(Species::ALL.to_vec());
    }
    let named = |name: &String| {
        let known = || Species::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>();
        let unknown = || Error::UnknownSpecies { name: name.clone(), known: known().join(", ") };
        Species::named(name).ok_or_else(unknown)
    };
    names.iter().map(named).collect()
}

/// Creates the directory.
fn prepare(into: &Path) -> Result<(), Error> {
    let unwritable = |reason: io::Error| Error::Unwritable { path: into.to_owned(), reason };
    fs::create_dir_all(into).map_err(unwritable)?;
    match fs::read_dir(into).map_err(unwritable)?.next() {
        None => Ok(()),
        Some(_) => Err(Error::NotEmpty(into.to_owned())),
    }
}

/// The clips with a neutral face, and the names of the others.
fn find_sources(
    inputs: &AttackInputs<'_>,
    clips: &[ClipFile],
) -> Result<(Vec<Source>, Vec<String>), Error> {
    let progress = progress::bar(count(clips.len()), "clips");
    let workers = Workers { jobs: inputs.jobs, stop: inputs.stop, progress: &progress };
    let parts = workers.run(clips.len(), |share| {
        let mut recogniser = Recogniser::load(inputs.models, RecogniserSettings::default())?;
        let mut part = Vec::new();
        for number in share {
            if let Some(clip) = clips.get(number) {
                part.push((number, Source::find(&mut recogniser, clip, inputs.frame_rate)?));
            }
        }
        Ok(part)
    })?;
    progress.finish_and_clear();
    let mut found: Vec<_> = parts.into_iter().flatten().collect();
    found.sort_by_key(|(number, _)| *number);
    let (mut sources, mut faceless) = (Vec::new(), Vec::new());
    for (number, source) in found {
        match source {
            Some(source) => sources.push(source),
            None => faceless.extend(clips.get(number).map(|clip| clip.name.clone())),
        }
    }
    Ok((sources, faceless))
}

/// What is made of each source, so that each species has its number and every source its share.
fn orders(sources: &[Source], species: &[Species], count: u32) -> Vec<Vec<Order>> {
    let mut orders = vec![Vec::new(); sources.len()];
    for &species in species {
        let usable: Vec<usize> = sources
            .iter()
            .enumerate()
            .filter(|(_, source)| source.is_replayable || !species.is_replay())
            .map(|(number, _)| number)
            .collect();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for (&place, _) in usable.iter().cycle().zip(0..count) {
            let (Some(source), Some(own)) = (sources.get(place), orders.get_mut(place)) else {
                continue;
            };
            let number = numbers.entry(source.clip.person.as_str()).or_default();
            *number += 1;
            let person = &source.clip.person;
            own.push(Order { species, name: format!("{species}/{person}-{number:04}") });
        }
    }
    orders
}

fn make_from(
    inputs: &AttackInputs<'_>,
    source: &Source,
    orders: &[Order],
    made: &mut Vec<(Order, IndexedClip)>,
) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let still = source.still(inputs.frame_rate)?;
    for order in orders {
        let mut random = Random::new(inputs.seed, &[&order.name]);
        let seed = format!("{:016x}", random.state());
        let (_, height) = SIDES;
        let plan = AttackPlan::new(order.species, FOCAL, height.into(), &mut random);
        let mut attack = Attack::new(inputs.into.join(&order.name), plan, &still, &mut random)?;
        if order.species.is_replay() {
            attack.replay(ClipFrames::open(&source.clip, inputs.frame_rate)?)?;
        } else {
            attack.hold_up(inputs.stop)?;
        }
        let source = source.clip.name.clone();
        made.push((
            order.clone(),
            IndexedClip { frame_rate: attack.plan.frame_rate, source, seed },
        ));
    }
    Ok(())
}

/// One attack while it is made.
struct Attack {
    directory: PathBuf,
    plan: AttackPlan,
    scene: Scene,
    camera: SimulatedCamera,
    texture: Texture,
    picture: Vec<[f32; 3]>,
    written: u32,
}

impl Attack {
    fn new(
        directory: PathBuf,
        mut plan: AttackPlan,
        still: &Still,
        random: &mut Random,
    ) -> Result<Self, Error> {
        fs::create_dir_all(&directory)
            .map_err(|reason| Error::Unwritable { path: directory.clone(), reason })?;
        let texture = still.texture(plan.scale);
        for (side, reach) in plan.half_sides.iter_mut().zip(texture.reach()) {
            // What is not in the picture of the person is not on the sheet either.
            *side = side.min(reach.max(1.0));
        }
        let (width, height) = SIDES;
        Ok(Self {
            scene: Scene::new(&plan, FOCAL, SIDES, random),
            camera: SimulatedCamera::new(SIDES, random),
            texture,
            picture: vec![[0.0; 3]; usize::from(width) * usize::from(height)],
            written: 0,
            directory,
            plan,
        })
    }

    /// Takes frames of a still picture.
    fn hold_up(&mut self, stop: &AtomicBool) -> Result<(), Error> {
        while self.time() < SECONDS && !stop.load(std::sync::atomic::Ordering::Relaxed) {
            self.take()?;
        }
        Ok(())
    }

    /// Takes frames of a screen that plays a clip.
    fn replay(&mut self, mut frames: ClipFrames) -> Result<(), Error> {
        while let Some((time, frame)) = frames.frame()? {
            let shown = time.as_secs_f64();
            if shown > REPLAY_MAX {
                break;
            }
            // Every frame of the camera until this one is shown sees the one before.
            while f64::from(self.time()) < shown {
                self.take()?;
            }
            self.texture.replace(frame.pixels());
        }
        self.take()
    }

    fn take(&mut self) -> Result<(), Error> {
        self.scene.draw(&self.plan, self.time(), &self.texture, &mut self.picture);
        let path = self.directory.join(format!("{:04}.jpg", self.written));
        let unwritable = |reason| Error::Unwritable { path: path.clone(), reason };
        let jpeg =
            self.camera.take(&self.picture).map_err(|error| unwritable(io::Error::other(error)))?;
        fs::write(&path, jpeg).map_err(unwritable)?;
        self.written += 1;
        Ok(())
    }

    /// The time of the next frame in seconds.
    #[expect(clippy::cast_precision_loss, reason = "some hundred frames")]
    fn time(&self) -> f32 {
        self.written as f32 / self.plan.frame_rate as f32
    }
}

#[cfg(test)]
mod tests;
