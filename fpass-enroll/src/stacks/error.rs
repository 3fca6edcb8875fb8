//! Why the PAM stacks of a machine could not be read or changed.

use std::io;
use std::path::PathBuf;

use fpass_language::Sentence;
use thiserror::Error;

use crate::exit_code::ExitCode;
use crate::language::{spoken, told};

/// Why a command about PAM stacks failed.
#[derive(Debug, Error)]
pub enum StackError {
    /// The root directory cannot be opened.
    #[error(
        "{}",
        told!(
            "{path} cannot be opened ({source}); check --root.",
            path = path.display(),
            source = source
        )
    )]
    Root {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No file in `/etc/pam.d` or the vendor's directories describes the service.
    #[error(
        "{}",
        told!(
            "No file in /etc/pam.d or /usr/lib/pam.d describes the service {service}; check its name with fpass-enroll check-pam.",
            service = (.0)
        )
    )]
    NotDescribed(String),
    /// A tool writes the file.
    #[error(
        "{}",
        told!(
            "{path} was not changed, because {tool} writes it; {remedy}.",
            path = path.display(),
            tool = tool,
            remedy = remedy.wording(spoken())
        )
    )]
    Owned {
        /// Which file.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
        /// What to do.
        remedy: Sentence,
    },
    /// The file is a symbolic link.
    #[error(
        "{}",
        told!(
            "{path} was not changed, because it is a symbolic link; change its target with the tool that made it, or replace the link with a file.",
            path = (.0).display()
        )
    )]
    Linked(PathBuf),
    /// The file is not a regular one, or has other hard links.
    #[error(
        "{}",
        told!(
            "{path} was not changed, because it is not a regular file with one name; replace it with one.",
            path = (.0).display()
        )
    )]
    Irregular(PathBuf),
    /// The file holds bytes that are not UTF-8.
    #[error(
        "{}",
        told!(
            "{path} was not changed, because it holds bytes that are not UTF-8; remove them first.",
            path = (.0).display()
        )
    )]
    NotText(PathBuf),
    /// The stack has a line of `pam_fpass` that `pam enable` did not write.
    #[error(
        "{}",
        told!(
            "{service} was not changed, because a line that \"pam enable\" did not write already asks for the face; see fpass-enroll pam status {service}.",
            service = (.0)
        )
    )]
    AsksAlready(String),
    /// No position of the line makes the stack safe.
    #[error(
        "{}",
        told!(
            "{service} was not changed, because its stack would not be safe with a line of pam_fpass:\n{lines}\nCorrect that first; docs/administrator.md in the source of F-pass explains how.",
            lines = lines.join("\n"),
            service = service
        )
    )]
    Unsafe {
        /// Which service.
        service: String,
        /// The verdict with its path.
        lines: Vec<String>,
    },
    /// Another service includes the file and would no longer be safe.
    #[error(
        "{}",
        told!(
            "{service} was not changed, because another service includes its file and would not be safe:\n{lines}\nEnable that service instead, or give it lines of its own first.",
            lines = lines.join("\n"),
            service = service
        )
    )]
    Neighbour {
        /// Which service was to be changed.
        service: String,
        /// The verdict about the other service.
        lines: Vec<String>,
    },
    /// Nobody could log in without a working face check.
    #[error(
        "{}",
        told!(
            "{service} was not changed, because nobody could then log in without a working face check; add --recovery, or keep a login service in which root needs only a password.",
            service = (.0)
        )
    )]
    NoWayBack(String),
    /// The file has no line of `pam enable`.
    #[error(
        "{}",
        told!(
            "{service} was not changed, because \"pam enable\" inserted no line into its file; see fpass-enroll pam status {service}.",
            service = (.0)
        )
    )]
    NotEnabled(String),
    /// Another program changed the file at the same time.
    #[error(
        "{}",
        told!(
            "{path} was not changed, because another program changed it at the same time; try again.",
            path = (.0).display()
        )
    )]
    Changed(PathBuf),
    /// The file cannot be read or written.
    #[error(
        "{}",
        told!(
            "{path} was not changed ({source}); run this as root, and check that the disk is writable and has free space.",
            path = path.display(),
            source = source
        )
    )]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl StackError {
    /// Wraps what the system says about a file.
    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}

impl From<&StackError> for ExitCode {
    fn from(error: &StackError) -> Self {
        match error {
            StackError::Root { .. } => Self::StackUnreadable,
            StackError::NotDescribed(_) => Self::Usage,
            StackError::Unsafe { .. } | StackError::Neighbour { .. } => Self::StackBroken,
            StackError::NoWayBack(_) => Self::NoWayBack,
            StackError::Owned { .. }
            | StackError::Linked(_)
            | StackError::Irregular(_)
            | StackError::NotText(_)
            | StackError::AsksAlready(_)
            | StackError::NotEnabled(_)
            | StackError::Changed(_)
            | StackError::Write { .. } => Self::StackUnchanged,
        }
    }
}
