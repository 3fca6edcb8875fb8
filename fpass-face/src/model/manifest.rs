//! The pinned list of weight files.

use std::fmt;

use serde::Deserialize;

use super::ModelError;
use crate::calibration::Calibration;
use crate::embedder::Cohort;
use crate::matcher::Comparator;

/// What a weight file is for.
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
    /// Every role, each of which a manifest must fill.
    pub const ALL: [Self; 4] =
        [Self::Landmarks5, Self::EmbedderDlib, Self::DetectorYunet, Self::EmbedderSface];

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

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256(pub [u8; 32]);

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const MALFORMED: &str = "a SHA-256 has 64 lower-case hexadecimal digits";
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(MALFORMED);
        };
        let pairs: &[[u8; 2]; 32] = pairs.try_into().map_err(|_| MALFORMED)?;
        let mut digest = [0; 32];
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            *byte = 16 * nibble(*high).ok_or(MALFORMED)? + nibble(*low).ok_or(MALFORMED)?;
        }
        Ok(Self(digest))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An archive that holds weight files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Name in the package index.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// File name of the archive.
    pub archive: String,
    /// Size of the archive in bytes.
    pub size: u64,
    /// Digest of the archive.
    pub sha256: Sha256,
    /// SPDX licence expression.
    pub licence: String,
    /// What the package is.
    pub what: String,
}

/// One weight file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// What it is for.
    pub role: Role,
    /// Its name in the model directory.
    pub file: String,
    /// Name of the [`Package`] that holds it.
    pub package: String,
    /// Its path inside the archive.
    pub member: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// SPDX licence expression.
    pub licence: String,
    /// The member itself, when the file is made from it by folding. `size` and `sha256` are then
    /// those of the folded file.
    pub folded_from: Option<FoldedFrom>,
}

/// A network with packed weights, from which the installation makes a plain one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldedFrom {
    /// Size of the member in bytes.
    pub size: u64,
    /// Digest of the member.
    pub sha256: Sha256,
    /// Whether the plain network takes pictures of any size, in place of the one it was exported
    /// for.
    #[serde(default)]
    pub open_sides: bool,
}

/// The weight files that this build trusts, and what was measured with them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Where the files come from.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// The files.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
    /// What all faces have in common, when it was measured.
    pub cohort: Option<Cohort>,
    /// Thresholds, one table for each comparator.
    #[serde(rename = "calibration", default)]
    pub calibrations: Vec<Calibration>,
}

impl Manifest {
    /// The manifest of this build, `models/manifest.toml`.
    ///
    /// # Errors
    /// Those of [`Manifest::parse`] when it is malformed, which a test
    /// excludes.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse(include_str!("../../../models/manifest.toml"))
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ModelError::Manifest`] when it is not TOML of this shape, [`ModelError::ManifestRole`]
    /// unless it names one file for each role, [`ModelError::ManifestCalibration`] unless it has one
    /// sound table for each comparator.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let manifest: Self = toml::from_str(text)?;
        for role in Role::ALL {
            let of_role = manifest.files.iter().filter(|file| file.role == role);
            if of_role.count() != 1 {
                return Err(ModelError::ManifestRole(role));
            }
        }
        for comparator in Comparator::ALL {
            let mut tables = manifest.calibrations.iter().filter(|c| c.comparator == comparator);
            match (tables.next(), tables.next()) {
                (Some(table), None) if table.is_sound() => {}
                _ => return Err(ModelError::ManifestCalibration(comparator)),
            }
        }
        Ok(manifest)
    }

    /// The thresholds of a comparator; [`Manifest::parse`] makes sure that there are some.
    #[must_use]
    pub fn calibration(&self, comparator: Comparator) -> Option<&Calibration> {
        self.calibrations.iter().find(|calibration| calibration.comparator == comparator)
    }
}
