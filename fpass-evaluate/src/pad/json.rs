//! The measurement as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::evaluation::PadEvaluation;
use super::figures::{Errors, Share, SpeciesFigures, overall};
use super::result::{AttemptResult, Prompts};

/// A whole measurement.
#[derive(Debug, Serialize)]
pub(crate) struct PadJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bona_fide: Option<SpeciesJson<'a>>,
    species: Vec<SpeciesJson<'a>>,
    overall: OverallJson,
    time_to_verdict: TimeJson,
    clips: Vec<ClipJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SpeciesJson<'a> {
    species: &'a str,
    one_prompt: ErrorsJson,
    attempt: ErrorsJson,
    no_neutral: u64,
    unreadable: u64,
    ends: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct ErrorsJson {
    by_clip: ShareJson,
    by_person: ShareJson,
}

#[derive(Debug, Serialize)]
struct ShareJson {
    errors: u64,
    trials: u64,
    rate: Option<f64>,
    low: f64,
    high: f64,
}

#[derive(Debug, Serialize)]
struct OverallJson {
    one_prompt: ShareJson,
    attempt: ShareJson,
    one_prompt_without_replays: ShareJson,
    attempt_without_replays: ShareJson,
}

#[derive(Debug, Serialize)]
struct TimeJson {
    acceptances: usize,
    median: Option<f64>,
    p90: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ClipJson<'a> {
    species: &'a str,
    clip: &'a str,
    person: &'a str,
    accepted_at_once: bool,
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
    attempts: &'a [AttemptResult],
}

/// A measurement, to be serialised.
pub(crate) fn of(evaluation: &PadEvaluation) -> PadJson<'_> {
    let all = || evaluation.species.iter();
    let [one_prompt, attempt] = overall(all()).map(share);
    let [one_without, without] = overall(all().filter(|figures| !figures.is_replay())).map(share);
    let people = evaluation.bona_fide.as_ref();
    PadJson {
        bona_fide: people.map(species),
        species: all().map(species).collect(),
        overall: OverallJson {
            one_prompt,
            attempt,
            one_prompt_without_replays: one_without,
            attempt_without_replays: without,
        },
        time_to_verdict: TimeJson {
            acceptances: people.map_or(0, |people| people.seconds.len()),
            median: people.and_then(|people| people.quantile(0.5)),
            p90: people.and_then(|people| people.quantile(0.9)),
        },
        clips: evaluation
            .clips()
            .map(|(species, clip)| ClipJson {
                species,
                clip: &clip.name,
                person: &clip.person,
                accepted_at_once: clip.result.is_accepted(Prompts::One),
                accepted: clip.result.is_accepted(Prompts::All),
                unreadable: clip.result.unreadable.as_deref(),
                attempts: &clip.result.attempts,
            })
            .collect(),
    }
}

fn species(figures: &SpeciesFigures) -> SpeciesJson<'_> {
    SpeciesJson {
        species: &figures.name,
        one_prompt: errors(figures.one_prompt),
        attempt: errors(figures.attempt),
        no_neutral: figures.no_neutral,
        unreadable: figures.unreadable,
        ends: figures.ends.iter().map(|(end, number)| (end.as_str(), *number)).collect(),
    }
}

fn errors(errors: Errors) -> ErrorsJson {
    ErrorsJson { by_clip: share(errors.clips), by_person: share(errors.people) }
}

fn share(of: Share) -> ShareJson {
    let interval = of.interval();
    ShareJson {
        errors: of.hits,
        trials: of.trials,
        rate: of.rate(),
        low: interval.low,
        high: interval.high,
    }
}
