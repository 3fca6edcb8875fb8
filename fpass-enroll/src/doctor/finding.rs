//! The result of a check.

use crate::error::Error;
use crate::language::told;
use serde::Serialize;

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// No problem.
    Ok,
    /// A possible problem, or a check that could not be made.
    Warn,
    /// F-pass does not work, or is not safe, until this is corrected.
    Fail,
}

impl Severity {
    /// The word in the output.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What the sentence of an error says was found, and what it says to do.
pub(super) fn parts(error: &Error) -> (String, Option<String>) {
    let sentence = error.to_string();
    match sentence.split_once(['；', ';']) {
        Some((found, remedy)) => {
            (found.trim_end().to_owned(), Some(remedy.trim_start().to_owned()))
        }
        None => (sentence, None),
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Name of the check.
    pub(crate) check: &'static str,
    /// Its severity.
    pub(crate) state: Severity,
    /// What was found.
    pub(crate) found: String,
    /// What to do; empty without a problem.
    pub(crate) remedy: String,
}

impl Finding {
    /// No problem.
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: Severity::Ok, found: found.into(), remedy: String::new() }
    }

    /// A possible problem, or a check that could not be made.
    pub(crate) fn warn(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: Severity::Warn, found: found.into(), remedy: remedy.into() }
    }

    /// A problem.
    pub(crate) fn fail(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: Severity::Fail, found: found.into(), remedy: remedy.into() }
    }

    /// The daemon did not answer; the check named `bus` tells why.
    pub(crate) fn unasked(check: &'static str) -> Self {
        Self::warn(
            check,
            told!("not known: fpassd did not answer"),
            told!("first see the check named bus"),
        )
    }

    /// Only root can make the check.
    pub(crate) fn for_root(check: &'static str) -> Self {
        Self::warn(check, told!("not checked: only root can"), told!("run this as root"))
    }
}
