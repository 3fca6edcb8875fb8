//! `fpass-evaluate`: measures how good recognition is on a directory of people.
//!
//! ```text
//! Dataset → Outcome of each picture (from the stages of the daemon or from the Cache) → Sample
//! Sample → Plan of a Protocol → Scores of a Comparator → Assessment → table, JSON, report
//! ```

#![forbid(unsafe_code)]

mod assessment;
mod cache;
mod calibrate;
mod command;
mod dataset;
mod error;
mod extract;
mod groups;
mod histogram;
mod html;
mod interval;
mod json;
mod outcome;
mod pairs;
mod picture;
mod plot;
mod points;
mod protocol;
mod rate;
mod report;
mod spread;
mod table;
mod tail;
mod text;
mod threads;
mod workers;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fpass_evaluate::cli::Cli;

fn main() -> ExitCode {
    match command::run(Cli::parse()) {
        Ok(code) => code.into(),
        Err(error) => {
            // A closed standard error cannot be reported; the exit code still tells.
            let _ = writeln!(io::stderr(), "fpass-evaluate: {error}");
            error.exit_code().into()
        }
    }
}
