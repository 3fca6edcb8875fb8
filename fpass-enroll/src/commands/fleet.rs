//! `fpass-enroll fleet`: which machines may exchange templates.

use fpass_terminal::{say, say_json};
use nix::unistd;
use serde::Serialize;

use crate::cli::{FleetCommand, IdentityArgs, TrustArgs};
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
use crate::peers::Peers;

/// A machine in the output of `--json`.
#[derive(Serialize)]
struct FleetReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    identity: String,
}

pub(super) async fn run(command: &FleetCommand) -> Result<ExitCode, Error> {
    match command {
        FleetCommand::Identity(arguments) => identity(arguments).await,
        FleetCommand::Trust(arguments) => trust(arguments),
        FleetCommand::List(arguments) => list(arguments),
        FleetCommand::Distrust(arguments) => {
            ensure_root()?;
            Peers::of_machine().distrust(&arguments.name)?;
            tell!("{name} is no longer trusted.", name = arguments.name)?;
            Ok(ExitCode::Done)
        }
    }
}

/// Refuses anyone but root.
pub(super) fn ensure_root() -> Result<(), Error> {
    if unistd::geteuid().is_root() { Ok(()) } else { Err(Error::RootNeeded) }
}

async fn identity(arguments: &IdentityArgs) -> Result<ExitCode, Error> {
    ensure_root()?;
    let daemon = Daemon::connect().await?;
    let identity = answer(daemon.fleet().await?.identity()).await?;
    if arguments.json {
        say_json(&FleetReport { name: None, identity })?;
    } else {
        say(identity)?;
    }
    Ok(ExitCode::Done)
}

fn trust(arguments: &TrustArgs) -> Result<ExitCode, Error> {
    ensure_root()?;
    Peers::of_machine().trust(&arguments.name, arguments.identity)?;
    tell!("{name} is trusted now.", name = arguments.name)?;
    Ok(ExitCode::Done)
}

fn list(arguments: &IdentityArgs) -> Result<ExitCode, Error> {
    let peers = Peers::of_machine().list()?;
    if arguments.json {
        let report = |(name, identity): &(_, _)| FleetReport {
            name: Some(format!("{name}")),
            identity: format!("{identity}"),
        };
        say_json(&peers.iter().map(report).collect::<Vec<_>>())?;
    } else if peers.is_empty() {
        tell!("No machine is trusted; add one with fpass-enroll fleet trust.")?;
    } else {
        for (name, identity) in peers {
            say(format_args!("{name}  {identity}"))?;
        }
    }
    Ok(ExitCode::Done)
}
