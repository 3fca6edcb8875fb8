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
    /// The name of the module without directory and `.so`, if it lies where packages put modules;
    /// one from elsewhere is named with its path. `None` when no module is asked.
    #[must_use]
    pub fn module_name(&self) -> Option<&str> {
        let Work::Module { module, .. } = &self.work else { return None };
        let file = match module.rsplit_once('/') {
            None => module,
            Some((directory, file)) if is_packaged(directory) => file,
            Some(_) => return Some(module),
        };
        Some(file.strip_suffix(".so").unwrap_or(file))
    }
}

/// Whether a directory is one of those below `/lib` and `/usr/lib` from which libpam takes modules.
fn is_packaged(directory: &str) -> bool {
    let library = directory.strip_prefix("/usr").unwrap_or(directory);
    let below = library.strip_prefix("/lib64").or_else(|| library.strip_prefix("/lib"));
    let ascends = directory.split('/').any(|part| part == "..");
    !ascends
        && below
            .is_some_and(|below| below.ends_with("/security") || below.ends_with("/security/$ISA"))
}

/// The steps of one facility, in order.
pub type Chain = Vec<Step>;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(module: &str) -> Option<String> {
        let work = Work::Module { module: module.to_owned(), arguments: Vec::new(), present: true };
        let origin = Origin { file: PathBuf::new(), line: 1 };
        let step = Step { level: 0, control: Control::BAD, work, origin };
        step.module_name().map(str::to_owned)
    }

    #[test]
    fn a_module_from_elsewhere_keeps_its_path() {
        for module in [
            "/tmp/pam_unix.so",
            "../pam_unix.so",
            "/lib/../tmp/security/pam_unix.so",
            "/lib/../tmp/security/$ISA/pam_unix.so",
            "/opt/lib/security/pam_unix.so",
            "/libx/pam_unix.so",
        ] {
            assert_eq!(name(module).as_deref(), Some(module));
        }
    }

    #[test]
    fn a_packaged_module_is_known_by_its_name() {
        for module in [
            "pam_unix.so",
            "/lib/security/pam_unix.so",
            "/usr/lib64/security/pam_unix.so",
            "/usr/lib/x86_64-linux-gnu/security/pam_unix.so",
            "/lib/security/$ISA/pam_unix.so",
        ] {
            assert_eq!(name(module).as_deref(), Some("pam_unix"), "{module}");
        }
    }
}
