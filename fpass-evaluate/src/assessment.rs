//! The whole of an evaluation.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use fpass_face::embedder::MeanOffset;
use fpass_face::{Comparator, FaceError, Features, RecogniserSettings, VerifiedModels};

use super::cache::Cache;
use super::calibrate::{self, CalibrationTable};
use super::dataset::Dataset;
use super::error::Error;
use super::extract;
use super::groups::{GroupErrors, Groups};
use super::histogram::Histogram;
use super::outcome::{Failure, Outcome, Remark};
use super::pairs::{Accuracy, Pairs};
use super::points::{self, Point};
use super::progress;
use super::protocol::{Plan, Protocol, Sample, Scores};
use super::rate::{Rate, count};
use super::spread::{self, Spread};
use super::tail::AlikePair;
use super::workers::Workers;

/// Most pairs of people that are named for each comparator and protocol.
const ALIKE_MAX: usize = 10;

/// What is evaluated, and how.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    /// Directory of people.
    pub(crate) directory: &'a Path,
    /// Verified weights.
    pub(crate) models: &'a VerifiedModels,
    /// Pictures in a template.
    pub(crate) template_size: NonZeroUsize,
    /// File of pairs.
    pub(crate) pairs: Option<&'a Path>,
    /// File of groups.
    pub(crate) groups: Option<&'a Path>,
    /// Directory in which features are kept.
    pub(crate) cache: Option<&'a Path>,
    /// Whether features are normalised by the cohort of the models.
    pub(crate) normalised: bool,
    /// Worker threads.
    pub(crate) jobs: NonZeroUsize,
    /// Set when the user asks to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// The results of an evaluation.
#[derive(Debug)]
pub(crate) struct Evaluation {
    /// Names of the people with pictures.
    pub(crate) people: Vec<String>,
    /// Their pictures.
    pub(crate) pictures: usize,
    /// Why pictures gave no features, and how many pictures.
    pub(crate) failures: BTreeMap<Failure, u64>,
    /// Which limits of quality compared pictures miss, and how many pictures.
    pub(crate) remarks: BTreeMap<Remark, u64>,
    /// Pairs of the file, when one was given.
    pub(crate) pairs: Option<Pairs>,
    /// People in the file of groups who have no folder.
    pub(crate) unknown_in_groups: usize,
    /// The mean of one picture of each person.
    pub(crate) mean: Result<MeanOffset, FaceError>,
    /// One for each comparator and protocol.
    pub(crate) assessments: Vec<Assessment>,
}

/// How good one comparator is under one protocol.
#[derive(Debug)]
pub(crate) struct Assessment {
    /// The comparator that computed the scores.
    pub(crate) comparator: Comparator,
    /// The comparisons that were made.
    pub(crate) protocol: Protocol,
    /// People with features.
    pub(crate) people: u64,
    /// Pictures or templates that were compared with.
    pub(crate) references: u64,
    /// Genuine comparisons.
    pub(crate) genuine: u64,
    /// Impostor comparisons.
    pub(crate) impostor: u64,
    /// Points at the supported rates, by falling rate.
    pub(crate) points: Vec<Point>,
    /// Rates that too few comparisons support.
    pub(crate) unsupported: Vec<Rate>,
    /// The pairs of people who match most at the smallest supported rate.
    pub(crate) alike: Vec<AlikePair>,
    /// Errors by person.
    pub(crate) spread: Vec<Spread>,
    /// Errors by group, when groups were given.
    pub(crate) groups: Vec<GroupErrors>,
    /// Accuracy on the pairs, under [`Protocol::Single`] and when pairs were given.
    pub(crate) accuracy: Option<Accuracy>,
    /// False match rate and false non-match rate of every threshold.
    pub(crate) curve: Vec<(f64, f64)>,
    /// Distribution of the genuine scores.
    pub(crate) genuine_histogram: Histogram,
    /// Distribution of the impostor scores.
    pub(crate) impostor_histogram: Histogram,
    /// Thresholds for the recogniser.
    pub(crate) thresholds: calibrate::Thresholds,
}

/// The features of the first picture of each person. Pictures of one person are adjacent.
fn first_of_each(samples: &[Sample]) -> impl Iterator<Item = &Features> {
    let mut last = None;
    samples.iter().filter(move |s| last.replace(s.person) != Some(s.person)).map(|s| &s.features)
}

impl Evaluation {
    /// Evaluates a directory of people.
    ///
    /// # Errors
    /// The [`Error`] whose sentence the user should read.
    pub(crate) fn run(inputs: &Inputs<'_>) -> Result<Self, Error> {
        let dataset = Dataset::read(inputs.directory)?;
        let groups = inputs.groups.map(|path| Groups::read(path, &dataset.people)).transpose()?;
        if let Some(path) = inputs.pairs {
            // A wrong file is reported before the long work.
            Pairs::read(path, &dataset, &[])?;
        }
        let outcomes = observe(inputs, &dataset)?;
        let mut collected = Collected::default();
        for (picture, outcome) in dataset.pictures.iter().zip(outcomes) {
            collected.add(picture.person, outcome);
        }
        let pairs = inputs.pairs.map(|path| Pairs::read(path, &dataset, &collected.sample_of));
        let pairs = pairs.transpose()?;
        let assessments = assess(inputs, &collected.samples, pairs.as_ref(), groups.as_ref())?;
        Ok(Self {
            mean: MeanOffset::of(first_of_each(&collected.samples)),
            people: dataset.people,
            pictures: dataset.pictures.len(),
            failures: collected.failures,
            remarks: collected.remarks,
            pairs,
            unknown_in_groups: groups.map_or(0, |groups| groups.unknown),
            assessments,
        })
    }

    /// Pictures without features.
    pub(crate) fn failed_to_enrol(&self) -> u64 {
        self.failures.values().sum()
    }

    /// The cohort file, in TOML.
    ///
    /// # Errors
    /// [`Error::Recogniser`] when no picture gave features.
    pub(crate) fn cohort(&self) -> Result<String, Error> {
        let cohort = self.mean.as_ref().map_err(|error| Error::Recogniser(error.clone()))?;
        Ok(calibrate::cohort_toml(cohort))
    }

    /// The calibration file: thresholds against templates, as the daemon compares.
    ///
    /// # Errors
    /// [`Error::CalibrationUnsupported`].
    pub(crate) fn calibration(&self) -> Result<String, Error> {
        let templates = self.assessments.iter().filter(|one| one.protocol != Protocol::Single);
        let entries = templates.map(|one| CalibrationTable {
            comparator: one.comparator.to_string(),
            protocol: one.protocol.to_string(),
            comparisons: one.impostor,
            thresholds: one.thresholds.clone(),
        });
        calibrate::toml(entries.collect())
    }
}

/// Outcomes, sorted into samples, failures and remarks.
#[derive(Default)]
struct Collected {
    samples: Vec<Sample>,
    /// The sample of each picture; `None` without features.
    sample_of: Vec<Option<usize>>,
    failures: BTreeMap<Failure, u64>,
    remarks: BTreeMap<Remark, u64>,
}

impl Collected {
    fn add(&mut self, person: u32, outcome: Outcome) {
        match outcome {
            Outcome::Failed(failure) => {
                *self.failures.entry(failure).or_default() += 1;
                self.sample_of.push(None);
            }
            Outcome::Enrolled(features, remark) => {
                if let Some(remark) = remark {
                    *self.remarks.entry(remark).or_default() += 1;
                }
                self.sample_of.push(Some(self.samples.len()));
                self.samples.push(Sample { person, features });
            }
        }
    }
}

fn observe(inputs: &Inputs<'_>, dataset: &Dataset) -> Result<Vec<Outcome>, Error> {
    let settings = RecogniserSettings::default();
    let binding = extract::recogniser_binding(inputs.models, settings, inputs.normalised);
    let cache = inputs.cache.map(|path| Cache::open(path, binding)).transpose()?;
    let progress = progress::bar(count(dataset.pictures.len()), "pictures");
    let workers = Workers { jobs: inputs.jobs, stop: inputs.stop, progress: &progress };
    let outcomes = extract::outcomes(
        &dataset.pictures,
        inputs.models,
        settings,
        inputs.normalised,
        cache.as_ref(),
        &workers,
    );
    progress.finish_and_clear();
    outcomes
}

fn assess(
    inputs: &Inputs<'_>,
    samples: &[Sample],
    pairs: Option<&Pairs>,
    groups: Option<&Groups>,
) -> Result<Vec<Assessment>, Error> {
    let protocols = [Protocol::Single, Protocol::Template(inputs.template_size)];
    let plans = protocols.map(|protocol| (protocol, Plan::new(samples, protocol)));
    let people = plans.first().map_or(0, |(_, plan)| plan.samples_of().count());
    if people < 2 {
        return Err(Error::TooFewFaces(people));
    }
    let pieces: usize = plans.iter().map(|(_, plan)| plan.references()).sum();
    let progress = progress::bar(count(pieces * Comparator::ALL.len()), "references");
    let workers = Workers { jobs: inputs.jobs, stop: inputs.stop, progress: &progress };
    let mut assessments = Vec::new();
    for comparator in Comparator::ALL {
        for (protocol, plan) in &plans {
            let scores = plan.score(comparator, &workers)?;
            let mut assessment = Assessment::new(comparator, *protocol, plan, scores, groups);
            if *protocol == Protocol::Single {
                assessment.accuracy = pairs.and_then(|pairs| pairs.accuracy(samples, comparator));
            }
            assessments.push(assessment);
        }
    }
    progress.finish_and_clear();
    Ok(assessments)
}

impl Assessment {
    fn new(
        comparator: Comparator,
        protocol: Protocol,
        plan: &Plan<'_>,
        scores: Scores,
        groups: Option<&Groups>,
    ) -> Self {
        let (points, unsupported) = points::points(&scores);
        let strictest = points.last().map(|point| scores.impostor.pairs_reaching(point.threshold));
        let alike = strictest.into_iter().flatten().take(ALIKE_MAX).collect();
        Self {
            comparator,
            protocol,
            people: count(plan.samples_of().count()),
            references: count(plan.references()),
            genuine: count(scores.genuine.len()),
            impostor: scores.impostor.total(),
            points,
            unsupported,
            alike,
            spread: spread::spread(plan, &scores),
            groups: groups.map(|groups| groups.errors(plan, &scores)).unwrap_or_default(),
            accuracy: None,
            curve: points::curve(&scores),
            thresholds: calibrate::calibrate(&scores.impostor),
            genuine_histogram: scores.genuine_histogram,
            impostor_histogram: scores.impostor_histogram,
        }
    }
}
