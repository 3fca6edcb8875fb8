//! The directory that holds templates and key: every open checked, every write atomic.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{
    errno::Errno,
    fcntl::{self, OFlag},
    sys::stat::{self, FileStat, Mode, SFlag},
    unistd,
};
use thiserror::Error;
use zeroize::Zeroizing;

/// Largest file that is read, in bytes.
const SIZE_MAX: i64 = 1024 * 1024;

/// Why a file or the folder was not used.
#[derive(Debug, Error)]
pub(crate) enum FolderError {
    #[error("it is a link, a device or a pipe, not a plain file")]
    Irregular,
    #[error("it has another owner or is open to others")]
    Misowned,
    #[error("it is larger than 1 MiB")]
    TooLarge,
    #[error("it cannot be read or written: {0}")]
    Io(#[from] io::Error),
}

impl From<Errno> for FolderError {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// An open directory, private to this process's user.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Opens a directory that must belong to the effective user and be closed to everyone else.
    pub(crate) fn open(path: &Path) -> Result<Self, FolderError> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_RDONLY;
        let directory = fcntl::open(path, flags, Mode::empty())?;
        ensure_private(&stat::fstat(&directory)?)?;
        Ok(Self(directory))
    }

    /// Reads a whole file, or `None` when it does not exist.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, FolderError> {
        // A name without a slash has no directory on its way that could be exchanged, and its one
        // component is not followed. openat2 says the same in one call, but RestrictSUIDSGID= of
        // the unit answers it with ENOSYS.
        if name.contains('/') {
            return Err(FolderError::Irregular);
        }
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = match fcntl::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP | Errno::ENXIO) => return Err(FolderError::Irregular),
            Err(Errno::EACCES | Errno::EPERM) => return Err(FolderError::Misowned),
            Err(errno) => return Err(errno.into()),
        };
        let facts = stat::fstat(&file)?;
        if kind(&facts) != SFlag::S_IFREG || facts.st_nlink != 1 {
            return Err(FolderError::Irregular);
        }
        ensure_private(&facts)?;
        if facts.st_size > SIZE_MAX {
            return Err(FolderError::TooLarge);
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let limit = SIZE_MAX.unsigned_abs() + 1;
        File::from(file).take(limit).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Replaces a file as a whole: after a crash at any point the old or the new content is there.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let draft = format!(".{name}.draft");
        self.unlink(&draft)?;
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let written = fcntl::openat(&self.0, draft.as_str(), flags, Mode::S_IRUSR | Mode::S_IWUSR)
            .map_err(FolderError::from)
            .and_then(|file| {
                let mut file = File::from(file);
                file.write_all(bytes)?;
                file.sync_all()?;
                fcntl::renameat(&self.0, draft.as_str(), &self.0, name)?;
                Ok(unistd::fsync(self.0.as_fd())?)
            });
        if written.is_err() {
            // The draft is worthless; a failure to remove it changes nothing for the caller.
            let _ = self.unlink(&draft);
        }
        written
    }

    /// Removes an empty directory that stands in the place of a file. Anything else stays.
    pub(crate) fn make_way(&self, name: &str) -> Result<(), FolderError> {
        match unistd::unlinkat(&self.0, name, unistd::UnlinkatFlags::RemoveDir) {
            Ok(()) | Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Whether any entry's name satisfies the predicate.
    pub(crate) fn contains(&self, wanted: impl Fn(&str) -> bool) -> Result<bool, FolderError> {
        let copy = fcntl::openat(
            &self.0,
            ".",
            OFlag::O_DIRECTORY | OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?;
        for entry in nix::dir::Dir::from_fd(copy)?.iter() {
            if entry?.file_name().to_str().is_ok_and(&wanted) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn unlink(&self, name: &str) -> Result<(), FolderError> {
        match unistd::unlinkat(&self.0, name, unistd::UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

fn kind(facts: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(facts.st_mode) & SFlag::S_IFMT
}

fn ensure_private(facts: &FileStat) -> Result<(), FolderError> {
    let others = Mode::S_IRWXG | Mode::S_IRWXO;
    let open_to_others = Mode::from_bits_truncate(facts.st_mode).intersects(others);
    if facts.st_uid == unistd::geteuid().as_raw() && !open_to_others {
        Ok(())
    } else {
        Err(FolderError::Misowned)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let directory = crate::store::private_directory();
        let folder = Folder::open(directory.path()).unwrap();
        (directory, folder)
    }

    fn plant(directory: &tempfile::TempDir, name: &str, mode: u32) {
        let path = directory.path().join(name);
        fs::write(&path, b"content").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn links_pipes_and_directories_are_not_read() {
        let (directory, folder) = folder();
        plant(&directory, "real", 0o600);
        symlink("real", directory.path().join("symlink")).unwrap();
        fs::hard_link(directory.path().join("real"), directory.path().join("hardlink")).unwrap();
        unistd::mkfifo(&directory.path().join("pipe"), Mode::S_IRUSR).unwrap();
        fs::create_dir(directory.path().join("directory")).unwrap();
        for name in ["symlink", "hardlink", "real", "pipe", "directory", "../x"] {
            let refused = folder.read(name);
            assert!(
                matches!(refused, Err(FolderError::Irregular))
                    || name == "../x" && refused.is_err(),
                "{name}: {refused:?}"
            );
        }
    }

    #[test]
    fn files_open_to_others_are_not_read() {
        let (directory, folder) = folder();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o666] {
            plant(&directory, "file", mode);
            assert!(matches!(folder.read("file"), Err(FolderError::Misowned)), "{mode:o}");
        }
    }

    #[test]
    fn a_folder_open_to_others_is_not_used() {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(Folder::open(directory.path()), Err(FolderError::Misowned)));
    }

    #[test]
    fn large_files_are_not_read() {
        let (directory, folder) = folder();
        plant(&directory, "file", 0o600);
        File::options()
            .write(true)
            .open(directory.path().join("file"))
            .unwrap()
            .set_len(SIZE_MAX.unsigned_abs() + 1)
            .unwrap();
        assert!(matches!(folder.read("file"), Err(FolderError::TooLarge)));
    }

    #[test]
    fn a_write_replaces_and_leaves_no_draft() {
        let (directory, folder) = folder();
        assert!(folder.read("file").unwrap().is_none());
        folder.write("file", b"one").unwrap();
        folder.write("file", b"two").unwrap();
        assert_eq!(folder.read("file").unwrap().unwrap().as_slice(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        let mode = fs::metadata(directory.path().join("file")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    #[test]
    fn only_an_empty_directory_makes_way() {
        let (directory, folder) = folder();
        fs::create_dir_all(directory.path().join("full/inside")).unwrap();
        fs::create_dir(directory.path().join("empty")).unwrap();
        plant(&directory, "file", 0o600);
        assert!(folder.make_way("full").is_err());
        for name in ["empty", "file", "absent"] {
            folder.make_way(name).unwrap();
        }
        assert!(!directory.path().join("empty").exists());
        assert!(directory.path().join("file").exists());
    }

    #[test]
    fn a_write_replaces_a_planted_link_and_not_its_target() {
        let (directory, folder) = folder();
        plant(&directory, "victim", 0o600);
        symlink("victim", directory.path().join("file")).unwrap();
        symlink("victim", directory.path().join(".file.draft")).unwrap();
        folder.write("file", b"new").unwrap();
        assert_eq!(fs::read(directory.path().join("victim")).unwrap(), b"content");
        assert_eq!(folder.read("file").unwrap().unwrap().as_slice(), b"new");
    }
}
