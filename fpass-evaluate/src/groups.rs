//! Groups of people, and how errors differ between them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::error::Error;
use super::interval::Interval;
use super::protocol::{Plan, Scores};
use super::rate::{Rate, count, share};
use super::text;

/// Optional first line of the file.
const HEAD: (&str, &str) = ("person", "group");

/// Which people of a directory belong to which group.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Members by the name of the group.
    members: BTreeMap<String, HashSet<u32>>,
    /// How many people of the file are not in the directory.
    pub(crate) unknown: usize,
}

/// Errors within one group.
#[derive(Clone, Debug)]
pub(crate) struct GroupErrors {
    /// Its name.
    pub(crate) group: String,
    /// Members with at least one sample.
    pub(crate) people: u64,
    /// Genuine comparisons of its members.
    pub(crate) genuine: u64,
    /// Impostor comparisons between its members.
    pub(crate) impostor: u64,
    /// At thresholds of false match rates over all people.
    pub(crate) points: Vec<GroupPoint>,
}

/// Errors within one group at one threshold.
#[derive(Clone, Debug)]
pub(crate) struct GroupPoint {
    /// The false match rate over all people.
    pub(crate) rate: Rate,
    /// The false match rate between members; `None` without comparisons.
    pub(crate) fmr: Option<f64>,
    /// Its bounds.
    pub(crate) fmr_bounds: Interval,
    /// Share of genuine comparisons that match; `None` without any.
    pub(crate) tar: Option<f64>,
    /// Its bounds.
    pub(crate) tar_bounds: Interval,
}

impl Groups {
    /// Reads lines of `person,group`. Skips empty lines and lines that begin with `#`.
    ///
    /// # Errors
    /// Those of [`text::read`], and [`Error::GroupsLine`].
    pub(crate) fn read(path: &Path, people: &[String]) -> Result<Self, Error> {
        Self::parse(&text::read(path)?, people)
            .map_err(|line| Error::GroupsLine { path: path.to_owned(), line })
    }

    /// The error is the number of the line, counted from 1.
    fn parse(text: &str, people: &[String]) -> Result<Self, usize> {
        let numbers: HashMap<&str, u32> = people.iter().map(String::as_str).zip(0_u32..).collect();
        let mut groups = Self::default();
        let mut seen = HashSet::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (person, group) = line.rsplit_once(',').ok_or(number + 1)?;
            let (person, group) = (person.trim(), group.trim());
            if seen.is_empty() && (person, group) == HEAD {
                continue;
            }
            if person.is_empty() || group.is_empty() || !seen.insert(person) {
                return Err(number + 1);
            }
            match numbers.get(person) {
                Some(&number) => {
                    groups.members.entry(group.to_owned()).or_default().insert(number);
                }
                None => groups.unknown += 1,
            }
        }
        Ok(groups)
    }

    /// Errors of each group at the thresholds of [`Rate::SPREAD`] that all comparisons support.
    pub(crate) fn errors(&self, plan: &Plan<'_>, scores: &Scores) -> Vec<GroupErrors> {
        self.members.iter().map(|(group, members)| errors(group, members, plan, scores)).collect()
    }
}

fn errors(group: &str, members: &HashSet<u32>, plan: &Plan<'_>, scores: &Scores) -> GroupErrors {
    let genuine: Vec<f32> = scores
        .genuine
        .iter()
        .filter(|comparison| members.contains(&comparison.reference))
        .map(super::tail::Comparison::score)
        .collect();
    let trials = count(genuine.len());
    let impostor = plan.impostors(|person| members.contains(&person));
    let point = |rate| {
        let threshold = scores.impostor.threshold(rate)?;
        let within = scores.impostor.reaching(threshold).iter().filter(|comparison| {
            members.contains(&comparison.probe) && members.contains(&comparison.reference)
        });
        let matches = count(within.count());
        let accepted = count(genuine.iter().filter(|&&score| score >= threshold).count());
        Some(GroupPoint {
            rate,
            fmr: share(matches, impostor),
            fmr_bounds: Interval::exact(matches, impostor),
            tar: share(accepted, trials),
            tar_bounds: Interval::exact(accepted, trials),
        })
    };
    GroupErrors {
        group: group.to_owned(),
        people: count(plan.samples_of().filter(|(person, _)| members.contains(person)).count()),
        genuine: trials,
        impostor,
        points: Rate::SPREAD.into_iter().filter_map(point).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<String> {
        ["Ann", "Bob", "Li, Wei"].map(str::to_owned).to_vec()
    }

    #[test]
    fn lines_without_both_and_people_given_twice_are_refused() {
        for (text, line) in
            [("Ann", 1), ("Ann,", 1), ("\n,f", 2), ("Ann,f\nAnn,m", 2), ("Ann,f\nperson", 2)]
        {
            assert_eq!(Groups::parse(text, &people()).err(), Some(line), "{text:?}");
        }
    }

    #[test]
    fn a_head_comments_and_commas_in_names_are_understood() {
        let text = "person,group\n# women first\nAnn , f\n\nBob,m\r\nLi, Wei,m\nZoe,f\n";
        let groups = Groups::parse(text, &people()).unwrap();
        assert_eq!(groups.unknown, 1);
        assert_eq!(groups.members["f"], HashSet::from([0]));
        assert_eq!(groups.members["m"], HashSet::from([1, 2]));
    }
}
