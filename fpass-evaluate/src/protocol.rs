//! Which comparisons are made.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;

use fpass_face::{Comparator, Features, Template};

use super::error::Error;
use super::histogram::Histogram;
use super::rate::count;
use super::tail::{Comparison, RankedTail, Tail};
use super::workers::Workers;

/// One picture's features.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Index of the person.
    pub(crate) person: u32,
    /// What the networks make of the subject's face.
    pub(crate) features: Features,
}

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Every picture with every other picture.
    Single,
    /// Every picture with the template of each person who has more pictures than this number. The
    /// template is the mean of the person's first pictures, in the order of their names; those are
    /// not compared with it.
    Template(NonZeroUsize),
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single => f.pad("single"),
            Self::Template(size) => f.pad(&format!("template-{size}")),
        }
    }
}

/// Features of one person that samples are compared with.
#[derive(Clone, Debug)]
struct Reference {
    person: u32,
    features: Features,
    /// Range of samples that are not compared with it: those it was made of, or those whose
    /// comparison with it another reference makes.
    without: Range<usize>,
}

/// The comparisons of one protocol, ready to be made by any comparator.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    samples: &'a [Sample],
    references: Vec<Reference>,
    /// People with at least one sample, each with the range of their samples.
    people: Vec<(u32, Range<usize>)>,
    /// 1 divided by the number of samples of each person.
    weights: HashMap<u32, f32>,
    single: bool,
}

/// The scores of one comparator.
#[derive(Debug)]
pub(crate) struct Scores {
    /// All genuine comparisons, by rising score.
    pub(crate) genuine: Vec<Comparison>,
    /// The impostor comparisons with the largest scores.
    pub(crate) impostor: RankedTail,
    /// Distribution of the genuine scores.
    pub(crate) genuine_histogram: Histogram,
    /// Distribution of all impostor scores.
    pub(crate) impostor_histogram: Histogram,
}

impl<'a> Plan<'a> {
    /// Plans the comparisons of samples that are sorted by person.
    pub(crate) fn new(samples: &'a [Sample], protocol: Protocol) -> Self {
        let mut people: Vec<(u32, Range<usize>)> = Vec::new();
        for (number, sample) in samples.iter().enumerate() {
            match people.last_mut() {
                Some((person, range)) if *person == sample.person => range.end = number + 1,
                _ => people.push((sample.person, number..number + 1)),
            }
        }
        let references = match protocol {
            Protocol::Single => single(samples),
            Protocol::Template(size) => templates(samples, &people, size),
        };
        #[expect(clippy::cast_precision_loss, reason = "pictures of one person")]
        let weight = |(person, range): &(u32, Range<usize>)| (*person, 1.0 / range.len() as f32);
        let weights = people.iter().map(weight).collect();
        Self { samples, references, people, weights, single: protocol == Protocol::Single }
    }

    /// Number of references, which is the number of pieces of work.
    pub(crate) fn references(&self) -> usize {
        self.references.len()
    }

    /// How many samples a person has.
    pub(crate) fn samples_of(&self) -> impl Iterator<Item = (u32, u64)> {
        self.people.iter().map(|(person, range)| (*person, count(range.len())))
    }

    /// How many impostor comparisons there are between two people who are both `wanted`.
    pub(crate) fn impostors(&self, wanted: impl Fn(u32) -> bool) -> u64 {
        let inside: HashMap<u32, u64> =
            self.samples_of().filter(|(person, _)| wanted(*person)).collect();
        let all: u64 = inside.values().sum();
        if self.single {
            inside.values().map(|samples| samples * (all - samples)).sum::<u64>() / 2
        } else {
            let own = self.references.iter().filter_map(|reference| inside.get(&reference.person));
            own.map(|samples| all - samples).sum()
        }
    }

    /// How many pairs of two people are compared.
    fn pairs(&self) -> u64 {
        let others = count(self.people.len()).saturating_sub(1);
        if self.single {
            count(self.people.len()) * others / 2
        } else {
            count(self.references.len()) * others
        }
    }

    /// How many impostor comparisons each person has: with the person's template or, under
    /// [`Protocol::Single`], with the person's pictures.
    pub(crate) fn impostors_of_each(&self) -> Vec<(u32, u64)> {
        let all = count(self.samples.len());
        if self.single {
            return self.samples_of().map(|(person, n)| (person, n * (all - n))).collect();
        }
        let samples: HashMap<u32, u64> = self.samples_of().collect();
        let others = |reference: &Reference| {
            let own = samples.get(&reference.person).copied().unwrap_or_default();
            (reference.person, all - own)
        };
        self.references.iter().map(others).collect()
    }

    /// Whether a false match counts for both people.
    pub(crate) fn is_symmetric(&self) -> bool {
        self.single
    }

    /// Makes every comparison.
    ///
    /// # Errors
    /// Those of [`Workers::run`].
    pub(crate) fn score(
        &self,
        comparator: Comparator,
        workers: &Workers<'_>,
    ) -> Result<Scores, Error> {
        let (impostors, pairs) = (self.impostors(|_| true), self.pairs());
        let parts = workers.run(self.references.len(), |share| {
            let mut part = PartialScores::new(impostors, pairs);
            for reference in share.filter_map(|number| self.references.get(number)) {
                self.compare(reference, comparator, &mut part);
            }
            Ok(part)
        })?;
        let mut whole = PartialScores::new(impostors, pairs);
        for part in parts {
            whole.merge(part);
        }
        whole.genuine.sort_by(|a, b| a.score().total_cmp(&b.score()));
        Ok(Scores {
            genuine: whole.genuine,
            impostor: whole.impostor.ranked(),
            genuine_histogram: whole.genuine_histogram,
            impostor_histogram: whole.impostor_histogram,
        })
    }

    fn compare(&self, reference: &Reference, comparator: Comparator, part: &mut PartialScores) {
        let before = self.samples.get(..reference.without.start).unwrap_or_default();
        let after = self.samples.get(reference.without.end..).unwrap_or_default();
        let weight = |person| self.weights.get(&person).copied().unwrap_or(1.0);
        let share = if self.single { weight(reference.person) } else { 1.0 };
        for probe in before.iter().chain(after) {
            let score = comparator.score(&probe.features, &reference.features);
            let comparison = Comparison::new(score.value(), probe.person, reference.person);
            part.add(comparison.weighing(share * weight(probe.person)));
        }
    }
}

/// Each picture is a reference for the pictures that come earlier.
fn single(samples: &[Sample]) -> Vec<Reference> {
    let reference = |(number, sample): (usize, &Sample)| Reference {
        person: sample.person,
        features: sample.features.clone(),
        without: number..samples.len(),
    };
    samples.iter().enumerate().map(reference).collect()
}

/// One template for each person with more samples than `size`, unless the samples have no mean.
fn templates(
    samples: &[Sample],
    people: &[(u32, Range<usize>)],
    size: NonZeroUsize,
) -> Vec<Reference> {
    let template = |(person, range): &(u32, Range<usize>)| {
        let without = range.start..range.start + size.get();
        let first = samples.get(without.clone()).filter(|_| range.len() > size.get())?;
        let first: Vec<Features> = first.iter().map(|sample| sample.features.clone()).collect();
        let features = Template::new(&first).ok()?.mean().clone();
        Some(Reference { person: *person, features, without })
    };
    people.iter().filter_map(template).collect()
}

/// The scores that one worker collects.
struct PartialScores {
    genuine: Vec<Comparison>,
    impostor: Tail,
    genuine_histogram: Histogram,
    impostor_histogram: Histogram,
}

impl PartialScores {
    fn new(impostors: u64, pairs: u64) -> Self {
        Self {
            genuine: Vec::new(),
            impostor: Tail::new(impostors, pairs),
            genuine_histogram: Histogram::default(),
            impostor_histogram: Histogram::default(),
        }
    }

    fn add(&mut self, comparison: Comparison) {
        if comparison.probe == comparison.reference {
            self.genuine_histogram.add(comparison.score());
            self.genuine.push(comparison);
        } else {
            self.impostor_histogram.add(comparison.score());
            self.impostor.push(comparison);
        }
    }

    fn merge(&mut self, other: Self) {
        self.genuine.extend(other.genuine);
        self.impostor.merge(other.impostor);
        self.genuine_histogram.merge(&other.genuine_histogram);
        self.impostor_histogram.merge(&other.impostor_histogram);
    }
}

#[cfg(test)]
mod tests;
