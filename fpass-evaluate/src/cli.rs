//! The command line, defined once: the parser, `--help`, the man page and the completions.

mod attacks;
mod pad;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use fpass_face::model::DIRECTORY;

use crate::exit_code;

pub use attacks::MakeAttacksArgs;
pub use pad::{AskedSide, PadArgs};

/// Measure how good recognition and liveness are
///
/// DIR holds one folder for each person, with JPEG or PNG pictures of that person. The stages of
/// fpassd find the face nearest to the middle of each picture and compute its features. Every
/// picture is then compared with every other one, and with a template of each person who has enough
/// pictures. The output gives, for each comparator, the true accept rates at fixed false match
/// rates with exact 95 % confidence intervals. A rate with too few comparisons is marked as not
/// supported. The program uses neither a camera nor fpassd, and enrols nobody. The commands pad and
/// make-attacks measure liveness instead, on clips; a directory of that name is given as ./pad.
#[derive(Debug, Parser)]
#[command(
    name = "fpass-evaluate",
    bin_name = "fpass-evaluate",
    version,
    after_long_help = exit_code::help(),
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to measure instead of recognition
    #[command(subcommand)]
    pub command: Option<LivenessCommand>,
    /// How recognition is measured
    #[command(flatten)]
    pub recognition: RecognitionArgs,
}

/// Commands about liveness.
#[derive(Debug, Subcommand)]
pub enum LivenessCommand {
    /// Measure how often pictures of faces pass as live, and how often people are refused
    Pad(PadArgs),
    /// Make presentation attacks from clips of people
    MakeAttacks(MakeAttacksArgs),
}

/// Arguments of the measurement of recognition.
#[derive(Debug, clap::Args)]
pub struct RecognitionArgs {
    /// Directory with one folder for each person, or links to such folders
    #[arg(value_name = "DIR", required = true)]
    pub directory: Option<PathBuf>,
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = DIRECTORY)]
    pub models: PathBuf,
    /// Pictures in a template: the first ones of each person, in the order of their names
    #[arg(long, value_name = "NUMBER", default_value = "5")]
    pub template_size: NonZeroUsize,
    /// Also give the accuracy on these pairs, in the format of Labeled Faces in the Wild
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Give errors for groups of people: lines of "person,group", where person is a folder's name
    #[arg(long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
    /// Write report.html and its plots into this directory
    ///
    /// The page refers to no other file. It holds numbers and the names of groups, but no names of
    /// people or pictures.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Write thresholds for a range of false match rates to this TOML file
    ///
    /// The thresholds are for comparison with templates. Below the last rate that has ten impostor
    /// scores above its threshold they are extrapolated and marked as such.
    #[arg(long, value_name = "FILE")]
    pub calibrate: Option<PathBuf>,
    /// Write the cohort, which normalises features, to this TOML file
    ///
    /// The cohort is a share of the mean of the features of one picture of each person. Scores of
    /// this run are not normalised by the cohort of the installed models.
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate")]
    pub cohort: Option<PathBuf>,
    /// Keep features in this directory, so that a stopped run can continue
    ///
    /// Features are biometric data and are stored unencrypted. The directory must be open to you
    /// alone; delete it when you no longer need it. Without this option no features are stored.
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Pictures to process at a time; by default the number of processors
    #[arg(short, long, value_name = "NUMBER")]
    pub jobs: Option<NonZeroUsize>,
    /// Print JSON: an array of objects with recognizer, protocol, people, genuine, impostor, points
    /// (fmr, threshold, tar, tar_low, tar_high) and failed_to_enrol, and more
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn a_directory_is_needed_unless_there_is_a_command() {
        assert!(parse("fpass-evaluate --json").is_err());
        assert!(parse("fpass-evaluate pad").is_err());
        assert!(parse("fpass-evaluate make-attacks --into out").is_err());
        assert!(parse("fpass-evaluate people pad clips").is_err());
        let people = parse("fpass-evaluate --json people").unwrap();
        assert!(people.command.is_none() && people.recognition.directory.is_some());
        let pad = parse("fpass-evaluate pad --ask left clips").unwrap();
        let Some(LivenessCommand::Pad(pad)) = pad.command else { panic!("{pad:?}") };
        assert_eq!((pad.directory, pad.ask), (PathBuf::from("clips"), AskedSide::Left));
    }
}
