//! A private directory: every open is checked, every write is atomic.

mod entry;

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{
    errno::Errno,
    fcntl::{self, AtFlags, Flock, FlockArg, OFlag, RenameFlags},
    sys::stat::{self, FileStat, Mode, SFlag},
    unistd,
};
use rustix::fs::IFlags;
use thiserror::Error;
use zeroize::Zeroizing;

/// Largest file that is read, in bytes.
const SIZE_MAX: i64 = 1024 * 1024;

/// Prefix and suffix of the name of a draft.
const DRAFT_PREFIX: &str = ".";
const DRAFT_SUFFIX: &str = ".draft";

/// Why a file or the directory is not used.
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

/// A lock on a directory, until it is dropped or the process ends.
pub(crate) type FolderLock = Flock<OwnedFd>;

/// An open directory, private to the user of this process.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Opens a directory. It must belong to the effective user, and no other user may have access.
    pub(crate) fn open(path: &Path) -> Result<Self, FolderError> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_RDONLY;
        let directory = fcntl::open(path, flags, Mode::empty())?;
        ensure_private(&stat::fstat(&directory)?)?;
        Ok(Self(directory))
    }

    /// Locks the directory for this process, or `None` if another process holds it.
    pub(crate) fn lock(&self) -> Result<Option<FolderLock>, FolderError> {
        match Flock::lock(self.again()?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(lock)),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, errno)) => Err(errno.into()),
        }
    }

    /// Reads a whole file, or `None` if it does not exist.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, FolderError> {
        match self.open_file(name, OFlag::O_RDONLY) {
            Ok((file, facts)) => contents(file, &facts).map(Some),
            Err(FolderError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens an existing file, to overwrite it in place.
    pub(crate) fn open_to_write(&self, name: &str) -> Result<File, FolderError> {
        Ok(self.open_file(name, OFlag::O_WRONLY)?.0.into())
    }

    fn open_file(&self, name: &str, flags: OFlag) -> Result<(OwnedFd, FileStat), FolderError> {
        let flags = flags | OFlag::O_NONBLOCK;
        let file =
            entry::open(self.0.as_fd(), name, flags, Mode::empty()).map_err(
                |errno| match errno {
                    Errno::ELOOP | Errno::EXDEV | Errno::ENXIO => FolderError::Irregular,
                    Errno::EACCES | Errno::EPERM => FolderError::Misowned,
                    errno => errno.into(),
                },
            )?;
        let facts = stat::fstat(&file)?;
        if kind(&facts) != SFlag::S_IFREG || facts.st_nlink != 1 {
            return Err(FolderError::Irregular);
        }
        ensure_private(&facts)?;
        Ok((file, facts))
    }

    /// Replaces a file atomically: after a crash the file has its old or its new content, and after
    /// an error its old content.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.replace(name, bytes, IFlags::empty())
    }

    /// Like [`write`](Self::write), for a file that is later overwritten in place. On a file system
    /// that copies on write, its blocks are exempt from that, so they need no free space.
    pub(crate) fn create(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.replace(name, bytes, IFlags::NOCOW)
    }

    fn replace(&self, name: &str, bytes: &[u8], flags: IFlags) -> Result<(), FolderError> {
        let draft = format!("{DRAFT_PREFIX}{name}{DRAFT_SUFFIX}");
        self.unlink(&draft)?;
        let written = self.draft(&draft, bytes, flags).and_then(|()| self.place(&draft, name));
        // The draft now holds the old content, or new content that was not placed. If it cannot be
        // removed now, the next write or the next start removes it.
        let _ = self.unlink(&draft);
        written
    }

    fn draft(&self, draft: &str, bytes: &[u8], attributes: IFlags) -> Result<(), FolderError> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let mut file = File::from(entry::open(self.0.as_fd(), draft, flags, mode)?);
        if !attributes.is_empty() {
            // Most file systems do not know the attribute and do not need it.
            let known = rustix::fs::ioctl_getflags(&file).unwrap_or(IFlags::empty());
            let _ = rustix::fs::ioctl_setflags(&file, known | attributes);
        }
        file.write_all(bytes)?;
        Ok(file.sync_all()?)
    }

    /// Gives the draft the name of the file. The two files are exchanged, so that the old content
    /// can be restored if the disk fails to sync.
    fn place(&self, draft: &str, name: &str) -> Result<(), FolderError> {
        match stat::fstatat(&self.0, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(facts) if kind(&facts) == SFlag::S_IFDIR => Err(FolderError::Irregular),
            Ok(_) => self.swap(draft, name, RenameFlags::RENAME_EXCHANGE),
            Err(Errno::ENOENT) => self.swap(draft, name, RenameFlags::RENAME_NOREPLACE),
            Err(errno) => Err(errno.into()),
        }
    }

    fn swap(&self, draft: &str, name: &str, how: RenameFlags) -> Result<(), FolderError> {
        match fcntl::renameat2(&self.0, draft, &self.0, name, how) {
            Ok(()) => {}
            // A file system without exchange: the old content cannot be restored, but the rename is
            // atomic too.
            Err(Errno::EINVAL | Errno::ENOSYS) => {
                fcntl::renameat(&self.0, draft, &self.0, name)?;
                return Ok(unistd::fsync(self.0.as_fd())?);
            }
            Err(errno) => return Err(errno.into()),
        }
        unistd::fsync(self.0.as_fd()).map_err(|errno| {
            // A second exchange undoes the first one; a new file is renamed back.
            if let Err(error) = fcntl::renameat2(&self.0, name, &self.0, draft, how) {
                tracing::error!(%error, name, "a failed write could not be undone");
            }
            errno.into()
        })
    }

    /// Removes drafts that a crash left behind, and returns their number.
    pub(crate) fn sweep(&self) -> Result<usize, FolderError> {
        let drafts =
            self.names(|name| name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX))?;
        drafts.iter().try_for_each(|draft| self.unlink(draft))?;
        Ok(drafts.len())
    }

    /// Removes a file durably. A missing file is no error.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        self.unlink(name)?;
        Ok(unistd::fsync(self.0.as_fd())?)
    }

    /// Removes an empty directory that has the name of a file. Anything else stays.
    pub(crate) fn remove_blocking_dir(&self, name: &str) -> Result<(), FolderError> {
        match unistd::unlinkat(&self.0, name, unistd::UnlinkatFlags::RemoveDir) {
            Ok(()) | Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Whether the name of any entry satisfies the predicate.
    pub(crate) fn contains(&self, wanted: impl Fn(&str) -> bool) -> Result<bool, FolderError> {
        Ok(!self.names(wanted)?.is_empty())
    }

    /// The names of all entries that satisfy the predicate, sorted.
    pub(crate) fn names(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, FolderError> {
        let mut names = Vec::new();
        for entry in nix::dir::Dir::from_fd(self.again()?)?.iter() {
            if let Ok(name) = entry?.file_name().to_str()
                && wanted(name)
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The directory, opened again: with its own position and lock.
    fn again(&self) -> Result<OwnedFd, FolderError> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        Ok(fcntl::openat(&self.0, ".", flags, Mode::empty())?)
    }

    fn unlink(&self, name: &str) -> Result<(), FolderError> {
        match unistd::unlinkat(&self.0, name, unistd::UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// Reads a file of known size into one buffer: a growing one would leave copies in memory.
pub(crate) fn contents(file: OwnedFd, facts: &FileStat) -> Result<Zeroizing<Vec<u8>>, FolderError> {
    let size = usize::try_from(facts.st_size).map_err(|_| FolderError::TooLarge)?;
    if facts.st_size > SIZE_MAX {
        return Err(FolderError::TooLarge);
    }
    let mut bytes = Zeroizing::new(vec![0; size]);
    let mut file = File::from(file);
    file.read_exact(&mut bytes)?;
    if file.read(&mut [0])? > 0 {
        return Err(FolderError::Io(io::ErrorKind::InvalidData.into()));
    }
    Ok(bytes)
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

/// A directory that [`Folder::open`] accepts.
#[cfg(test)]
pub(crate) fn private_directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(mode).tempdir().unwrap()
}

#[cfg(test)]
mod tests;
