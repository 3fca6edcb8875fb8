//! What is found about a stack while it is put together, as an administrator reads it.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::chain::Origin;
use crate::file::{Facility, Fault};

/// Something about a stack that keeps it from being judged, or from working at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// Nothing describes the service, and there is no `other`.
    #[error("neither a file of this service nor one named other exists")]
    NoFile,
    /// An included file is not there.
    #[error("it includes {0}, which does not exist; libpam refuses everybody")]
    MissingInclude(String),
    /// A file is there and cannot be read.
    #[error("{file} cannot be read ({cause})")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// A file includes itself, perhaps through others.
    #[error("it includes {0} again, without end; libpam does not survive that")]
    Cycle(String),
    /// Files or substacks are nested more deeply than some versions of libpam go.
    #[error(
        "files are nested more than 16 deep; libpam refuses that, or not, depending on its version"
    )]
    TooDeep,
    /// More lines than this program follows.
    #[error("the stack has more than 2048 lines or 512 included files")]
    TooLarge,
    /// The file ends in a continued line.
    #[error("{0} ends with a backslash; libpam rejects the file")]
    Incomplete(PathBuf),
    /// The line is broken, and refuses.
    #[error("{}", broken(.0))]
    Broken(Fault),
    /// The control cannot be read.
    #[error("the part between [ and ] cannot be read; libpam takes every answer for a refusal")]
    Control,
    /// `include` without a name.
    #[error("it includes a file without naming it; libpam does not survive that")]
    IncludeWithoutName,
    /// A name from which libpam can make no module.
    #[error("the module has no name; libpam rejects the file")]
    ModuleWithoutName,
    /// The module's file is not installed.
    #[error("the module {0} is not installed")]
    MissingModule(String),
    /// Versions of libpam read the line differently.
    #[error("versions of libpam read this line differently; write it plainly")]
    Unclear,
    /// `/etc/pam.conf` names the service and there are directories too.
    #[error(
        "/etc/pam.conf has lines for it too; some builds of libpam read them and others do not"
    )]
    BothForms,
}

fn broken(fault: &Fault) -> &'static str {
    match fault {
        Fault::Facility => {
            "the line begins with none of auth, account, password and session; it refuses"
        }
        Fault::NoControl => "the line has no control (required, sufficient and so on); it refuses",
        Fault::NoModule => {
            "the line names no module; it refuses or is left out, as its control says"
        }
    }
}

/// A problem and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub problem: Problem,
    /// Where; `None` when it is about no line.
    pub origin: Option<Origin>,
    /// The facility that it is about; `None` when it touches all of them.
    pub facility: Option<Facility>,
    /// Whether the stack allows for it: a missing module whose line begins with `-`, or whose control
    /// (`optional`, say) leaves out what libpam answers in its place, and would not end the stack if it were
    /// there.
    pub expected: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Origin { file, line }) = &self.origin {
            write!(f, "{}:{line}: ", file.display())?;
        }
        write!(f, "{}", self.problem)
    }
}
