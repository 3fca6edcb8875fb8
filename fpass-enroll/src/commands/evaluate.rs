//! `fpass-enroll evaluate`: how good recognition is on a directory of people.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::thread;

use fpass_face::Manifest;

use super::{say, say_json, until_stopped};
use crate::cli::EvaluateArgs;
use crate::error::Error;
use crate::evaluate::{Evaluation, Fresh, Inputs, Table, one_blas_thread_each, write_report};
use crate::exit_code::ExitCode;

/// Evaluates, until the user stops it.
pub(super) async fn evaluate(arguments: EvaluateArgs) -> Result<ExitCode, Error> {
    // It can go on without, only slower.
    let _ = one_blas_thread_each();
    until_stopped(move |stop| evaluate_until(stop, &arguments)).await
}

fn evaluate_until(stop: &AtomicBool, arguments: &EvaluateArgs) -> Result<ExitCode, Error> {
    let calibration = arguments.calibrate.as_deref().map(Fresh::beside).transpose()?;
    let cohort = arguments.cohort.as_deref().map(Fresh::beside).transpose()?;
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
        say_json(&evaluation.entries())?;
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
