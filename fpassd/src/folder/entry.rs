//! Opens an entry of a directory without following links.

use std::os::fd::{BorrowedFd, OwnedFd};

use nix::{
    Result,
    errno::Errno,
    fcntl::{self, OFlag, OpenHow, ResolveFlag},
    sys::stat::Mode,
};

/// Opens `name`, which must be an entry of `directory` itself: `ELOOP` for a link, `EXDEV` for a
/// name that leads elsewhere.
///
/// The kernel enforces this in openat2. Some filters forbid openat2: systemd answers ENOSYS under
/// `RestrictSUIDSGID=`, others EPERM. Then openat is as strict for a name of one component: no
/// directory on the path can be exchanged, and the component itself is not followed.
pub(super) fn open(
    directory: BorrowedFd<'_>,
    name: &str,
    flags: OFlag,
    mode: Mode,
) -> Result<OwnedFd> {
    ensure_one_component(name)?;
    match resolved(directory, name, flags, mode) {
        Err(Errno::ENOSYS | Errno::EPERM) => plain(directory, name, flags, mode),
        opened => opened,
    }
}

fn ensure_one_component(name: &str) -> Result<()> {
    if name.contains('/') || matches!(name, "" | "." | "..") { Err(Errno::EXDEV) } else { Ok(()) }
}

fn resolved(directory: BorrowedFd<'_>, name: &str, flags: OFlag, mode: Mode) -> Result<OwnedFd> {
    let resolve = ResolveFlag::RESOLVE_NO_SYMLINKS
        | ResolveFlag::RESOLVE_BENEATH
        | ResolveFlag::RESOLVE_NO_MAGICLINKS;
    let how = OpenHow::new().flags(flags | ALWAYS).mode(mode).resolve(resolve);
    fcntl::openat2(directory, name, how)
}

fn plain(directory: BorrowedFd<'_>, name: &str, flags: OFlag, mode: Mode) -> Result<OwnedFd> {
    fcntl::openat(directory, name, flags | ALWAYS, mode)
}

/// Flags of both calls.
const ALWAYS: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_CLOEXEC);

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        os::{fd::AsFd, unix::fs::symlink},
    };

    use super::*;

    type Opener = fn(BorrowedFd<'_>, &str, OFlag, Mode) -> Result<OwnedFd>;

    /// A directory with one file, and another file outside it that must not be reached.
    fn tree() -> (tempfile::TempDir, File) {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("root"), b"").unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("file"), b"").unwrap();
        for (name, target) in
            [("link", "file"), ("out", "../root"), ("magic", "/proc/self/exe"), ("gone", "absent")]
        {
            symlink(target, inner.join(name)).unwrap();
        }
        (outer, File::open(inner).unwrap())
    }

    #[test]
    fn neither_call_follows_links() {
        let (_outer, directory) = tree();
        for opener in [resolved as Opener, plain, open] {
            for name in ["link", "out", "magic", "gone"] {
                let refused = opener(directory.as_fd(), name, OFlag::O_RDONLY, Mode::empty());
                assert_eq!(refused.err(), Some(Errno::ELOOP), "{name}");
            }
            let created = OFlag::O_WRONLY | OFlag::O_CREAT;
            let refused = opener(directory.as_fd(), "gone", created, Mode::S_IRUSR);
            assert_eq!(refused.err(), Some(Errno::ELOOP));
            opener(directory.as_fd(), "file", OFlag::O_RDONLY, Mode::empty()).unwrap();
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let (_outer, directory) = tree();
        for name in ["../root", "..", ".", "", "./file", "/etc/passwd", "inner/../file", "file/"] {
            let refused = open(directory.as_fd(), name, OFlag::O_RDONLY, Mode::empty());
            assert_eq!(refused.err(), Some(Errno::EXDEV), "{name}");
        }
        for name in ["../root", "..", "/etc/passwd"] {
            let refused = resolved(directory.as_fd(), name, OFlag::O_RDONLY, Mode::empty());
            assert_eq!(refused.err(), Some(Errno::EXDEV), "{name}, by the kernel");
        }
    }
}
