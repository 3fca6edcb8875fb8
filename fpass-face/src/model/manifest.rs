//! The manifest: the pinned weight files and what was measured with them.

use std::fmt;

use serde::Deserialize;

use super::error::ModelError;
use super::role::Role;
use crate::calibration::Calibration;
use crate::comparator::Comparator;
use crate::embedder::MeanOffset;
use crate::strangers::Strangers;

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

/// An archive with weight files.
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
    /// A description of the package.
    pub what: String,
}

/// One weight file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its purpose.
    pub role: Role,
    /// Its name in the model directory.
    pub file: String,
    /// Name of the [`Package`] that contains it.
    pub package: String,
    /// Its path inside the archive.
    pub member: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// SPDX licence expression.
    pub licence: String,
    /// Pins of the archive member when the file is made from it by folding. `size` and `sha256` are
    /// then those of the folded file.
    pub folded_from: Option<FoldedFrom>,
}

/// The pins of a network with packed weights, which the installation folds into a plain one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldedFrom {
    /// Size of the member in bytes.
    pub size: u64,
    /// Digest of the member.
    pub sha256: Sha256,
    /// Whether the folded network takes pictures of any size instead of the exported one.
    #[serde(default)]
    pub open_sides: bool,
}

/// The models of earlier versions, which sealed features with the fingerprint of all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerModels {
    /// Fingerprint of all their files and the offset.
    pub fingerprint: Sha256,
    /// Fingerprint of what shaped their features. Their records are read only while it is the
    /// present one.
    pub features: Sha256,
}

/// A file of `models/` that is compiled in. Templates are not bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompiledFile {
    /// Its name in `models/`.
    pub file: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// SPDX licence expression.
    pub licence: String,
    /// From what it was made.
    pub source: String,
    /// A description of the file.
    pub what: String,
}

/// The weight files that this build trusts, and what was measured with them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What earlier versions sealed features with, if records of theirs are still read.
    pub former: Option<FormerModels>,
    /// The archives.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// The files.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
    /// The depth of an average head, by which liveness is judged. No embedding depends on it, so it
    /// is not part of [`VerifiedModels::fingerprint`](super::VerifiedModels::fingerprint).
    pub depth: Option<CompiledFile>,
    /// The offset that is subtracted from embeddings, if one was measured.
    #[serde(rename = "cohort")]
    pub mean_offset: Option<MeanOffset>,
    /// Means of many people's features, by which templates are judged.
    pub strangers: Strangers,
    /// Thresholds, one table for each comparator.
    #[serde(rename = "calibration", default)]
    pub calibrations: Vec<Calibration>,
}

impl Manifest {
    /// The manifest of this build, `models/manifest.toml`.
    ///
    /// # Errors
    /// Those of [`Manifest::parse`]; a test checks that it succeeds.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse(include_str!("../../../models/manifest.toml"))
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ModelError::Manifest`] when the text is not TOML of this shape,
    /// [`ModelError::ManifestRole`] unless it names one file for each role,
    /// [`ModelError::ManifestCalibration`] unless it has one sound table for each comparator.
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

    /// The thresholds of a comparator; [`Manifest::parse`] ensures that they exist.
    #[must_use]
    pub fn calibration(&self, comparator: Comparator) -> Option<&Calibration> {
        self.calibrations.iter().find(|calibration| calibration.comparator == comparator)
    }
}
