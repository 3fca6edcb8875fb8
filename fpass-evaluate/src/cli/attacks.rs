//! Arguments of `fpass-evaluate make-attacks`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use fpass_face::model::DIRECTORY;

/// Make presentation attacks from clips of people
///
/// From each clip the most neutral face of its first frames is taken, and shown to a made camera on
/// paper or on a screen. The sheet is held still at first. Then it is turned, tilted, bent, folded
/// or moved as somebody would who wants to pass a prompt to turn. The species screen-replay plays
/// the clip on a screen instead; it needs clips of at least 1.5 s. The camera blurs, adds noise and
/// compresses with JPEG. It takes 15 or 30 pictures a second.
///
/// The result is one directory of pictures for each attack, below a folder for its species, and the
/// list clips.toml. fpass-evaluate pad reads both. Equal clips and equal seeds give equal pictures.
/// The pictures show people: delete them when you no longer need them.
#[derive(Debug, Args)]
pub struct MakeAttacksArgs {
    /// Clips, or directories of clips, as for pad
    #[arg(value_name = "CLIP", required = true)]
    pub sources: Vec<PathBuf>,
    /// Directory for the attacks; it must be absent or empty
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = DIRECTORY)]
    pub models: PathBuf,
    /// Number that determines everything random
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub seed: u64,
    /// Attacks of each species
    #[arg(long, value_name = "NUMBER", default_value = "100",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub count: u32,
    /// Only these species, separated by commas
    #[arg(long, value_name = "SPECIES", value_delimiter = ',')]
    pub species: Vec<String>,
    /// Frames per second of directories of pictures
    #[arg(long, value_name = "NUMBER", default_value = "15",
          value_parser = clap::value_parser!(u32).range(1..=120))]
    pub frame_rate: u32,
    /// Clips to work on at a time; by default the number of processors
    #[arg(short, long, value_name = "NUMBER")]
    pub jobs: Option<NonZeroUsize>,
}
