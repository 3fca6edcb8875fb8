//! What a check came to.

use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// It may be wrong, or could not be looked at.
    Warn,
    /// F-pass does not work, or not safely, until it is put right.
    Fail,
}

impl State {
    /// The word that people read.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Name of the check.
    pub(crate) check: &'static str,
    /// How it is.
    pub(crate) state: State,
    /// What was found.
    pub(crate) found: String,
    /// What to do; empty when all is well.
    pub(crate) remedy: String,
}

impl Finding {
    /// All is well.
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), remedy: String::new() }
    }

    /// It may be wrong, or could not be looked at.
    pub(crate) fn warn(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Warn, found: found.into(), remedy: remedy.into() }
    }

    /// It is wrong.
    pub(crate) fn fail(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Fail, found: found.into(), remedy: remedy.into() }
    }

    /// The daemon did not say: the check named `bus` says why.
    pub(crate) fn unasked(check: &'static str) -> Self {
        Self::warn(check, "not known: fpassd did not answer", "first see to the check named bus")
    }

    /// Only root may look.
    pub(crate) fn for_root(check: &'static str) -> Self {
        Self::warn(check, "not looked at: only root may", "run this as root")
    }
}
