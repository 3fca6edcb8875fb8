//! The two results of a completed comparison.

use std::fmt;

/// Result of a comparison. Every other answer is a [`Refusal`](crate::Refusal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The person in front of the camera is the user, and live as far as the policy requires.
    Match,
    /// A face was compared and is not the user's.
    NoMatch,
}

impl Verdict {
    /// The word that crosses the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no-match",
        }
    }

    /// Reads the word from the bus. `None` for any other word: the peer has another version.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "match" => Some(Self::Match),
            "no-match" => Some(Self::NoMatch),
            _ => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_exact_words_are_verdicts() {
        for word in ["", "Match", "match ", "matched", "yes", "no_match", "true"] {
            assert_eq!(Verdict::parse(word), None, "{word:?}");
        }
        for verdict in [Verdict::Match, Verdict::NoMatch] {
            assert_eq!(Verdict::parse(verdict.as_str()), Some(verdict));
        }
    }
}
