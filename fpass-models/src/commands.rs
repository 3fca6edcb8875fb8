//! The commands: fetching and checking of the face models.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use fpass_face::Manifest;
use fpass_terminal::{Printable, say, until_stopped};

use crate::cli::{Cli, Command, DirectoryArgs, InstallArgs};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::fetch::{FetchStep, Fetcher};

/// Installs or checks the face models.
///
/// # Errors
/// The [`Error`] whose sentence the user should read.
pub fn run(cli: Cli) -> Result<ExitCode, Error> {
    match cli.command {
        Command::Install(arguments) => until_stopped(move |stop| install(stop, &arguments)),
        Command::Verify(arguments) => verify(&arguments),
    }
}

fn install(stop: &AtomicBool, arguments: &InstallArgs) -> Result<ExitCode, Error> {
    let directory = &arguments.target.directory;
    let fetcher = Fetcher { archives: arguments.archives.as_deref(), stop };
    // A closed standard output does not stop the installation half-way.
    let mut report = |step: FetchStep<'_>| say(step).unwrap_or_default();
    fetcher.install(&Manifest::embedded()?.into(), directory, &mut report)?;
    say(format_args!("The face models in {} are complete.", shown(directory)))?;
    Ok(ExitCode::Done)
}

fn verify(arguments: &DirectoryArgs) -> Result<ExitCode, Error> {
    let directory = &arguments.directory;
    Manifest::embedded()?.verify(directory)?;
    say(format_args!("The face models in {} are complete and unaltered.", shown(directory)))?;
    Ok(ExitCode::Done)
}

fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}
