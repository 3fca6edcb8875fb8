//! The command line: what `fpassd` is asked to do.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use sd_notify::NotifyState;

use crate::{
    audit::RecordSink, config::Config, logging, maintenance, service_manager, start,
    start_error::StartError, startup_failure, store::Format,
};

/// Exit status after a fault that a restart does not mend, `EX_CONFIG` of sysexits.h. The unit
/// names it.
const LASTING: u8 = 78;

/// System daemon that checks whether a user is in front of this machine's camera.
#[derive(Debug, Parser)]
#[command(name = "fpassd", version)]
struct Arguments {
    /// Configuration file.
    #[arg(long, default_value = "/etc/fpass/fpassd.toml", value_name = "FILE")]
    config: PathBuf,
    /// Check the configuration with its drop-ins, report an error, and exit.
    #[arg(long, conflicts_with_all = ["create_key", "rotate_key", "downgrade_store"])]
    check_config: bool,
    /// Create the key of the template store if it has none, and exit. Run once per machine as the
    /// user of the daemon.
    #[arg(long)]
    create_key: bool,
    /// Replace the key in the key file, reseal every template, and exit. Stop the daemon first and
    /// run this as its user.
    #[arg(long, conflicts_with = "create_key")]
    rotate_key: bool,
    /// Write every template in an older format for an older version of F-pass, and exit. Stop the
    /// daemon first and run this as its user.
    #[arg(long, value_name = "FORMAT", value_parser = maintenance::older_format)]
    #[arg(conflicts_with_all = ["create_key", "rotate_key"])]
    downgrade_store: Option<Format>,
    /// Log what each frame of an attempt shows, and how long its stages take.
    #[arg(long)]
    debug: bool,
    /// Log to standard error even when the journal runs.
    #[arg(long)]
    stderr: bool,
}

/// Does what the command line says. Returns the exit status.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let records = logging::install(arguments.debug, arguments.stderr || arguments.check_config);
    let outcome = if arguments.check_config {
        Config::read(&arguments.config).map(drop).map_err(StartError::from)
    } else if arguments.create_key {
        maintenance::create_key(&arguments.config)
    } else if arguments.rotate_key {
        maintenance::rotate_key(&arguments.config)
    } else if let Some(format) = arguments.downgrade_store {
        maintenance::downgrade_store(&arguments.config, format)
    } else {
        return serve(&arguments.config, records);
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the service manager ends the daemon. After a lasting fault, callers are refused for
/// a moment before the daemon ends.
fn serve(config_path: &Path, records: Box<dyn RecordSink>) -> ExitCode {
    match start::run(config_path, records) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_lasting() => {
            tracing::error!("{error}");
            service_manager::notify(NotifyState::Status(&error.to_string().replace('\n', " ")));
            startup_failure::refuse_callers();
            ExitCode::from(LASTING)
        }
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
