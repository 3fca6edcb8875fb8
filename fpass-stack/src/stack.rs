//! A stack: the steps that libpam runs for one facility of one service, with all includes resolved.

use std::path::PathBuf;

use crate::control::Control;
use crate::file::LineFault;

/// Deepest nesting of substacks; libpam refuses to include at this depth.
pub const LEVEL_MAX: u8 = 16;

/// The file and line that a step comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file, as a path on the machine that is analysed.
    pub file: PathBuf,
    /// Line number, from 1.
    pub line: usize,
}

/// What a step does: the handler types of libpam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Calls a module.
    Module {
        /// The module as the line names it.
        module: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Whether its file exists. Without it the step answers `PAM_MODULE_UNKNOWN`.
        present: bool,
    },
    /// Begins a substack: the steps of the next level that follow.
    Substack {
        /// The included file.
        target: String,
    },
    /// Always answers `PAM_PERM_DENIED`.
    MustFail(FailReason),
}

/// Why a step always answers `PAM_PERM_DENIED`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailReason {
    /// The line is malformed.
    Line(LineFault),
    /// The included file is missing or cannot be read, or libpam rejected it.
    Include(String),
}

/// One step of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Number of substacks around the step, 0 to 15.
    pub level: u8,
    /// What libpam does with the answer.
    pub control: Control,
    /// What the step does.
    pub kind: StepKind,
    /// File and line of the step.
    pub origin: Origin,
}

impl Step {
    /// The name of the module: without directory and `.so` if it is in a directory of packages,
    /// with its path otherwise. Our own module has its name in every directory: a line of it must
    /// never be overlooked. `None` if the step calls no module.
    #[must_use]
    pub fn module_name(&self) -> Option<&str> {
        let StepKind::Module { module, .. } = &self.kind else { return None };
        let file = match module.rsplit_once('/') {
            None => module,
            Some((_, file)) if stem(file) == OURS => file,
            Some((directory, file)) if is_packaged(directory) => file,
            Some(_) => return Some(module),
        };
        if stem(file) == OURS {
            return Some(OURS);
        }
        Some(file.strip_suffix(".so").unwrap_or(file))
    }
}

/// The name of our module.
const OURS: &str = "pam_fpass";

/// The name of a file up to its first dot.
fn stem(file: &str) -> &str {
    file.split('.').next().unwrap_or(file)
}

/// Whether a directory is one in which packages install PAM modules, such as `/usr/lib/security`,
/// or that of a package in the store of Nix or Guix.
fn is_packaged(directory: &str) -> bool {
    if directory.split('/').any(|part| part == "..") {
        return false;
    }
    let stored = ["/nix/store/", "/gnu/store/"].iter().any(|store| {
        let package = directory.strip_prefix(store).and_then(|below| below.split_once('/'));
        package.is_some_and(|(_, below)| below == "lib/security")
    });
    let below_usr = directory.strip_prefix("/usr").unwrap_or(directory);
    let below_usr = below_usr.strip_suffix("/$ISA").unwrap_or(below_usr);
    let library = below_usr.strip_suffix("/security").and_then(|path| path.strip_prefix('/'));
    let is_library = |path: &str| {
        // Only the directory of an architecture, such as x86_64-linux-gnu.
        let (name, architecture) = path.split_once('/').unwrap_or((path, "-linux-"));
        ["lib", "lib32", "lib64", "libx32"].contains(&name)
            && architecture.contains("-linux-")
            && !architecture.contains('/')
    };
    stored || library.is_some_and(is_library)
}

/// The steps of one facility, in order.
pub type Stack = Vec<Step>;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(module: &str) -> Option<String> {
        let kind =
            StepKind::Module { module: module.to_owned(), arguments: Vec::new(), present: true };
        let origin = Origin { file: PathBuf::new(), line: 1 };
        let step = Step { level: 0, control: Control::BAD, kind, origin };
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
            "/libevil/security/pam_unix.so",
            "/usr/libexec/security/pam_unix.so",
            "/lib/evil/security/pam_unix.so",
            "/lib/x86_64-linux-gnu/evil/security/pam_unix.so",
            "/lib/security/evil/pam_unix.so",
            "/nix/store/pam_unix.so",
            "/nix/store/abc-x/lib/evil/pam_unix.so",
            "/nix/store/../tmp/lib/security/pam_unix.so",
            "/nix/store/abc-x/../../../tmp/lib/security/pam_unix.so",
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
            "/lib32/security/pam_unix.so",
            "/usr/lib/x86_64-linux-gnu/security/pam_unix.so",
            "/lib/security/$ISA/pam_unix.so",
            "/nix/store/abc-linux-pam-1.6.1/lib/security/pam_unix.so",
            "/gnu/store/abc-linux-pam-1.6.1/lib/security/pam_unix.so",
        ] {
            assert_eq!(name(module).as_deref(), Some("pam_unix"), "{module}");
        }
    }

    #[test]
    fn our_module_is_known_in_every_directory() {
        for module in [
            "pam_fpass.so",
            "pam_fpass",
            "pam_fpass.so.0",
            "/opt/fpass/pam_fpass.so",
            "/usr/local/lib/security/pam_fpass.so",
            "/nix/store/abc-fpass/lib/security/pam_fpass.so",
            "/home/alice/../x/pam_fpass.so",
            "../pam_fpass.so",
        ] {
            assert_eq!(name(module).as_deref(), Some("pam_fpass"), "{module}");
        }
        for module in ["pam_fpass2.so", "/opt/pam_fpass.so/pam_unix.so", "pam_xfpass.so"] {
            assert_ne!(name(module).as_deref(), Some("pam_fpass"), "{module}");
        }
    }
}
