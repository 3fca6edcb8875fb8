//! The evaluation as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assessment::{Assessment, Evaluation};
use super::groups::GroupErrors;
use super::points::Point;
use super::spread::Distribution;

/// One comparator under one protocol.
#[derive(Debug, Serialize)]
pub(crate) struct AssessmentJson<'a> {
    recognizer: &'static str,
    protocol: String,
    people: u64,
    genuine: u64,
    impostor: u64,
    points: Vec<PointJson>,
    failed_to_enrol: u64,
    pictures: usize,
    references: u64,
    unsupported: Vec<f64>,
    failures: BTreeMap<&'static str, u64>,
    flaws: BTreeMap<&'static str, u64>,
    spread: Vec<SpreadJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<PairsJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupJson<'a>>,
}

#[derive(Debug, Serialize)]
struct PointJson {
    fmr: f64,
    threshold: f32,
    tar: Option<f64>,
    tar_low: f64,
    tar_high: f64,
    false_matches: u64,
    fmr_low: f64,
    fmr_high: f64,
    pair_fmr: f64,
}

#[derive(Debug, Serialize)]
struct SpreadJson {
    fmr: f64,
    person_fmr: Option<Distribution>,
    person_fnmr: Option<Distribution>,
}

#[derive(Debug, Serialize)]
struct PairsJson {
    accuracy: f64,
    standard_error: f64,
    folds: usize,
    pairs: usize,
    missing: usize,
    faceless: usize,
}

#[derive(Debug, Serialize)]
struct GroupJson<'a> {
    group: &'a str,
    people: u64,
    genuine: u64,
    impostor: u64,
    points: Vec<GroupPointJson>,
}

#[derive(Debug, Serialize)]
struct GroupPointJson {
    fmr: f64,
    group_fmr: Option<f64>,
    group_fmr_low: f64,
    group_fmr_high: f64,
    tar: Option<f64>,
    tar_low: f64,
    tar_high: f64,
}

/// One assessment_json for each comparator and protocol.
pub(crate) fn assessments(evaluation: &Evaluation) -> Vec<AssessmentJson<'_>> {
    evaluation
        .assessments
        .iter()
        .map(|assessment| assessment_json(evaluation, assessment))
        .collect()
}

fn assessment_json<'a>(
    evaluation: &'a Evaluation,
    assessment: &'a Assessment,
) -> AssessmentJson<'a> {
    let spread = assessment.spread.iter().map(|spread| SpreadJson {
        fmr: spread.rate.value(),
        person_fmr: spread.fmr,
        person_fnmr: spread.fnmr,
    });
    let pairs = assessment.accuracy.zip(evaluation.pairs.as_ref());
    AssessmentJson {
        recognizer: assessment.comparator.as_str(),
        protocol: assessment.protocol.to_string(),
        people: assessment.people,
        genuine: assessment.genuine,
        impostor: assessment.impostor,
        points: assessment.points.iter().map(point).collect(),
        failed_to_enrol: evaluation.failed_to_enrol(),
        pictures: evaluation.pictures,
        references: assessment.references,
        unsupported: assessment.unsupported.iter().map(|rate| rate.value()).collect(),
        failures: evaluation.failures.iter().map(|(why, n)| (why.as_str(), *n)).collect(),
        flaws: evaluation.remarks.iter().map(|(flaw, n)| (flaw.as_str(), *n)).collect(),
        spread: spread.collect(),
        pairs: pairs.map(|(accuracy, pairs)| PairsJson {
            accuracy: accuracy.mean,
            standard_error: accuracy.standard_error,
            folds: accuracy.folds,
            pairs: accuracy.pairs,
            missing: pairs.missing.len(),
            faceless: pairs.faceless.len(),
        }),
        groups: assessment.groups.iter().map(group).collect(),
    }
}

fn point(point: &Point) -> PointJson {
    PointJson {
        fmr: point.rate.value(),
        threshold: point.threshold,
        tar: point.tar,
        tar_low: point.tar_bounds.low,
        tar_high: point.tar_bounds.high,
        false_matches: point.false_matches,
        fmr_low: point.fmr.low,
        fmr_high: point.fmr.high,
        pair_fmr: point.pair_fmr,
    }
}

fn group(errors: &GroupErrors) -> GroupJson<'_> {
    let points = errors.points.iter().map(|point| GroupPointJson {
        fmr: point.rate.value(),
        group_fmr: point.fmr,
        group_fmr_low: point.fmr_bounds.low,
        group_fmr_high: point.fmr_bounds.high,
        tar: point.tar,
        tar_low: point.tar_bounds.low,
        tar_high: point.tar_bounds.high,
    });
    GroupJson {
        group: &errors.group,
        people: errors.people,
        genuine: errors.genuine,
        impostor: errors.impostor,
        points: points.collect(),
    }
}
