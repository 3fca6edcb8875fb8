//! The pairs of Labeled Faces in the Wild (Huang et al., 2007), and accuracy as it is given there.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use fpass_evaluate::pairs_list::{Pair, PairsError, PictureName, parse};
use fpass_face::Comparator;

use super::dataset::Dataset;
use super::error::Error;
use super::protocol::Sample;
use super::rate::{count, real};
use super::text;

/// A score, and whether both pictures show one person.
type Judged = (f32, bool);

/// Pairs of samples in folds, and the pairs that were left out.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// Index of both samples.
    folds: Vec<Vec<(usize, usize)>>,
    /// Pairs in the file.
    pub(crate) total: usize,
    /// Names of pairs with a missing picture.
    pub(crate) missing: Vec<String>,
    /// Names of pairs with a picture without features.
    pub(crate) faceless: Vec<String>,
}

/// Share of pairs that are judged correctly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Accuracy {
    /// Mean over the folds, 0 to 1.
    pub(crate) mean: f64,
    /// Standard error of that mean.
    pub(crate) standard_error: f64,
    /// Folds that have pairs.
    pub(crate) folds: usize,
    /// Pairs judged.
    pub(crate) pairs: usize,
}

impl Pairs {
    /// Reads the file and finds its pictures: `Name_0007.jpg` in the folder `Name` is `Name 7`.
    /// `sample_of` gives the sample of each picture, in their order.
    ///
    /// # Errors
    /// Those of [`text::read`], [`Error::PairsHead`] and [`Error::PairsLine`].
    pub(crate) fn read(
        path: &Path,
        dataset: &Dataset,
        sample_of: &[Option<usize>],
    ) -> Result<Self, Error> {
        let text = text::read(path)?;
        let folds = parse(&text).map_err(|fault| match fault {
            PairsError::Head => Error::PairsHead { path: path.to_owned() },
            PairsError::Line { line, folds } => {
                Error::PairsLine { path: path.to_owned(), line, folds }
            }
        })?;
        let named = dataset.pictures.iter().filter_map(|picture| {
            Some((dataset.people.get(usize::try_from(picture.person).ok()?)?, picture.stem()))
        });
        let samples: HashMap<(&str, String), Option<usize>> = named
            .zip(sample_of)
            .map(|((person, stem), sample)| ((person.as_str(), stem), *sample))
            .collect();
        let find = |(person, number): PictureName<'_>| {
            samples.get(&(person, format!("{person}_{number:04}"))).copied()
        };
        Ok(Self::resolve(&folds, find))
    }

    fn resolve(
        folds: &[Vec<Pair<'_>>],
        find: impl Fn(PictureName<'_>) -> Option<Option<usize>>,
    ) -> Self {
        let mut pairs = Self::default();
        for fold in folds {
            let mut found = Vec::new();
            for &(one, other) in fold {
                pairs.total += 1;
                let name = || format!("{} {} – {} {}", one.0, one.1, other.0, other.1);
                match (find(one), find(other)) {
                    (Some(Some(one)), Some(Some(other))) => found.push((one, other)),
                    (None, _) | (_, None) => pairs.missing.push(name()),
                    (Some(_), Some(_)) => pairs.faceless.push(name()),
                }
            }
            pairs.folds.push(found);
        }
        pairs
    }

    /// Accuracy of a comparator. Each fold is judged by the threshold that is best on the other
    /// folds. `None` unless two folds have pairs.
    pub(crate) fn accuracy(&self, samples: &[Sample], by: Comparator) -> Option<Accuracy> {
        let judge = |&(one, other): &(usize, usize)| {
            let (one, other) = (samples.get(one)?, samples.get(other)?);
            let score = by.score(&one.features, &other.features).value();
            Some((score, one.person == other.person))
        };
        let folds = self.folds.iter();
        accuracy(&folds.map(|fold| fold.iter().filter_map(judge).collect()).collect::<Vec<_>>())
    }
}

fn accuracy(folds: &[Vec<Judged>]) -> Option<Accuracy> {
    let folds: Vec<&Vec<Judged>> = folds.iter().filter(|fold| !fold.is_empty()).collect();
    if folds.len() < 2 {
        return None;
    }
    let mut shares = Vec::new();
    for (number, fold) in folds.iter().enumerate() {
        let others = folds.iter().enumerate().filter(|(other, _)| *other != number);
        let threshold = best_threshold(others.flat_map(|(_, fold)| fold.iter()).copied());
        let right = fold.iter().filter(|(score, genuine)| (*score >= threshold) == *genuine);
        shares.push(real(count(right.count())) / real(count(fold.len())));
    }
    let number = real(count(shares.len()));
    let mean = shares.iter().sum::<f64>() / number;
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (number - 1.0);
    Some(Accuracy {
        mean,
        standard_error: (variance / number).sqrt(),
        folds: folds.len(),
        pairs: folds.iter().map(|fold| fold.len()).sum(),
    })
}

/// The threshold that judges most pairs correctly, half-way between two scores. The strictest one
/// when there are several.
fn best_threshold(pairs: impl Iterator<Item = Judged>) -> f32 {
    let mut falling: Vec<Judged> = pairs.filter(|(score, _)| score.is_finite()).collect();
    falling.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut balance, mut best) = (0_i64, (0_i64, f32::INFINITY));
    let mut rest = falling.iter().peekable();
    while let Some(&(score, genuine)) = rest.next() {
        balance += if genuine { 1 } else { -1 };
        let next = rest.peek().map_or(score, |(next, _)| *next);
        let divides = rest.peek().is_none_or(|(next, _)| *next < score);
        if divides && balance > best.0 {
            best = (balance, f32::midpoint(score, next));
        }
    }
    best.1
}

/// The first names, and how many more there are.
pub(crate) fn some(names: &[String], most: usize) -> String {
    let distinct: HashSet<&String> = names.iter().collect();
    let mut shown: Vec<&str> = distinct.into_iter().map(String::as_str).collect();
    shown.sort_unstable();
    let more = shown.len().saturating_sub(most);
    shown.truncate(most);
    let listed = shown.join(", ");
    if more > 0 { format!("{listed} and {more} more") } else { listed }
}

#[cfg(test)]
mod tests;
