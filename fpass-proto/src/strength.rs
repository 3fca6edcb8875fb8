//! Strength of an enrolment.

use std::fmt;

/// How reliably the enrolled person will be recognised, without a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The person will often be refused.
    Weak,
    /// The person will be recognised in conditions like those of the enrolment.
    Fair,
    /// The person would be recognised even at the strictest rate.
    Strong,
}

impl Strength {
    /// Every strength, the weakest first.
    pub const ALL: [Self; 3] = [Self::Weak, Self::Fair, Self::Strong];

    /// The word that crosses the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }

    /// Reads the word from the bus. `None` for any other word: the peer has another version.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strength| strength.as_str() == word)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_words_are_strengths() {
        for word in ["", "Weak", "strong ", "stronger", "0.9", "enrolled"] {
            assert_eq!(Strength::parse(word), None, "{word:?}");
        }
        for strength in Strength::ALL {
            assert_eq!(Strength::parse(strength.as_str()), Some(strength));
        }
        assert!(Strength::Weak < Strength::Fair && Strength::Fair < Strength::Strong);
    }
}
