//! `fpass-enroll models`: fetching and checking of the face models.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use fpass_face::Manifest;

use super::{say, until_stopped};
use crate::cli::{InstallArgs, ModelsCommand, ModelsDirectory};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::fetch::{Fetch, Step};
use crate::printable::Printable;

/// Installs or checks the face models.
pub(super) async fn run(command: ModelsCommand) -> Result<ExitCode, Error> {
    match command {
        ModelsCommand::Install(arguments) => install(arguments).await,
        ModelsCommand::Verify(arguments) => verify(&arguments),
    }
}

async fn install(arguments: InstallArgs) -> Result<ExitCode, Error> {
    until_stopped(move |stop| install_until(stop, &arguments)).await
}

fn install_until(stop: &AtomicBool, arguments: &InstallArgs) -> Result<ExitCode, Error> {
    let directory = &arguments.target.directory;
    let fetch = Fetch { archives: arguments.archives.as_deref(), stop };
    // A reader that has gone away is no reason to leave the models half installed.
    let mut report = |step: Step<'_>| say(step).unwrap_or_default();
    fetch.install(&Manifest::embedded()?.into(), directory, &mut report)?;
    say(format_args!("The face models in {} are complete.", shown(directory)))?;
    Ok(ExitCode::Done)
}

fn verify(arguments: &ModelsDirectory) -> Result<ExitCode, Error> {
    let directory = &arguments.directory;
    Manifest::embedded()?.verify(directory)?;
    say(format_args!("The face models in {} are complete and unaltered.", shown(directory)))?;
    Ok(ExitCode::Done)
}

fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}
