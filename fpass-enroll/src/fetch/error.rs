//! Why files could not be fetched, as sentences.

use std::io;
use std::path::{Path, PathBuf};

use fpass_face::model::Sha256;
use thiserror::Error;

use super::FoldError;
use crate::printable::Printable;

/// What to do when pip cannot be used on this machine.
const WITHOUT_PIP: &str =
    "or fetch the archive on another machine and name its directory with --archives";

/// Why files could not be fetched and installed.
#[derive(Debug, Error)]
pub enum FetchError {
    /// There is no Python to run pip with.
    #[error(
        "python3 was not found; install Python with pip, setuptools and wheel (Debian: apt install python3-pip python3-setuptools python3-wheel), {WITHOUT_PIP}."
    )]
    NoPython,
    /// Python is there; pip, or what pip needs to look at a source package, is not.
    #[error(
        "python3 lacks pip, setuptools or wheel; install all three (Debian: apt install python3-pip python3-setuptools python3-wheel), {WITHOUT_PIP}."
    )]
    PythonIncomplete,
    /// Python could not be run.
    #[error("python3 could not be run ({0}); check the installation of Python, {WITHOUT_PIP}.")]
    PythonFailed(#[source] io::Error),
    /// pip did not deliver. It alone knows whether the network, the index or the content is at
    /// fault, so its last words are shown.
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
    /// pip says that it succeeded, but the archive is not there.
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
    #[error("{} holds no file {member}; update F-pass, whose manifest names it.", shown(archive))]
    MemberMissing {
        /// The archive.
        archive: PathBuf,
        /// Path of the file inside the archive.
        member: String,
    },
    /// A file of the archive is not the pinned one.
    #[error(
        "{member} in {} has not the pinned size and SHA-256; it was not installed: update F-pass, whose manifest pins it.",
        shown(archive)
    )]
    MemberAltered {
        /// The archive.
        archive: PathBuf,
        /// Path of the file inside the archive.
        member: String,
    },
    /// A packed network cannot be folded, although it is the pinned one.
    #[error(
        "{file} could not be made from the pinned network ({source}); it was not installed: update F-pass, whose manifest pins it."
    )]
    Fold {
        /// Name of the file that was to be made.
        file: String,
        /// What is in the way.
        source: FoldError,
    },
    /// Folding the pinned network gave another file than the pinned one.
    #[error(
        "{file} came out of the pinned network with {size} bytes and SHA-256 {sha256}, which are not pinned; it was not installed: update F-pass, whose manifest pins it."
    )]
    FoldedOtherwise {
        /// Name of the file that was to be made.
        file: String,
        /// Size that it came out with, in bytes; of one that is too long, one more than pinned.
        size: u64,
        /// Digest that it came out with, over as many bytes.
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
        "{} cannot be written ({source}); run this as an administrator (sudo) or name another directory.",
        shown(path)
    )]
    NotWritable {
        /// Directory or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No place for the download.
    #[error(
        "no temporary directory could be made ({0}); check the space in it, or set TMPDIR to another one."
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
    /// Someone asked to stop.
    #[error("Stopped; files that were complete stay, start it again for the others.")]
    Interrupted,
}

impl FetchError {
    pub(super) fn not_writable(path: &Path, source: io::Error) -> Self {
        Self::NotWritable { path: path.to_owned(), source }
    }

    pub(super) fn archive_unreadable(archive: &Path, source: io::Error) -> Self {
        Self::ArchiveUnreadable { archive: archive.to_owned(), source }
    }
}

fn shown(path: &Path) -> String {
    Printable(&path.to_string_lossy()).to_string()
}
