//! `fpass-evaluate`: measures recognition on a directory of people, and liveness on clips.
//!
//! ```text
//! Dataset → Outcome of each picture (from the stages of the daemon or from the Cache) → Sample
//! Sample → Plan of a Protocol → Scores of a Comparator → Assessment → table, JSON, report
//!
//! ClipFile → ClipFrames → ClipResult of LivenessAttempts → PadEvaluation → table, JSON, report
//! ClipFile → Source → AttackPlan, Scene, SimulatedCamera → pictures of an attack
//! ```

#![forbid(unsafe_code)]

mod assessment;
mod attacks;
mod cache;
mod calibrate;
mod clip_frames;
mod clip_index;
mod clips;
mod command;
mod content;
mod dataset;
mod error;
mod extract;
mod groups;
mod histogram;
mod html;
mod interval;
mod json;
mod outcome;
mod pad;
mod pairs;
mod picture;
mod plot;
mod points;
mod progress;
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
