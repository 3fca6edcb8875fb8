//! A path through a stack as an administrator reads it: one line for each module.

use std::fmt;

use crate::code::Code;
use crate::modules::{self, ModuleClass};
use crate::search::{PathStep, StackPath};
use crate::stack::{Origin, Step, StepKind};

/// The target user of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An ordinary user.
    User,
    /// Root.
    Root,
}

/// The factor that a principal lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingFactor {
    /// The face, and a recovery code too.
    Face,
    /// The password.
    Password,
}

impl fmt::Display for MissingFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Face => "without the face",
            Self::Password => "without the password",
        })
    }
}

/// One module on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathLine {
    /// File and line of the step.
    pub origin: Origin,
    /// The module as the line names it.
    pub module: String,
    /// Its answer.
    pub answer: Code,
    /// What the answer means.
    pub meaning: &'static str,
}

impl fmt::Display for PathLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, module, answer, meaning } = self;
        write!(f, "{}:{}: {module} answers {answer}: {meaning}", origin.file.display(), origin.line)
    }
}

/// The lines of a path.
#[must_use]
pub fn lines(steps: &[Step], path: &StackPath) -> Vec<PathLine> {
    let line = |taken: &PathStep| {
        let step = steps.get(taken.step)?;
        let StepKind::Module { module, .. } = &step.kind else { return None };
        Some(PathLine {
            origin: step.origin.clone(),
            module: module.clone(),
            answer: taken.answer,
            meaning: meaning(step, taken.answer),
        })
    };
    path.steps.iter().filter_map(line).collect()
}

fn meaning(step: &Step, answer: Code) -> &'static str {
    let good = matches!(answer, Code::Success | Code::NewAuthtokReqd);
    if matches!(step.kind, StepKind::Module { present: false, .. }) {
        return if answer == Code::ModuleUnknown {
            "it is not installed"
        } else {
            "it is not installed today, and may answer so on the day on which it is"
        };
    }
    if answer == Code::ModuleUnknown {
        return "it is not loaded, for example under a limit that the caller sets";
    }
    match (modules::class_of(step), good) {
        (None, _) => "it calls no module",
        (Some(ModuleClass::Fpass), true) => "the face, or a recovery code",
        (Some(ModuleClass::Fpass), false) if answer == Code::Ignore => {
            "it checks no face, because of prewarm, nullok or enroll=required"
        }
        (Some(ModuleClass::Fpass), false) => "no matching face",
        (Some(ModuleClass::Password), true) => "the right password",
        (Some(ModuleClass::Password), false) => "no password, or a wrong one",
        (Some(ModuleClass::Credential | ModuleClass::TypedCredential), true) => {
            "another factor than password and face"
        }
        (Some(ModuleClass::Credential | ModuleClass::TypedCredential), false) => {
            "the factor that it asks for is missing"
        }
        (Some(ModuleClass::Rootok), true) => "root started the program of this service",
        (Some(ModuleClass::Rootok), false) => "root did not start the program",
        (Some(ModuleClass::Condition), true) => "its condition holds",
        (Some(ModuleClass::Condition), false) => "its condition does not hold",
        (Some(ModuleClass::Neutral | ModuleClass::UncheckedToken), true) => {
            "it proves nothing about the user"
        }
        (Some(ModuleClass::Neutral | ModuleClass::UncheckedToken), false) => {
            "it has nothing to do, or fails"
        }
        (Some(ModuleClass::Permit), _) => "it lets everybody in",
        (Some(ModuleClass::Deny), _) => "it lets nobody in",
        (Some(ModuleClass::Unknown), _) => {
            "this program does not know the module; it may answer anything"
        }
    }
}
