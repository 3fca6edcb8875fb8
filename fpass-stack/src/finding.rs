//! Problems of a stack that are found while its files are read, as an administrator reads them.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{Facility, LineFault};
use crate::root::Files;
use crate::stack::Origin;

/// A problem that keeps a stack from being analysed, or from working.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// No file describes the service, and there is no `other`.
    #[error("neither a file of this service nor one named other exists")]
    NoFile,
    /// An included file does not exist.
    #[error("it includes {0}, which does not exist; libpam refuses everybody")]
    MissingInclude(String),
    /// A file exists but cannot be read.
    #[error("{file} cannot be read ({cause})")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The cause.
        cause: String,
    },
    /// A file includes itself, directly or through others.
    #[error("it includes {0} in an endless loop, which crashes libpam; remove the include")]
    Cycle(String),
    /// Files or substacks are nested more deeply than some versions of libpam allow.
    #[error("files are nested more than 16 deep, which some versions of libpam refuse")]
    TooDeep,
    /// The stack has more lines than this program reads.
    #[error("the stack has more than 2048 lines or 512 included files")]
    TooLarge,
    /// The file ends inside a continued line.
    #[error("{0} ends with a backslash; libpam rejects the file")]
    Incomplete(PathBuf),
    /// The line is malformed and always fails.
    #[error("{}", broken(.0))]
    Broken(LineFault),
    /// The control is malformed.
    #[error("the control is malformed; libpam treats every answer as a refusal")]
    Control,
    /// `include` without a name.
    #[error("the include names no file, which crashes libpam; name one or remove the line")]
    IncludeWithoutName,
    /// libpam cannot make a file name of the module.
    #[error("the module has no name; libpam rejects the file")]
    ModuleWithoutName,
    /// The module is not installed.
    #[error("the module {0} is not installed")]
    MissingModule(String),
    /// Versions of libpam read the line differently.
    #[error("versions of libpam read this line differently; simplify it")]
    Unclear,
    /// Others than root may write a file or a directory on which the stack depends.
    #[error(
        "others than root can write {0}, and so change at any time who gets in; correct its owner and mode"
    )]
    WritableByOthers(PathBuf),
    /// Nobody can tell from here who may write a file or a directory on which the stack depends.
    #[error("the owner and mode of {0} cannot be read, so others may write it; run this as root")]
    UnknownWriters(PathBuf),
    /// A directory on which the stack depends cannot be listed.
    #[error("the files in {0} cannot be listed, so nothing is known about them; run this as root")]
    Hidden(PathBuf),
    /// A module reads a file in a directory that the user chooses.
    #[error(
        "the module reads {0} in the directory in which the user starts the program; write its whole path"
    )]
    RelativeFile(String),
    /// The daemon cannot use its configuration.
    #[error("{file} is not a valid configuration of fpassd, which refuses everybody ({cause})")]
    Configuration {
        /// The file.
        file: PathBuf,
        /// The cause.
        cause: String,
    },
    /// A line says `quiet`, although the daemon asks for a turn of the head.
    #[error(
        "the line says quiet, so nobody is told to which side to turn the head, and attempts fail; \
         remove quiet, or set the service to \"off\" in [liveness.services] of fpassd.toml"
    )]
    UntoldTurn,
    /// The application asks modules for silence, and the line does not say `announce`.
    #[error(
        "the application asks modules for silence, so the line says neither when to look nor why an \
         attempt was refused; add announce"
    )]
    Silenced,
    /// `/etc/pam.conf` has lines for the service although there are directories.
    #[error("/etc/pam.conf has lines for this service too, which only some builds of libpam read")]
    BothForms,
}

fn broken(fault: &LineFault) -> &'static str {
    match fault {
        LineFault::Facility => {
            "the line does not begin with auth, account, password or session; it refuses everybody"
        }
        LineFault::NoControl => "the line has no control, such as required; it refuses everybody",
        LineFault::NoModule => {
            "the line names no module; it refuses or is skipped, depending on its control"
        }
    }
}

/// A problem and the line that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The problem.
    pub problem: Problem,
    /// The line; `None` if the problem is not in a line.
    pub origin: Option<Origin>,
    /// The facility that has the problem; `None` if all have it.
    pub facility: Option<Facility>,
    /// Whether the stack tolerates the problem: a missing module whose line begins with `-`, or
    /// whose control ignores `PAM_MODULE_UNKNOWN` and would neither jump nor end the stack
    /// successfully.
    pub tolerated: bool,
}

impl Finding {
    /// Whether the problem leaves the stack as it is, but nothing can be proven about it.
    pub(crate) fn concerns_proofs_only(&self) -> bool {
        matches!(
            self.problem,
            Problem::WritableByOthers(_)
                | Problem::UnknownWriters(_)
                | Problem::RelativeFile(_)
                | Problem::Configuration { .. }
        )
    }
}

/// The problem of a file that others than root may write, as far as that can be seen.
pub(crate) fn writers_problem(files: &dyn Files, path: &Path) -> Option<Problem> {
    match files.writable_by_others(path) {
        Ok(writable) => writable.map(Problem::WritableByOthers),
        Err(unseen) => Some(Problem::UnknownWriters(unseen)),
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Origin { file, line }) = &self.origin {
            write!(f, "{}:{line}: ", file.display())?;
        }
        write!(f, "{}", self.problem)
    }
}
