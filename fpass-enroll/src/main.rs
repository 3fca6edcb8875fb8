//! Entry point of `fpass-enroll`.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fpass_enroll::cli::Cli;

fn main() -> ExitCode {
    match fpass_enroll::run(Cli::parse()) {
        Ok(code) => code.into(),
        Err(error) => {
            // A closed standard error cannot be reported; the exit code still tells.
            let _ = writeln!(io::stderr(), "fpass-enroll: {error}");
            error.exit_code().into()
        }
    }
}
