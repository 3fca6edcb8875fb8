//! The whole command: from its arguments to the table, JSON and the files that were asked for.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;

use fpass_evaluate::cli::{Cli, LivenessCommand, MakeAttacksArgs, PadArgs, RecognitionArgs};
use fpass_evaluate::exit_code::ExitCode;
use fpass_face::Manifest;
use fpass_terminal::{Printable, say, say_json, until_stopped};

use crate::assessment::{Evaluation, Inputs};
use crate::attacks::{AttackInputs, make_attacks};
use crate::error::Error;
use crate::pad::{self, PadInputs, PadTable, json, measure};
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
    until_stopped(move |stop| match &arguments.command {
        None => evaluate(stop, &arguments.recognition),
        Some(LivenessCommand::Pad(arguments)) => evaluate_liveness(stop, arguments),
        Some(LivenessCommand::MakeAttacks(arguments)) => attack(stop, arguments),
    })
}

fn evaluate_liveness(stop: &AtomicBool, arguments: &PadArgs) -> Result<ExitCode, Error> {
    let models = Manifest::embedded()?.verify(&arguments.models)?;
    let figures = measure(&PadInputs {
        directory: &arguments.directory,
        models: &models,
        ask: arguments.ask,
        frame_rate: arguments.frame_rate,
        once: arguments.once,
        cache: arguments.cache.as_deref(),
        jobs: arguments.jobs.or_else(available).unwrap_or(NonZeroUsize::MIN),
        stop,
    })?;
    if arguments.json {
        say_json(&json::of(&figures))?;
    } else {
        say(format_args!("{}", PadTable(&figures)).to_string().trim_end())?;
    }
    if let Some(directory) = &arguments.report {
        pad::write_report(directory, &figures)?;
    }
    Ok(ExitCode::Done)
}

fn attack(stop: &AtomicBool, arguments: &MakeAttacksArgs) -> Result<ExitCode, Error> {
    let models = Manifest::embedded()?.verify(&arguments.models)?;
    let made = make_attacks(&AttackInputs {
        sources: &arguments.sources,
        into: &arguments.into,
        models: &models,
        seed: arguments.seed,
        count: arguments.count,
        species: &arguments.species,
        frame_rate: arguments.frame_rate,
        jobs: arguments.jobs.or_else(available).unwrap_or(NonZeroUsize::MIN),
        stop,
    })?;
    for (species, number) in &made.made {
        say(format_args!("{number} of {species}"))?;
    }
    if !made.faceless.is_empty() {
        let names: Vec<String> =
            made.faceless.iter().map(|name| Printable(name).to_string()).collect();
        say(format_args!("no neutral face in {}: {}", names.len(), names.join(", ")))?;
    }
    Ok(ExitCode::Done)
}

fn evaluate(stop: &AtomicBool, arguments: &RecognitionArgs) -> Result<ExitCode, Error> {
    let calibration = arguments.calibrate.as_deref().map(AtomicFile::create).transpose()?;
    let cohort = arguments.cohort.as_deref().map(AtomicFile::create).transpose()?;
    let models = Manifest::embedded()?.verify(&arguments.models)?;
    let evaluation = Evaluation::run(&Inputs {
        directory: arguments.directory.as_deref().unwrap_or(Path::new(".")),
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
