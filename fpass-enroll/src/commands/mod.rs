//! One file per group of commands. Each returns the exit code or the sentence of its failure.

mod adaptation;
mod add;
mod audit;
mod audit_show;
mod cameras;
mod check_pam;
mod confirmation;
mod doctor;
mod evaluate;
mod export;
mod fleet;
mod import;
mod models;
mod pam;
mod qualify;
mod recovery_codes;
mod register;
mod standing;
mod status;
mod templates;
mod unlock;
mod verify;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::cli::{Cli, Command};
use crate::daemon::interruption;
use crate::error::Error;
use crate::exit_code::ExitCode;

/// Carries out a parsed command line.
///
/// # Errors
/// The [`Error`] whose sentence the user should read.
pub fn run(cli: Cli) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(dispatch(cli.command))
}

async fn dispatch(command: Command) -> Result<ExitCode, Error> {
    match command {
        Command::Add(arguments) => add::add(&arguments).await,
        Command::List(arguments) => templates::list(&arguments).await,
        Command::Rename(arguments) => templates::rename(&arguments).await,
        Command::Remove(arguments) => templates::remove(&arguments).await,
        Command::Clear(arguments) => templates::clear(&arguments).await,
        Command::Verify(arguments) => verify::verify(&arguments).await,
        Command::Qualify(arguments) => qualify::qualify(&arguments).await,
        Command::Status(arguments) => status::status(&arguments).await,
        Command::Register(arguments) => register::register(&arguments).await,
        Command::Unlock(arguments) => unlock::unlock(&arguments).await,
        Command::RecoveryCodes(arguments) => recovery_codes::recovery_codes(&arguments).await,
        Command::Cameras(arguments) => cameras::cameras(&arguments).await,
        Command::Evaluate(arguments) => evaluate::evaluate(arguments).await,
        Command::Adaptation(command) => adaptation::run(&command).await,
        Command::CheckPam(arguments) => check_pam::check_pam(&arguments),
        Command::Pam(command) => pam::run(&command),
        Command::Fleet(command) => fleet::run(&command).await,
        Command::Export(arguments) => export::export(&arguments).await,
        Command::Import(arguments) => import::import(&arguments).await,
        Command::Audit(command) => audit::run(&command).await,
        Command::Doctor(arguments) => doctor::doctor(&arguments).await,
        Command::Models(arguments) => models::run(arguments).await,
    }
}

/// Runs long work beside the event loop. Ctrl-C or a termination signal sets the flag that it is
/// given; its own end is waited for all the same.
async fn until_stopped(
    work: impl FnOnce(&AtomicBool) -> Result<ExitCode, Error> + Send + 'static,
) -> Result<ExitCode, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut task = tokio::task::spawn_blocking({
        let stop = Arc::clone(&stop);
        move || work(&stop)
    });
    let result = tokio::select! {
        result = &mut task => result,
        stopped = interruption() => {
            stopped?;
            stop.store(true, Ordering::Relaxed);
            task.await
        }
    };
    result.map_err(io::Error::other)?
}

/// Writes one line to standard output.
fn say(line: impl std::fmt::Display) -> Result<(), Error> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

/// Writes a value as JSON to standard output.
fn say_json(value: &impl Serialize) -> Result<(), Error> {
    say(serde_json::to_string_pretty(value).map_err(io::Error::from)?)
}
