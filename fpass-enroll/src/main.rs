//! Entry point of `fpass-enroll`.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fpass_enroll::cli::Cli;
use fpass_enroll::language::speak;
use fpass_language::Language;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if !cli.command.speaks_english() {
        speak(Language::of_environment(|name| std::env::var(name).ok()));
    }
    match fpass_enroll::run(cli) {
        Ok(code) => code.into(),
        Err(error) => {
            // A closed standard error cannot be reported; the exit code still tells.
            let _ = writeln!(io::stderr(), "fpass-enroll: {error}");
            error.exit_code().into()
        }
    }
}
