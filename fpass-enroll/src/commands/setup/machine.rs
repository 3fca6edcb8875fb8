//! What the setup does to the machine, and what it knows about it.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use fpass_proto::UserName;
use fpass_stack::face_check::is_face_check;
use fpass_stack::root::services;
use fpass_stack::{Facility, resolve};
use serde::Deserialize;

use crate::error::Error;
use crate::programs::{self, MODELS};
use crate::stacks;

/// The machine, for the setup.
pub(super) trait SetupMachine {
    /// Runs a command of this program and returns its exit code.
    ///
    /// # Errors
    /// When it cannot be started.
    fn command(&self, words: &[String]) -> Result<u8, Error>;

    /// Runs a command of `fpass-models` and returns its exit code.
    ///
    /// # Errors
    /// When it cannot be started.
    fn models(&self, command: &str) -> Result<u8, Error>;

    /// What the user has. Nothing if the daemon does not tell: without models it does not start.
    ///
    /// # Errors
    /// When the command that asks cannot be started.
    fn holdings(&self) -> Result<Holdings, Error>;

    /// Every PAM service.
    ///
    /// # Errors
    /// When the PAM files cannot be read.
    fn services(&self) -> Result<Vec<String>, Error>;

    /// The services that ask for the face.
    ///
    /// # Errors
    /// When the PAM files cannot be read.
    fn asking(&self) -> Result<Vec<String>, Error>;
}

/// This machine.
pub(super) struct RunningMachine {
    /// Whose F-pass is set up.
    pub(super) user: UserName,
}

/// What a user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holdings {
    /// Whether there is an F-pass.
    pub(super) is_enrolled: bool,
    /// How many recovery codes are left.
    pub(super) codes: u32,
}

/// A part of the output of `status --json`.
#[derive(Deserialize)]
struct StatusOutput {
    state: String,
    recovery_codes: Option<u32>,
}

impl SetupMachine for RunningMachine {
    fn command(&self, words: &[String]) -> Result<u8, Error> {
        run(Command::new(env::current_exe()?).args(words))
    }

    fn models(&self, command: &str) -> Result<u8, Error> {
        let path = programs::path(MODELS)?;
        run(Command::new(path).arg(command)).map_err(|_| Error::Program(MODELS))
    }

    fn holdings(&self) -> Result<Holdings, Error> {
        let words = ["status", "--json", "--user", self.user.as_str()];
        let mut command = Command::new(env::current_exe()?);
        let output = command.args(words).stderr(Stdio::null()).output()?;
        let status = serde_json::from_slice::<StatusOutput>(&output.stdout);
        Ok(status.map_or_else(
            |_| Holdings::default(),
            |status| Holdings {
                is_enrolled: status.state == "enrolled",
                codes: status.recovery_codes.unwrap_or_default(),
            },
        ))
    }

    fn services(&self) -> Result<Vec<String>, Error> {
        Ok(services(&stacks::open(Path::new("/"))?).into_iter().collect())
    }

    fn asking(&self) -> Result<Vec<String>, Error> {
        let root = stacks::open(Path::new("/"))?;
        let asks =
            |name: &String| resolve(&root, name).stack(Facility::Auth).iter().any(is_face_check);
        Ok(services(&root).into_iter().filter(asks).collect())
    }
}

/// The user who ran sudo, if not root.
pub(super) fn calling_user() -> Option<UserName> {
    let name: OsString = env::var_os("SUDO_USER")?;
    UserName::parse(name.to_str()?).ok().filter(|name| name.as_str() != "root")
}

/// Runs a program on this terminal. One that a signal ended has the exit code of an interruption.
fn run(command: &mut Command) -> Result<u8, Error> {
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or_else(|| crate::exit_code::ExitCode::Interrupted.number()))
}
