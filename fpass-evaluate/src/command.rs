//! The whole command: from its arguments to the table, JSON and the files that were asked for.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::thread;

use fpass_evaluate::cli::Cli;
use fpass_evaluate::exit_code::ExitCode;
use fpass_face::Manifest;
use fpass_terminal::{say, say_json, until_stopped};

use crate::assessment::{Evaluation, Inputs};
use crate::error::Error;
use crate::report::{AtomicFile, write_report};
use crate::table::Table;
use crate::threads::one_blas_thread_each;

/// Evaluates, until the user stops it.
///
/// # Errors
/// The [`Error`] whose sentence the user should read.
pub(crate) fn run(arguments: Cli) -> Result<ExitCode, Error> {
    // Without it the evaluation is slower.
    let _ = one_blas_thread_each();
    until_stopped(move |stop| evaluate(stop, &arguments))
}

fn evaluate(stop: &AtomicBool, arguments: &Cli) -> Result<ExitCode, Error> {
    let calibration = arguments.calibrate.as_deref().map(AtomicFile::create).transpose()?;
    let cohort = arguments.cohort.as_deref().map(AtomicFile::create).transpose()?;
    let models = Manifest::embedded()?.verify(&arguments.models)?;
    let evaluation = Evaluation::run(&Inputs {
        directory: &arguments.directory,
        models: &models,
        template_size: arguments.template_size,
        pairs: arguments.pairs.as_deref(),
        groups: arguments.groups.as_deref(),
        cache: arguments.cache.as_deref(),
        normalised: cohort.is_none(),
        jobs: arguments.jobs.or_else(available).unwrap_or(NonZeroUsize::MIN),
        stop,
    })?;
    if arguments.json {
        say_json(&evaluation.as_json())?;
    } else {
        say(format_args!("{}", Table(&evaluation)).to_string().trim_end())?;
    }
    if let Some(directory) = &arguments.report {
        write_report(directory, &evaluation)?;
    }
    if let Some(file) = calibration {
        file.write(&evaluation.calibration()?)?;
    }
    if let Some(file) = cohort {
        file.write(&evaluation.cohort()?)?;
    }
    Ok(ExitCode::Done)
}

fn available() -> Option<NonZeroUsize> {
    thread::available_parallelism().ok()
}
