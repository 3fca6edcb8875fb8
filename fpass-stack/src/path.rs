//! A way through a stack, as an administrator reads it: one line for each module.

use std::fmt;

use crate::chain::{Origin, Step, Work};
use crate::code::Code;
use crate::modules::{self, Nature};
use crate::prove::Way;

/// What the person of a way lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// The face, and a recovery code.
    Face,
    /// The password.
    Password,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Face => "without the face",
            Self::Password => "without the password",
        })
    }
}

/// One module on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathLine {
    /// File and line.
    pub origin: Origin,
    /// The module as the line names it.
    pub module: String,
    /// What it answers.
    pub answer: Code,
    /// Why it may.
    pub meaning: &'static str,
}

impl fmt::Display for PathLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, module, answer, meaning } = self;
        write!(f, "{}:{}: {module} answers {answer}: {meaning}", origin.file.display(), origin.line)
    }
}

/// The lines of a way.
#[must_use]
pub fn lines(steps: &[Step], way: &Way) -> Vec<PathLine> {
    let line = |pass: &crate::prove::Pass| {
        let step = steps.get(pass.step)?;
        let Work::Module { module, .. } = &step.work else { return None };
        Some(PathLine {
            origin: step.origin.clone(),
            module: module.clone(),
            answer: pass.answer,
            meaning: meaning(step, pass.answer),
        })
    };
    way.passes.iter().filter_map(line).collect()
}

fn meaning(step: &Step, answer: Code) -> &'static str {
    let good = matches!(answer, Code::Success | Code::NewAuthtokReqd);
    match (modules::of(step), good) {
        (None, _) => "it is not installed",
        (Some(Nature::Fpass), true) => "the face, or a recovery code",
        (Some(Nature::Fpass), false) if answer == Code::Ignore => "a prewarm line judges nobody",
        (Some(Nature::Fpass), false) => "no face",
        (Some(Nature::Password), true) => "the right password",
        (Some(Nature::Password), false) => "no password, or a wrong one",
        (Some(Nature::Credential | Nature::TypedCredential), true) => {
            "something else than password and face"
        }
        (Some(Nature::Credential | Nature::TypedCredential), false) => "nothing that it asks for",
        (Some(Nature::Rootok), true) => "root started the program of this service",
        (Some(Nature::Rootok), false) => "root did not start the program",
        (Some(Nature::Condition), true) => "its condition holds",
        (Some(Nature::Condition), false) => "its condition does not hold",
        (Some(Nature::Neutral | Nature::PromptingNeutral), true) => "it means nothing",
        (Some(Nature::Neutral | Nature::PromptingNeutral), false) => {
            "it has nothing to do, or fails"
        }
        (Some(Nature::Permit), _) => "it lets everybody in",
        (Some(Nature::Deny), _) => "it lets nobody in",
        (Some(Nature::Unknown), _) => {
            "this program does not know the module; it may answer anything"
        }
    }
}
