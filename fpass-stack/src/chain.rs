//! A stack with everything included: what libpam runs for one facility of one service.

use std::path::PathBuf;

use crate::control::Control;
use crate::file::Fault;

/// Deepest nesting of substacks; libpam refuses to include at this depth.
pub const LEVEL_MAX: u8 = 16;

/// Where a step comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file, as a path on the machine that it describes.
    pub file: PathBuf,
    /// Number of the line, from 1.
    pub line: usize,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Asks a module.
    Module {
        /// As the line names it.
        module: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Whether its file is there. A module that is not answers `PAM_MODULE_UNKNOWN`.
        present: bool,
    },
    /// Nothing; the steps of the next level that follow belong to it.
    Substack {
        /// The file.
        target: String,
    },
    /// Always refuses, with `PAM_PERM_DENIED`.
    Refusal(Refusal),
}

/// Why a step always refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The line is broken.
    Line(Fault),
    /// The file that it includes is missing, or cannot be read, or libpam stopped in it.
    Include(String),
}

/// One step of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many substacks it is in, 0 to 15.
    pub level: u8,
    /// What is done with its answer.
    pub control: Control,
    /// What it does.
    pub work: Work,
    /// Where it comes from.
    pub origin: Origin,
}

impl Step {
    /// The last part of the module's name without `.so`; `None` when no module is asked.
    #[must_use]
    pub fn module_name(&self) -> Option<&str> {
        let Work::Module { module, .. } = &self.work else { return None };
        let file = module.rsplit('/').next().unwrap_or(module);
        Some(file.strip_suffix(".so").unwrap_or(file))
    }
}

/// The steps of one facility, in order.
pub type Chain = Vec<Step>;
