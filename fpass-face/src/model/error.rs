//! Errors of the manifest and of the weight files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::role::Role;
use crate::comparator::Comparator;

/// Why the weight files cannot be used. Each sentence names the file and the remedy.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The compiled-in manifest is malformed.
    #[error("the model manifest of this build is malformed ({0}); install another build")]
    Manifest(#[from] toml::de::Error),
    /// The manifest does not name exactly one file for a role.
    #[error(
        "the model manifest of this build does not name exactly one file for {0}; install another \
         build"
    )]
    ManifestRole(Role),
    /// The manifest has no sound table of thresholds for a comparator.
    #[error(
        "the model manifest of this build has no sound calibration for {0}; install another build"
    )]
    ManifestCalibration(Comparator),
    /// The compiled-in depth of an average head is malformed.
    #[error("the depth template of this build is malformed ({0}); install another build")]
    DepthTemplate(#[source] toml::de::Error),
    /// The compiled-in depth of an average head is not a grid.
    #[error("the depth template of this build is not a grid; install another build")]
    DepthTemplateShape,
    /// A file does not exist.
    #[error("the weight file {0} is missing; run fpass-enroll models install")]
    Missing(PathBuf),
    /// A file cannot be read.
    #[error(
        "the weight file {path} cannot be read ({reason}); check its permissions or run \
         fpass-enroll models install"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        reason: io::Error,
    },
    /// A path is not a regular file.
    #[error("{0} is not a regular file; remove it and run fpass-enroll models install")]
    NotRegular(PathBuf),
    /// A file is shorter or longer than pinned.
    #[error(
        "the weight file {path} has {actual} bytes instead of {expected}; run fpass-enroll models \
         install"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Pinned size in bytes.
        expected: u64,
        /// Size found in bytes.
        actual: u64,
    },
    /// A file of the right size has other contents.
    #[error(
        "the weight file {0} does not have the pinned SHA-256; run fpass-enroll models install"
    )]
    Digest(PathBuf),
}
