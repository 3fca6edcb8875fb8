//! Which detector searches a whole frame.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What searches a whole frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DetectorKind {
    /// YuNet, a small network: finds turned and half-lit faces.
    #[default]
    Yunet,
    /// dlib's histograms of oriented gradients: frontal faces in even light.
    Hog,
}

impl fmt::Display for DetectorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yunet => "yunet",
            Self::Hog => "hog",
        })
    }
}
