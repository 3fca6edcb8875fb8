//! System daemon that owns the camera, the face models and the templates.

#![forbid(unsafe_code)]

mod adapt;
mod audit;
mod authorizer;
mod bus;
mod calls;
mod cancel;
mod config;
mod decide;
mod engine;
mod enroll;
mod grounds;
mod journal;
mod qualify;
mod queue;
#[cfg(test)]
mod scripted;
mod service;
mod sight;
mod start;
mod store;
mod strength;
mod users;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// System daemon that checks whether a user is in front of this machine's camera.
#[derive(Debug, Parser)]
#[command(name = "fpassd", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, default_value = "/etc/fpass/fpassd.toml", value_name = "FILE")]
    config: PathBuf,
    /// Make the key of the template store, if there is none yet, and end. To be run once per
    /// machine, as the daemon's user.
    #[arg(long)]
    create_key: bool,
    /// Log what each frame of an attempt showed, and how long its stages took.
    #[arg(long)]
    debug: bool,
    /// Log to standard error even when there is a journal.
    #[arg(long)]
    stderr: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    journal::install(arguments.debug, arguments.stderr);
    let outcome = if arguments.create_key {
        start::create_key(&arguments.config)
    } else {
        start::run(&arguments.config)
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
