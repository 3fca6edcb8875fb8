//! `fpass-enroll models`: fetching and checking of the face models.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fpass_face::Manifest;

use super::say;
use crate::cli::{InstallArgs, ModelsCommand, ModelsDirectory};
use crate::daemon::interruption;
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
    let stop = Arc::new(AtomicBool::new(false));
    let mut work = tokio::task::spawn_blocking({
        let stop = Arc::clone(&stop);
        move || install_until(&stop, &arguments)
    });
    let result = tokio::select! {
        result = &mut work => result,
        stopped = interruption() => {
            stopped?;
            stop.store(true, Ordering::Relaxed);
            work.await
        }
    };
    result.map_err(std::io::Error::other)?
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
