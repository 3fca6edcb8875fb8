//! The roles of weight files.

use std::fmt;

use serde::Deserialize;

/// The purpose of a weight file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Role {
    /// dlib's 5-point landmark predictor.
    #[serde(rename = "landmarks-5")]
    Landmarks5,
    /// dlib's ResNet v1 face network.
    #[serde(rename = "embedder-dlib")]
    EmbedderDlib,
    /// The YuNet face detector.
    #[serde(rename = "detector-yunet")]
    DetectorYunet,
    /// The SFace face network.
    #[serde(rename = "embedder-sface")]
    EmbedderSface,
}

impl Role {
    /// Every role. A manifest must name one file for each.
    pub const ALL: [Self; 4] =
        [Self::Landmarks5, Self::EmbedderDlib, Self::DetectorYunet, Self::EmbedderSface];

    /// Whether features depend on the file: on a network that computes them, or on the landmarks by
    /// which dlib aligns a face. A detector finds the same eyes, nose and mouth, so another one
    /// leaves the features comparable.
    #[must_use]
    pub const fn shapes_features(self) -> bool {
        match self {
            Self::Landmarks5 | Self::EmbedderDlib | Self::EmbedderSface => true,
            Self::DetectorYunet => false,
        }
    }

    /// The word in the manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landmarks5 => "landmarks-5",
            Self::EmbedderDlib => "embedder-dlib",
            Self::DetectorYunet => "detector-yunet",
            Self::EmbedderSface => "embedder-sface",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
