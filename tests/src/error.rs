//! Errors of the testbed.

use std::{fmt, io, path::PathBuf};

use thiserror::Error;

/// Why the testbed failed.
#[derive(Error)]
pub enum TestbedError {
    /// A namespace or mount was refused.
    #[error(
        "{action} failed: {cause}; a private machine needs root and overlayfs, see scripts/test"
    )]
    Mount {
        /// What was tried.
        action: String,
        /// The system's answer.
        cause: nix::Error,
    },
    /// A file or process operation failed.
    #[error("{action} failed: {cause}")]
    Io {
        /// What was tried.
        action: String,
        /// The system's answer.
        cause: io::Error,
    },
    /// A build product, model or picture is not there.
    #[error("{0} is missing; run scripts/build and scripts/models")]
    Missing(PathBuf),
    /// A test picture cannot be decoded.
    #[error("{path} cannot be decoded: {cause}")]
    Picture {
        /// The picture.
        path: PathBuf,
        /// The decoder's answer.
        cause: image::ImageError,
    },
    /// A command failed.
    #[error("{command} ended with {}:\n{output}", .code.map_or("a signal".to_owned(), |code| format!("exit code {code}")))]
    Command {
        /// The command line.
        command: String,
        /// Exit code; `None` after a signal.
        code: Option<i32>,
        /// Both output streams.
        output: String,
    },
    /// A long-running program ended before it was ready.
    #[error("{program} ended before it was ready; its log:\n{log}")]
    Ended {
        /// The program.
        program: &'static str,
        /// What it logged.
        log: String,
    },
    /// A long-running program did not become ready.
    #[error("{program} is not ready after {seconds} s; its log:\n{log}")]
    NotReady {
        /// The program.
        program: &'static str,
        /// Length of the wait.
        seconds: u64,
        /// What it logged.
        log: String,
    },
    /// A helper's output cannot be understood.
    #[error("{program} gave no readable answer: {output}")]
    Answer {
        /// The helper.
        program: &'static str,
        /// What it printed.
        output: String,
    },
}

/// A test that returns this error shows the sentence, not the structure.
impl fmt::Debug for TestbedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TestbedError {
    /// Wraps an I/O error with what was tried.
    pub fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |cause| Self::Io { action, cause }
    }
}
