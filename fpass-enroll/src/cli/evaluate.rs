//! Arguments of `evaluate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::MODELS_DIRECTORY;

/// Arguments of `evaluate`.
#[derive(Args, Debug)]
pub struct EvaluateArgs {
    /// Directory with one folder for each person, or links to such folders
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = MODELS_DIRECTORY)]
    pub models: PathBuf,
    /// Pictures in a template: the first of each person, in the order of their names
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    pub template_size: NonZeroUsize,
    /// Give the accuracy on these pairs too; the format is that of Labeled Faces in the Wild
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Tell these groups of people apart: lines of "person,group", the person as the folder's name
    #[arg(long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Write report.html, which needs no other file, and its plots into this directory
    ///
    /// It holds no names of people or pictures, only numbers and the names of groups.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Write thresholds for a range of false match rates to this TOML file
    ///
    /// They are for comparison with templates. Beyond the last rate with ten impostor scores above
    /// its threshold they are extrapolated, and marked so.
    #[arg(long, value_name = "FILE")]
    pub calibrate: Option<PathBuf>,
    /// Write the cohort, by which features are normalised, to this TOML file
    ///
    /// It is the mean of the features of one picture of each person. Scores of this run are not
    /// normalised by the cohort of the installed models, so that both can be compared.
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate")]
    pub cohort: Option<PathBuf>,
    /// Keep features in this directory, so that a run that was stopped goes on where it was
    ///
    /// Features are biometric data, unencrypted there: the directory must be open to you alone, and
    /// should be removed when it is no longer needed. Without this option nothing is kept.
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Pictures that are worked on at a time; as many as there are processors by default
    #[arg(short, long, value_name = "NUMBER")]
    pub jobs: Option<NonZeroUsize>,
    /// Print JSON: an array of objects with recognizer, protocol, people, genuine, impostor, points
    /// (fmr, threshold, tar, tar_low, tar_high) and failed_to_enrol, and more
    #[arg(long)]
    pub json: bool,
}
