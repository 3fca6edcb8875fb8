//! A source package: checked as a whole, then read member by member. Nothing is ever written
//! under a name that the archive chose.

use std::fs::{File, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flate2::read::GzDecoder;

use super::{FILE_MODE, FetchError, Package, PinnedFile, digest};

/// Most bytes that an archive may unpack to: several times the largest source package in use.
const UNPACKED_MAX: u64 = 1 << 30;

/// Compares an archive with its pinned size and SHA-256.
pub(super) fn check(archive: &Path, package: &Package) -> Result<(), FetchError> {
    let unreadable = |error| FetchError::archive_unreadable(archive, error);
    let open = File::open(archive).map_err(unreadable)?;
    let digest = digest::sha256(open, package.size).map_err(unreadable)?;
    if digest.size < package.size {
        return Err(FetchError::ArchiveTruncated {
            archive: archive.to_owned(),
            found: digest.size,
            wanted: package.size,
        });
    }
    if digest.size > package.size || digest.sha256 != package.sha256 {
        return Err(FetchError::ArchiveAltered(archive.to_owned()));
    }
    Ok(())
}

/// Puts one member of a checked archive into `directory` under the name that the manifest gives.
pub(super) fn install_member(
    archive: &Path,
    file: &PinnedFile,
    directory: &Path,
) -> Result<(), FetchError> {
    let unreadable = |error| FetchError::archive_unreadable(archive, error);
    let open = File::open(archive).map_err(unreadable)?;
    let unpacked = GzDecoder::new(open).take(UNPACKED_MAX);
    let mut entries = tar::Archive::new(unpacked);
    for entry in entries.entries().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_wanted = entry.header().entry_type().is_file()
            && entry.path_bytes().as_ref() == file.member.as_bytes();
        if is_wanted {
            return place(entry, archive, file, directory);
        }
    }
    Err(FetchError::MemberMissing { archive: archive.to_owned(), member: file.member.clone() })
}

/// Streams a member into a file without a name yet, checks it, and gives it its name.
fn place(
    member: impl Read,
    archive: &Path,
    file: &PinnedFile,
    directory: &Path,
) -> Result<(), FetchError> {
    let target = directory.join(&file.file);
    let not_writable = |error| FetchError::not_writable(&target, error);
    let mut unnamed =
        tempfile::Builder::new().prefix(".fpass-").tempfile_in(directory).map_err(not_writable)?;
    let digest = digest::copy(member, file.size, unnamed.as_file_mut()).map_err(|source| {
        FetchError::Copy { archive: archive.to_owned(), target: target.clone(), source }
    })?;
    if digest.size != file.size || digest.sha256 != file.sha256 {
        return Err(FetchError::MemberAltered {
            archive: archive.to_owned(),
            member: file.member.clone(),
        });
    }
    let open = unnamed.as_file();
    open.set_permissions(Permissions::from_mode(FILE_MODE)).map_err(not_writable)?;
    open.sync_all().map_err(not_writable)?;
    unnamed.persist(&target).map_err(|error| not_writable(error.error))?;
    Ok(())
}
