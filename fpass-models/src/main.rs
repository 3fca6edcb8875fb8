//! Entry point of `fpass-models`.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fpass_models::cli::Cli;

fn main() -> ExitCode {
    match fpass_models::run(Cli::parse()) {
        Ok(code) => code.into(),
        Err(error) => {
            // A closed standard error cannot be reported; the exit code still tells.
            let _ = writeln!(io::stderr(), "fpass-models: {error}");
            error.exit_code().into()
        }
    }
}
