//! System daemon that owns the camera, the face models and the templates.

#![forbid(unsafe_code)]

mod adapt;
mod audit;
mod authorizer;
mod bus;
mod calls;
mod cancel;
mod compared;
mod config;
mod decide;
mod engine;
mod enroll;
mod fleet;
mod grounds;
mod journal;
mod look;
mod memory;
mod newcomers;
mod offline;
mod pins;
mod qualify;
mod queue;
mod recovery;
#[cfg(test)]
mod scripted;
mod seat;
mod service;
mod sight;
mod start;
mod store;
mod strength;
mod throttle;
mod unready;
mod users;
mod verify;

use std::{
    alloc::System,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use sd_notify::NotifyState;
use zeroizing_alloc::ZeroAlloc;

use self::{audit::Sink, start::StartError, store::Format};

/// Whatever is freed is overwritten first: libraries copy frames, features and keys about.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Exit status for a fault that a restart does not mend, `EX_CONFIG` of sysexits.h. The unit names it.
const LASTING: u8 = 78;

/// System daemon that checks whether a user is in front of this machine's camera.
#[derive(Debug, Parser)]
#[command(name = "fpassd", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, default_value = "/etc/fpass/fpassd.toml", value_name = "FILE")]
    config: PathBuf,
    /// Read the configuration with its drop-ins, say what is wrong with it, and end.
    #[arg(long, conflicts_with_all = ["create_key", "rotate_key", "downgrade_store"])]
    check_config: bool,
    /// Make the key of the template store, if there is none yet, and end. To be run once per
    /// machine, as the daemon's user.
    #[arg(long)]
    create_key: bool,
    /// Replace the key in the key file by a fresh one, seal every template anew, and end. To be run
    /// with the daemon stopped, as its user.
    #[arg(long, conflicts_with = "create_key")]
    rotate_key: bool,
    /// Write every template in an older format, for an older version of F-pass, and end. To be run
    /// with the daemon stopped, as its user.
    #[arg(long, value_name = "FORMAT", value_parser = offline::older_format)]
    #[arg(conflicts_with_all = ["create_key", "rotate_key"])]
    downgrade_store: Option<Format>,
    /// Log what each frame of an attempt showed, and how long its stages took.
    #[arg(long)]
    debug: bool,
    /// Log to standard error even when there is a journal.
    #[arg(long)]
    stderr: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let records = journal::install(arguments.debug, arguments.stderr || arguments.check_config);
    let outcome = if arguments.check_config {
        config::Config::read(&arguments.config).map(drop).map_err(StartError::from)
    } else if arguments.create_key {
        offline::create_key(&arguments.config)
    } else if arguments.rotate_key {
        offline::rotate_key(&arguments.config)
    } else if let Some(format) = arguments.downgrade_store {
        offline::downgrade_store(&arguments.config, format)
    } else {
        return run(&arguments.config, records);
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the daemon. One that cannot start refuses whoever had it started.
fn run(config_path: &Path, records: Box<dyn Sink>) -> ExitCode {
    match start::run(config_path, records) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_lasting() => {
            tracing::error!("{error}");
            start::tell_manager(NotifyState::Status(&error.to_string().replace('\n', " ")));
            unready::refuse_callers();
            ExitCode::from(LASTING)
        }
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
