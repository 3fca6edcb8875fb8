//! The verdict on a service.

use fpass_proto::SeatRefusal;

use crate::answers::{Principal, answers_without_setup};
use crate::arguments::{self, ArgumentError};
use crate::face_check::{exemptions, is_face_check, is_ours, without_exemptions};
use crate::file::Facility;
use crate::finding::{Finding, Problem};
use crate::modules::{self, ModuleClass};
use crate::path::{self, MissingFactor, PathLine, Target};
use crate::resolve::Service;
use crate::search::{find_path, find_path_of};
use crate::served;
use crate::stack::{Origin, Step, StepKind};

/// An ordinary user who knows the password and has the factors of all other modules, but not the
/// face.
pub const WITHOUT_FACE: Principal = Principal {
    root: false,
    enrolled: true,
    password: true,
    empty_password: false,
    face: false,
    other_factors: true,
    only_usual: false,
};

/// Has the face and the factors of all other modules, but does not know the password.
pub const WITHOUT_PASSWORD: Principal = Principal { password: false, face: true, ..WITHOUT_FACE };

/// An ordinary user with password and face, when nothing fails.
pub const ENROLLED_USER: Principal =
    Principal { face: true, other_factors: false, only_usual: true, ..WITHOUT_FACE };

/// Root with the password, when no face can be checked.
pub const ROOT_WITHOUT_FACE: Principal =
    Principal { root: true, other_factors: false, only_usual: true, ..WITHOUT_FACE };

/// Has an empty password and the face.
const EMPTY_PASSWORD: Principal = Principal { empty_password: true, ..WITHOUT_PASSWORD };

/// Never had an F-pass; knows the password.
const NEVER_ENROLLED: Principal = Principal { enrolled: false, ..WITHOUT_FACE };

/// What the analysis proves about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No line of F-pass checks a face.
    NotProtected,
    /// Password and face are both necessary, except for [`Judgement::exempt`], and together they
    /// suffice.
    Proven,
    /// A principal who lacks a factor can log in.
    Broken {
        /// The target user.
        target: Target,
        /// The factor.
        missing: MissingFactor,
        /// The path through the stack.
        path: Vec<PathLine>,
    },
    /// Nobody can log in, not even with password and face.
    NobodyGetsIn,
    /// Nobody can log in, because `pam_fpass` does not serve this service.
    NotServed,
    /// Nobody can log in, because the daemon refuses the calls of this service.
    NotAdmitted(SeatRefusal),
    /// The stack has faults or is too complex; nothing is proven.
    Unsure,
}

/// Users who get in without a face, or without a password, although the stack is proven, because
/// the lines say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exempt {
    /// Users who never set up an F-pass, with the password alone.
    NeverEnrolled,
    /// Users who never set up an F-pass, but they must set one up while they log in.
    SettingUp,
    /// Root, with the password alone.
    Root {
        /// Only under a condition, such as at some terminals.
        console: bool,
    },
    /// Users with a recovery code.
    RecoveryCode,
    /// Users with an empty password: with the face alone, or, if they are otherwise exempt from it,
    /// with nothing.
    EmptyPassword {
        /// Whether the face is needed.
        face: bool,
    },
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
    /// Who gets in without a face, or without a password, although the verdict is
    /// [`Verdict::Proven`].
    pub exempt: Vec<Exempt>,
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
        Some(Verdict::NotProtected) if faults.iter().any(may_hide_a_line) => Verdict::Unsure,
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
        Some(Verdict::Proven | Verdict::NobodyGetsIn) if service.admission.is_err() => {
            service.admission.err().map_or(Verdict::Unsure, Verdict::NotAdmitted)
        }
        Some(verdict) => verdict,
        None => Verdict::Unsure,
    };
    let exempt = if verdict == Verdict::Proven { exempt(service) } else { Some(Vec::new()) };
    // Who gets in without a factor must be named.
    let unnamed = exempt.is_none();
    let (verdict, exempt) =
        exempt.map_or((Verdict::Unsure, Vec::new()), |exempt| (verdict, exempt));
    let too_complex = too_complex || unnamed;
    Judgement { verdict, exempt, faults, remarks, arguments, unknown, too_complex }
}

/// Whether a line of F-pass may be where this program has not read, or has read otherwise than
/// libpam.
fn may_hide_a_line(finding: &Finding) -> bool {
    matches!(
        finding.problem,
        Problem::Unreadable { .. }
            | Problem::Hidden(_)
            | Problem::Cycle(_)
            | Problem::TooDeep
            | Problem::TooLarge
            | Problem::Incomplete(_)
            | Problem::Broken(_)
            | Problem::IncludeWithoutName
            | Problem::ModuleWithoutName
            | Problem::Unclear
    )
}

/// The verdict of the search alone; `None` if the stack is too complex.
fn search(service: &Service, steps: &[Step]) -> Option<Verdict> {
    if !steps.iter().any(is_face_check) {
        return Some(Verdict::NotProtected);
    }
    // Root with the password may be exempt by a line that is made for it, and by nothing else.
    let without_exemptions = without_exemptions(steps, &service.name);
    let never_enrolled = Principal { password: false, ..NEVER_ENROLLED };
    let mut found = Vec::new();
    for target in [Target::User, Target::Root] {
        for (missing, principal) in [
            (MissingFactor::Face, WITHOUT_FACE),
            (MissingFactor::Password, WITHOUT_PASSWORD),
            (MissingFactor::Password, never_enrolled),
        ] {
            let root = target == Target::Root;
            let principal = Principal { root, ..principal };
            let steps = if root && principal.password { &without_exemptions } else { steps };
            if let Some(path) = find_path(steps, &service.name, &principal).ok()? {
                found.push((target, missing, path));
            }
        }
    }
    if let Some((target, missing, path)) =
        found.into_iter().min_by_key(|(_, _, path)| (path.cost, path.steps.len()))
    {
        return Some(Verdict::Broken { target, missing, path: path::lines(steps, &path) });
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

/// Who gets in without a face, or without a password; `None` if the stack is too complex.
fn exempt(service: &Service) -> Option<Vec<Exempt>> {
    let steps = service.stack(Facility::Auth);
    let mut found = Vec::new();
    let mut sets_up = false;
    let gets_in = |steps: &[Step], principal: &Principal| {
        Some(find_path(steps, &service.name, principal).ok()?.is_some())
    };
    let never_enrolled_root = Principal { root: true, ..NEVER_ENROLLED };
    let without_exemptions = without_exemptions(steps, &service.name);
    if gets_in(steps, &NEVER_ENROLLED)? || gets_in(&without_exemptions, &never_enrolled_root)? {
        sets_up = must_set_up(service)?;
        found.push(if sets_up { Exempt::SettingUp } else { Exempt::NeverEnrolled });
    }
    if gets_in(steps, &Principal { root: true, ..WITHOUT_FACE })? {
        let console = exemptions(steps, &service.name).all(|exemption| exemption.console);
        found.push(Exempt::Root { console });
    }
    let takes_codes = |step: &Step| {
        let StepKind::Module { arguments, .. } = &step.kind else { return false };
        arguments::read(Facility::Auth, arguments).is_ok_and(|read| read.recovery.is_some())
    };
    if steps.iter().filter(|step| is_face_check(step)).any(takes_codes) {
        found.push(Exempt::RecoveryCode);
    }
    for root in [false, true] {
        let empty = Principal { root, ..EMPTY_PASSWORD };
        let faceless = Principal { face: false, ..empty };
        let newcomer = Principal { enrolled: false, ..faceless };
        let without_both = gets_in(steps, &faceless)? || !sets_up && gets_in(steps, &newcomer)?;
        let not_exempt = if root { &without_exemptions } else { steps };
        for (opens, face) in [(gets_in(not_exempt, &empty)?, true), (without_both, false)] {
            let exempt = Exempt::EmptyPassword { face };
            if opens && !found.contains(&exempt) {
                found.push(exempt);
            }
        }
    }
    Some(found)
}

/// Whether a user who never enrolled gets on only after a set-up: neither the `account` nor the
/// `password` stack succeeds without it. `None` if a stack is too complex.
fn must_set_up(service: &Service) -> Option<bool> {
    for facility in [Facility::Account, Facility::Password] {
        let steps = service.stack(facility);
        let requires = |step: &Step| match &step.kind {
            StepKind::Module { arguments, .. } if is_ours(step) => {
                arguments::read(facility, arguments)
                    .is_ok_and(|read| served::serves(&read, &service.name))
            }
            _ => false,
        };
        let answers = |step: &Step, _| answers_without_setup(step, facility);
        // No answer depends on what was typed.
        let path = find_path_of(steps, answers, |_| false).ok()?;
        if path.is_some() || !steps.iter().any(requires) {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether a line of F-pass serves a service. One with wrong arguments counts, because it refuses
/// for another reason.
fn serves(step: &Step, service: &str) -> bool {
    let StepKind::Module { arguments, .. } = &step.kind else { return false };
    arguments::read(Facility::Auth, arguments).map_or(true, |read| served::serves(&read, service))
}

fn bad_arguments(service: &Service) -> Vec<BadArguments> {
    let lines = Facility::ALL
        .into_iter()
        .flat_map(|facility| service.stack(facility).iter().map(move |step| (facility, step)));
    lines
        .filter(|(_, step)| is_ours(step))
        .filter_map(|(facility, step)| {
            let StepKind::Module { arguments, .. } = &step.kind else { return None };
            let error = arguments::read(facility, arguments).err()?;
            Some(BadArguments { error, origin: step.origin.clone(), facility })
        })
        .collect()
}

#[cfg(test)]
mod tests;
