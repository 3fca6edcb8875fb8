//! The answer to a method call on the bus.

use fpass_proto::{Refusal, Verdict};

/// The answer to a method call on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The body as dbus-send prints it, with single blanks.
    Answer(String),
    /// The name of a D-Bus error.
    Error(String),
}

impl Reply {
    /// The answer of one word.
    #[must_use]
    pub fn word(word: &str) -> Self {
        Self::Answer(word.to_owned())
    }

    /// The answer of a verdict.
    #[must_use]
    pub fn verdict(verdict: Verdict) -> Self {
        Self::word(verdict.as_str())
    }

    /// The answer of a verdict that matches.
    #[must_use]
    pub fn matched() -> Self {
        Self::verdict(Verdict::Match)
    }

    /// The error of a refusal.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Self {
        Self::Error(refusal.error_name().to_owned())
    }
}
