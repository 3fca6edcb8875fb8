//! The verdict on a service.

use crate::answers::Principal;
use crate::arguments::{self, ArgumentError};
use crate::file::Facility;
use crate::finding::{Finding, Problem};
use crate::modules::{self, ModuleClass};
use crate::path::{self, MissingFactor, PathLine};
use crate::resolve::Service;
use crate::search::find_path;
use crate::served;
use crate::stack::{Origin, Step, StepKind};

/// Knows the password and has the factors of all other modules, but not the face.
pub const WITHOUT_FACE: Principal =
    Principal { root: false, password: true, face: false, other_factors: true, only_usual: false };

/// Has the face and the factors of all other modules, but does not know the password.
pub const WITHOUT_PASSWORD: Principal =
    Principal { root: false, password: false, face: true, other_factors: true, only_usual: false };

/// An ordinary user with password and face, when nothing fails.
pub const ENROLLED_USER: Principal =
    Principal { root: false, password: true, face: true, other_factors: false, only_usual: true };

/// Root with the password, when no face can be checked.
pub const ROOT_WITHOUT_FACE: Principal =
    Principal { root: true, password: true, face: false, other_factors: false, only_usual: true };

/// What the analysis proves about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No line of F-pass checks a face.
    NotProtected,
    /// Password and face are both necessary, and together they suffice.
    Proven,
    /// A principal who lacks a factor can log in.
    Broken {
        /// The factor.
        missing: MissingFactor,
        /// The path through the stack.
        path: Vec<PathLine>,
    },
    /// Nobody can log in, not even with password and face.
    NobodyGetsIn,
    /// Nobody can log in, because `pam_fpass` does not serve this service.
    NotServed,
    /// The stack has faults or is too complex; nothing is proven.
    Unsure,
}

/// A line whose arguments `pam_fpass` refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadArguments {
    /// The error.
    pub error: ArgumentError,
    /// The line.
    pub origin: Origin,
    /// The facility of the line.
    pub facility: Facility,
}

/// A verdict and what it is based on.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Faults because of which nothing about the `auth` stack is proven.
    pub faults: Vec<Finding>,
    /// Findings that do not affect the proof.
    pub remarks: Vec<Finding>,
    /// Lines with wrong arguments, in all facilities.
    pub arguments: Vec<BadArguments>,
    /// Lines of the `auth` stack whose modules this program does not know.
    pub unknown: Vec<(Origin, String)>,
    /// The search gave up: the stack has too many positions.
    pub too_complex: bool,
}

/// Judges the `auth` stack of a service.
#[must_use]
pub fn judge(service: &Service) -> Judgement {
    let steps = service.stack(Facility::Auth);
    let concerns =
        |finding: &Finding| finding.facility.is_none_or(|facility| facility == Facility::Auth);
    let (faults, remarks): (Vec<_>, Vec<_>) = service
        .findings
        .iter()
        .cloned()
        .partition(|finding| concerns(finding) && !finding.tolerated);
    let arguments = bad_arguments(service);
    let unknown = steps
        .iter()
        .filter(|step| modules::class_of(step) == Some(ModuleClass::Unknown))
        .filter_map(|step| match &step.kind {
            StepKind::Module { module, .. } => Some((step.origin.clone(), module.clone())),
            _ => None,
        })
        .collect();
    let searched = search(service, steps);
    let too_complex = searched.is_none();
    let verdict = match searched {
        // A file that cannot be read may contain a line of F-pass.
        Some(Verdict::NotProtected) if faults.iter().any(is_unreadable) => Verdict::Unsure,
        Some(Verdict::NotProtected) => Verdict::NotProtected,
        Some(broken @ Verdict::Broken { .. }) if !service.rejected => broken,
        _ if service.rejected || !faults.is_empty() => Verdict::Unsure,
        // The search covers wrong arguments in auth lines. Those in account lines refuse the login
        // later.
        Some(Verdict::Proven)
            if arguments.iter().any(|bad: &BadArguments| bad.facility == Facility::Account) =>
        {
            Verdict::Unsure
        }
        Some(verdict) => verdict,
        None => Verdict::Unsure,
    };
    Judgement { verdict, faults, remarks, arguments, unknown, too_complex }
}

fn is_unreadable(finding: &Finding) -> bool {
    matches!(finding.problem, Problem::Unreadable { .. })
}

/// The verdict of the search alone; `None` if the stack is too complex.
fn search(service: &Service, steps: &[Step]) -> Option<Verdict> {
    if !steps.iter().any(is_face_check) {
        return Some(Verdict::NotProtected);
    }
    let without_face = find_path(steps, &service.name, &WITHOUT_FACE).ok()?;
    let without_password = find_path(steps, &service.name, &WITHOUT_PASSWORD).ok()?;
    let found = [(MissingFactor::Face, without_face), (MissingFactor::Password, without_password)]
        .into_iter()
        .filter_map(|(missing, path)| Some((missing, path?)))
        .min_by_key(|(_, path)| (path.cost, path.steps.len()));
    if let Some((missing, path)) = found {
        return Some(Verdict::Broken { missing, path: path::lines(steps, &path) });
    }
    let user = find_path(steps, &service.name, &ENROLLED_USER).ok()?;
    let served =
        steps.iter().filter(|step| is_face_check(step)).any(|step| serves(step, &service.name));
    Some(match (user.is_some(), served) {
        (true, _) => Verdict::Proven,
        (false, true) => Verdict::NobodyGetsIn,
        (false, false) => Verdict::NotServed,
    })
}

/// Whether a line of F-pass serves a service. One with wrong arguments counts, because it refuses
/// for another reason.
fn serves(step: &Step, service: &str) -> bool {
    let StepKind::Module { arguments, .. } = &step.kind else { return false };
    arguments::read(Facility::Auth, arguments).map_or(true, |read| served::serves(&read, service))
}

/// Whether the step is a line of F-pass that checks a face.
#[must_use]
pub fn is_face_check(step: &Step) -> bool {
    if step.module_name().map(modules::class) != Some(ModuleClass::Fpass) {
        return false;
    }
    let StepKind::Module { arguments, .. } = &step.kind else { return false };
    arguments::read(Facility::Auth, arguments).is_ok_and(|read| !read.prewarm)
        || arguments::read(Facility::Auth, arguments).is_err()
}

fn bad_arguments(service: &Service) -> Vec<BadArguments> {
    let lines = Facility::ALL
        .into_iter()
        .flat_map(|facility| service.stack(facility).iter().map(move |step| (facility, step)));
    lines
        .filter(|(_, step)| step.module_name().map(modules::class) == Some(ModuleClass::Fpass))
        .filter_map(|(facility, step)| {
            let StepKind::Module { arguments, .. } = &step.kind else { return None };
            let error = arguments::read(facility, arguments).err()?;
            Some(BadArguments { error, origin: step.origin.clone(), facility })
        })
        .collect()
}

#[cfg(test)]
mod tests;
