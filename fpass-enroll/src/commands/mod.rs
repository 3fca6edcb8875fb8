//! One file for each group of commands. Each command returns its exit code or its error.

mod adaptation;
mod add;
mod attempts;
mod audit;
mod audit_show;
mod cameras;
mod check_pam;
mod confirmation;
mod doctor;
mod export;
mod fleet;
mod import;
mod pam;
mod pictures;
mod preview;
mod qualify;
mod recovery_codes;
mod register;
mod setup;
mod status;
mod templates;
mod unlock;
mod verify;
mod why;

use crate::cli::{Cli, Command};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::programs::{EVALUATE, MODELS, become_program, given_arguments};

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
        Command::Preview(arguments) => preview::preview(&arguments).await,
        Command::List(arguments) => templates::list(&arguments).await,
        Command::Rename(arguments) => templates::rename(&arguments).await,
        Command::Remove(arguments) => templates::remove(&arguments).await,
        Command::Clear(arguments) => templates::clear(&arguments).await,
        Command::Verify(arguments) => verify::verify(&arguments).await,
        Command::Qualify(arguments) => qualify::qualify(&arguments).await,
        Command::Status(arguments) => status::status(&arguments).await,
        Command::Why(arguments) => why::why(&arguments).await,
        Command::Register(arguments) => register::register(&arguments).await,
        Command::Setup(arguments) => setup::setup(arguments).await,
        Command::Unlock(arguments) => unlock::unlock(&arguments).await,
        Command::RecoveryCodes(arguments) => recovery_codes::recovery_codes(&arguments).await,
        Command::Cameras(arguments) => cameras::cameras(&arguments).await,
        Command::Evaluate(_) => Err(become_program(EVALUATE, given_arguments())),
        Command::Adaptation(command) => adaptation::run(&command).await,
        Command::CheckPam(arguments) => check_pam::check_pam(&arguments),
        Command::Pam(command) => pam::run(&command),
        Command::Fleet(command) => fleet::run(&command).await,
        Command::Export(arguments) => export::export(&arguments).await,
        Command::Import(arguments) => import::import(&arguments).await,
        Command::Audit(command) => audit::run(&command).await,
        Command::Doctor(arguments) => doctor::doctor(&arguments).await,
        Command::Models(_) => Err(become_program(MODELS, given_arguments())),
    }
}
