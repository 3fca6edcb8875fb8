//! The comparators that can be configured.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rule that computes a score from two sets of features.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Comparator {
    /// Both networks: SFace's cosine minus 0.2 times dlib's distance.
    #[default]
    Fused,
    /// dlib's ResNet v1 alone: the negated Euclidean distance.
    Dlib,
    /// SFace alone: the cosine similarity.
    Sface,
}

impl Comparator {
    /// Every comparator.
    pub const ALL: [Self; 3] = [Self::Fused, Self::Dlib, Self::Sface];

    /// The word in the configuration and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fused => "fused",
            Self::Dlib => "dlib",
            Self::Sface => "sface",
        }
    }

    /// Whether it compares dlib's embeddings.
    #[must_use]
    pub const fn needs_dlib(self) -> bool {
        matches!(self, Self::Fused | Self::Dlib)
    }

    /// Whether it compares SFace's embeddings.
    #[must_use]
    pub const fn needs_sface(self) -> bool {
        matches!(self, Self::Fused | Self::Sface)
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
