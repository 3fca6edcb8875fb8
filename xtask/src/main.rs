//! Development tasks of F-pass. Run them as `cargo xtask TASK`.

#![forbid(unsafe_code)]

mod book;
mod circles;
mod completions;
mod edges;
mod error;
mod git;
mod graph;
mod manual;
mod modules;
mod names;
mod parameters;
mod paths;
mod programs;
mod prose;
mod tokens;
mod words;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use clap::{Parser, Subcommand};
use fpass_models::{Fetcher, Pins};

use crate::error::Error;

/// Development tasks of F-pass
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write the man pages and shell completions of fpass-enroll, fpass-evaluate and fpass-models
    Generate {
        /// Directory that gets usr/share/man and the completions, as they are installed
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Fail when a crate depends on another that the design does not allow
    Edges,
    /// Fail when files of one crate use each other in a circle
    Circles,
    /// Fail when two public types of one crate have one name
    Names,
    /// Fail when a function has more than six parameters, self not counted
    Parameters,
    /// Print the lines of prose that are too wide or have a phrase of docs/forbidden-phrases.txt
    Prose {
        /// Files and directories; without any, all below the working directory
        paths: Vec<PathBuf>,
    },
    /// Fail when a document names a file or directory that does not exist
    Paths,
    /// Fail when docs/SUMMARY.md lacks a page of docs/, or a link of a page does not resolve
    Book {
        /// Directory that gets the source of the book, for mdBook
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// Fail when a sentence is missing in a catalogue, superfluous there, or shown without one
    Words {
        /// Write an empty entry for each missing sentence into the catalogues
        #[arg(long)]
        add: bool,
    },
    /// Fetch and check the files that a manifest pins
    Fetch {
        /// Manifest of packages and files
        #[arg(long, value_name = "FILE")]
        manifest: PathBuf,
        /// Directory for the files
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
        /// Use the archives in this directory instead of downloading them
        #[arg(long, value_name = "DIR")]
        archives: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "cargo xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Error> {
    match task {
        Task::Generate { into } => {
            manual::generate(&into)?;
            completions::generate(&into)
        }
        Task::Edges => edges::check(),
        Task::Circles => circles::check(),
        Task::Names => names::check(),
        Task::Parameters => parameters::check(),
        Task::Words { add } => words::check(add),
        Task::Paths => paths::check(),
        Task::Book { into } => book::check(into.as_deref()),
        Task::Prose { paths } => prose::check(&paths),
        Task::Fetch { manifest, into, archives } => {
            let stop = AtomicBool::new(false);
            let fetch = Fetcher { archives: archives.as_deref(), stop: &stop };
            fetch.install(&Pins::read(&manifest)?, &into, &mut |step| {
                let _ = writeln!(io::stdout(), "{step}");
            })?;
            Ok(())
        }
    }
}
