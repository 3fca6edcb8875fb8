//! Arguments of `fpass-evaluate pad`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fpass_face::model::DIRECTORY;

/// Which turn is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AskedSide {
    /// Each clip is asked for both. A person counts as accepted if accepted for one of them, an
    /// attack if accepted for either
    Both,
    /// The person's own left
    Left,
    /// The person's own right
    Right,
    /// The one in the clip's name, which ends in -left or -right; both without it
    Named,
}

/// Measure how often pictures of faces pass as live, and how often people are refused
///
/// DIR holds the folder bona-fide, with clips of people who turn their heads, and one folder for
/// each species of attack. A clip is a .y4m file, a directory of JPEG or PNG pictures, or a video
/// that ffmpeg reads. Folders may be nested: the first folder below the species is then the person.
/// Otherwise the person is the file's name up to its last dash, without -left or -right at its end.
///
/// The stages of fpassd judge each clip. Its own neutral frame says who is expected, so liveness
/// alone is measured. Times come from the frame rate. A clip that ends before its attempt begins
/// again. Each prompt of an attempt asks for the same side. The figures are given for one prompt,
/// and for a whole attempt, which has a retry.
///
/// The output gives, for each species, the share of attacks that were accepted (APCER), the worst
/// one first, and the share of people who were refused (BPCER). Rates are of the clips with a
/// neutral frame. Their 95 % intervals are exact (Clopper and Pearson), by clip and by person.
#[derive(Debug, Args)]
pub struct PadArgs {
    /// Directory with the folder bona-fide and one folder for each species of attack
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = DIRECTORY)]
    pub models: PathBuf,
    /// Which turn is asked for
    #[arg(long, value_name = "SIDE", default_value = "both")]
    pub ask: AskedSide,
    /// Frames per second of directories of pictures that clips.toml does not list
    ///
    /// make-attacks writes that list.
    #[arg(long, value_name = "NUMBER", default_value = "15",
          value_parser = clap::value_parser!(u32).range(1..=120))]
    pub frame_rate: u32,
    /// End an attempt with its clip instead of playing the clip again
    #[arg(long)]
    pub once: bool,
    /// Write report.html and its plots into this directory
    ///
    /// The page refers to no other file. It holds numbers and the names of species, but no names of
    /// people or clips.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Keep results in this directory, so that a stopped run can continue
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Clips to judge at a time; by default the number of processors
    #[arg(short, long, value_name = "NUMBER")]
    pub jobs: Option<NonZeroUsize>,
    /// Print JSON: bona_fide, species, overall, time_to_verdict and clips
    #[arg(long)]
    pub json: bool,
}
