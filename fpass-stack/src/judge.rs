//! The verdict about a service.

use crate::answers::Person;
use crate::arguments::{self, ArgumentError};
use crate::chain::{Origin, Step, Work};
use crate::file::Facility;
use crate::finding::{Finding, Problem};
use crate::modules::{self, Nature};
use crate::path::{self, Lacking, PathLine};
use crate::prove::way_in;
use crate::resolve::Service;
use crate::served;

/// Somebody who knows the password and has whatever other modules ask for, but not the face.
pub const FACELESS: Person =
    Person { root: false, password: true, face: false, others: true, ordinary_day: false };

/// Somebody with the face and whatever other modules ask for, who does not know the password.
pub const WORDLESS: Person =
    Person { root: false, password: false, face: true, others: true, ordinary_day: false };

/// The user, with password and face, on a day on which nothing fails.
pub const USER: Person =
    Person { root: false, password: true, face: true, others: false, ordinary_day: true };

/// Root with the password, when no face can be judged.
pub const ROOT: Person =
    Person { root: true, password: true, face: false, others: false, ordinary_day: true };

/// What is proven about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No line of F-pass judges anybody here.
    NotProtected,
    /// Nobody gets in without password and face, and whoever has both does.
    Proven,
    /// Somebody gets in who lacks something.
    Broken {
        /// What they lack.
        lacking: Lacking,
        /// How.
        path: Vec<PathLine>,
    },
    /// Nobody gets in, not even with password and face.
    NobodyGetsIn,
    /// Nobody gets in, because `pam_fpass` does not serve this service.
    NotServed,
    /// The stack has faults, or is too tangled; nothing is proven.
    Unsure,
}

/// Arguments that `pam_fpass` would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadArguments {
    /// What is wrong.
    pub error: ArgumentError,
    /// On which line.
    pub origin: Origin,
    /// For which facility.
    pub facility: Facility,
}

/// A verdict with its grounds.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What is proven.
    pub verdict: Verdict,
    /// Faults that keep the `auth` stack from being proven.
    pub faults: Vec<Finding>,
    /// Findings that the proof does not depend on.
    pub remarks: Vec<Finding>,
    /// Arguments that are wrong, in any facility.
    pub arguments: Vec<BadArguments>,
    /// Lines of modules that this program does not know, in the `auth` stack.
    pub unknown: Vec<(Origin, String)>,
    /// The search gave up.
    pub too_tangled: bool,
}

/// Judges the `auth` stack of a service.
#[must_use]
pub fn judge(service: &Service) -> Judgement {
    let steps = service.chain(Facility::Auth);
    let concerns =
        |finding: &Finding| finding.facility.is_none_or(|facility| facility == Facility::Auth);
    let (faults, remarks): (Vec<_>, Vec<_>) = service
        .findings
        .iter()
        .cloned()
        .partition(|finding| concerns(finding) && !finding.expected);
    let arguments = bad_arguments(service);
    let unknown = steps
        .iter()
        .filter(|step| modules::of(step) == Some(Nature::Unknown))
        .filter_map(|step| match &step.work {
            Work::Module { module, .. } => Some((step.origin.clone(), module.clone())),
            _ => None,
        })
        .collect();
    let searched = search(service, steps);
    let too_tangled = searched.is_none();
    let verdict = match searched {
        // What cannot be read may hold a line of ours.
        Some(Verdict::NotProtected) if faults.iter().any(is_unreadable) => Verdict::Unsure,
        Some(Verdict::NotProtected) => Verdict::NotProtected,
        Some(broken @ Verdict::Broken { .. }) if !service.rejected => broken,
        _ if service.rejected || !faults.is_empty() => Verdict::Unsure,
        // Wrong arguments on an auth line are part of the search; on an account line they refuse later.
        Some(Verdict::Proven)
            if arguments.iter().any(|bad: &BadArguments| bad.facility == Facility::Account) =>
        {
            Verdict::Unsure
        }
        Some(verdict) => verdict,
        None => Verdict::Unsure,
    };
    Judgement { verdict, faults, remarks, arguments, unknown, too_tangled }
}

fn is_unreadable(finding: &Finding) -> bool {
    matches!(finding.problem, Problem::Unreadable { .. })
}

/// `None` when the stack is too tangled.
fn search(service: &Service, steps: &[Step]) -> Option<Verdict> {
    if !steps.iter().any(judges) {
        return Some(Verdict::NotProtected);
    }
    let faceless = way_in(steps, &service.name, &FACELESS).ok()?;
    let wordless = way_in(steps, &service.name, &WORDLESS).ok()?;
    let found = [(Lacking::Face, faceless), (Lacking::Password, wordless)]
        .into_iter()
        .filter_map(|(lacking, way)| Some((lacking, way?)))
        .min_by_key(|(_, way)| (way.surprise, way.passes.len()));
    if let Some((lacking, way)) = found {
        return Some(Verdict::Broken { lacking, path: path::lines(steps, &way) });
    }
    let user = way_in(steps, &service.name, &USER).ok()?;
    let served = steps.iter().filter(|step| judges(step)).any(|step| serves(step, &service.name));
    Some(match (user.is_some(), served) {
        (true, _) => Verdict::Proven,
        (false, true) => Verdict::NobodyGetsIn,
        (false, false) => Verdict::NotServed,
    })
}

/// Whether a line of ours serves a service; one with wrong arguments refuses for that reason.
fn serves(step: &Step, service: &str) -> bool {
    let Work::Module { arguments, .. } = &step.work else { return false };
    arguments::read(Facility::Auth, arguments).map_or(true, |read| served::serves(&read, service))
}

/// Whether the step is a line of F-pass that judges.
#[must_use]
pub fn judges(step: &Step) -> bool {
    if step.module_name().map(modules::nature) != Some(Nature::Fpass) {
        return false;
    }
    let Work::Module { arguments, .. } = &step.work else { return false };
    arguments::read(Facility::Auth, arguments).is_ok_and(|read| !read.prewarm)
        || arguments::read(Facility::Auth, arguments).is_err()
}

fn bad_arguments(service: &Service) -> Vec<BadArguments> {
    let lines = Facility::ALL
        .into_iter()
        .flat_map(|facility| service.chain(facility).iter().map(move |step| (facility, step)));
    lines
        .filter(|(_, step)| step.module_name().map(modules::nature) == Some(Nature::Fpass))
        .filter_map(|(facility, step)| {
            let Work::Module { arguments, .. } = &step.work else { return None };
            let error = arguments::read(facility, arguments).err()?;
            Some(BadArguments { error, origin: step.origin.clone(), facility })
        })
        .collect()
}

#[cfg(test)]
mod tests;
