//! Who may write a file: others than root change a stack if they can write one of its files, or a
//! directory on the way to it.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, readlinkat};
use nix::sys::stat::{FileStat, SFlag, fstat, fstatat};

/// Most symbolic links on a way, as in the kernel.
const LINKS_MAX: usize = 40;

/// The first file or directory on the way from `root` to a path that others than the owner of
/// `root` may write. Symbolic links are followed below `root`, and count with their own directory.
///
/// # Errors
/// A file or directory on the way that exists and cannot be looked at.
pub(super) fn writable_by_others(root: &File, path: &Path) -> Result<Option<PathBuf>, PathBuf> {
    let owner = fstat(root.as_fd()).map_err(|_| PathBuf::from("/"))?.st_uid;
    let mut left: VecDeque<OsString> = names(path).collect();
    // The names from the root to the directory in which the next one is looked up.
    let mut at: Vec<OsString> = Vec::new();
    let mut links = 0;
    loop {
        let here: PathBuf = at.iter().collect();
        let shown = || Path::new("/").join(&here);
        let status = if at.is_empty() {
            fstat(root.as_fd())
        } else {
            fstatat(root.as_fd(), &here, AtFlags::AT_SYMLINK_NOFOLLOW)
        };
        let status = match status {
            Ok(status) => status,
            Err(Errno::ENOENT | Errno::ENOTDIR) => return Ok(None),
            Err(_) => return Err(shown()),
        };
        if is_link(&status) {
            links += 1;
            if links > LINKS_MAX {
                return Err(shown());
            }
            let target = PathBuf::from(readlinkat(root.as_fd(), &here).map_err(|_| shown())?);
            if target.is_absolute() {
                at.clear();
            } else {
                at.pop();
            }
            for name in names(&target).collect::<Vec<_>>().into_iter().rev() {
                left.push_front(name);
            }
        } else if others_write(&status, owner)
            || list_lets_others_write(root, &here, &status, owner)
        {
            return Ok(Some(shown()));
        }
        // The directory of "..": below the root, and already checked on the way down.
        loop {
            match left.pop_front() {
                None => return Ok(None),
                Some(name) if name == OsStr::new("..") => {
                    at.pop();
                }
                Some(name) => {
                    at.push(name);
                    break;
                }
            }
        }
    }
}

/// The names in a path; `..` is one of them.
fn names(path: &Path) -> impl Iterator<Item = OsString> + '_ {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    })
}

fn is_link(status: &FileStat) -> bool {
    SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFLNK
}

/// Whether others than root and the owner of the whole tree may write. The group of root counts as
/// root.
fn others_write(status: &FileStat, owner: u32) -> bool {
    let foreign_owner = status.st_uid != 0 && status.st_uid != owner;
    let group = status.st_mode & 0o020 != 0 && status.st_gid != 0;
    foreign_owner || group || status.st_mode & 0o002 != 0
}

/// The extended attribute that holds an access control list.
const LIST: &str = "system.posix_acl_access";
/// Largest list that is read, in bytes: a longer one counts as one that lets others write.
const LIST_MAX: usize = 4096;
/// Length of the version in front of the entries, and of each entry, in bytes.
const VERSION_LENGTH: usize = 4;
const ENTRY_LENGTH: usize = 8;
/// Kinds of entries: a named user, the group of the file, a named group.
const NAMED_USER: u16 = 2;
const OWN_GROUP: u16 = 4;
const NAMED_GROUP: u16 = 8;
/// The bit of an entry that permits writing.
const WRITE: u16 = 2;

/// Whether an access control list (`acl(5)`) lets others than root write. The group bits of its
/// file are the list's mask, so they say nothing about the group of root.
fn list_lets_others_write(root: &File, path: &Path, status: &FileStat, owner: u32) -> bool {
    // Nothing that the mask takes away is permitted.
    if status.st_mode & 0o020 == 0 {
        return false;
    }
    let below = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let path = Path::new("/proc/self/fd").join(root.as_raw_fd().to_string()).join(below);
    let mut list = [0_u8; LIST_MAX];
    match rustix::fs::lgetxattr(&path, LIST, &mut list) {
        Ok(length) => {
            let entries = list.get(VERSION_LENGTH..length).unwrap_or_default();
            entries.chunks_exact(ENTRY_LENGTH).any(|entry| permits_others(entry, status, owner))
        }
        Err(rustix::io::Errno::NODATA | rustix::io::Errno::OPNOTSUPP) => false,
        Err(_) => true,
    }
}

/// Whether an entry lets others than root write: kind, permissions and id, all little-endian.
fn permits_others(entry: &[u8], status: &FileStat, owner: u32) -> bool {
    let [kind_low, kind_high, low, high, id @ ..] = entry else { return true };
    let Ok(id) = <[u8; 4]>::try_from(id).map(u32::from_le_bytes) else { return true };
    if u16::from_le_bytes([*low, *high]) & WRITE == 0 {
        return false;
    }
    match u16::from_le_bytes([*kind_low, *kind_high]) {
        NAMED_USER => id != 0 && id != owner,
        OWN_GROUP => status.st_gid != 0,
        NAMED_GROUP => id != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::thread;

    use nix::unistd::{Uid, geteuid, setfsuid};

    use super::*;

    fn tree() -> (tempfile::TempDir, File) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
        for folder in ["etc/pam.d", "etc/static/pam.d", "srv/shared"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("etc/static/pam.d/sudo"), "").unwrap();
        fs::write(root.join("etc/pam.d/login"), "").unwrap();
        symlink("/etc/static/pam.d/sudo", root.join("etc/pam.d/sudo")).unwrap();
        let file = File::open(root).unwrap();
        (directory, file)
    }

    fn found(root: &File, path: &str) -> Option<PathBuf> {
        writable_by_others(root, Path::new(path)).unwrap()
    }

    fn mode(directory: &tempfile::TempDir, path: &str, mode: u32) {
        fs::set_permissions(directory.path().join(path), Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn files_of_root_alone_are_not_reported() {
        let (_directory, root) = tree();
        for path in ["/etc/pam.d/login", "/etc/pam.d/sudo", "/etc/pam.d/absent", "/none/at/all"] {
            assert_eq!(found(&root, path), None, "{path}");
        }
    }

    #[test]
    fn each_file_and_directory_on_the_way_counts() {
        for (part, path) in [
            ("etc/pam.d/login", "/etc/pam.d/login"),
            ("etc/pam.d", "/etc/pam.d/login"),
            ("etc", "/etc/pam.d/login"),
            // Of a symbolic link, its own directory and every directory of its target.
            ("etc/pam.d", "/etc/pam.d/sudo"),
            ("etc/static", "/etc/pam.d/sudo"),
            ("etc/static/pam.d/sudo", "/etc/pam.d/sudo"),
            ("etc/static", "/etc/static/../pam.d/login"),
        ] {
            let (directory, root) = tree();
            mode(&directory, part, 0o777);
            assert_eq!(found(&root, path), Some(Path::new("/").join(part)), "{part} {path}");
        }
    }

    #[test]
    fn a_link_into_a_directory_of_others_is_found() {
        let (directory, root) = tree();
        fs::write(directory.path().join("srv/shared/own"), "").unwrap();
        mode(&directory, "srv/shared", 0o1777);
        symlink("../../srv/shared/own", directory.path().join("etc/pam.d/su")).unwrap();
        assert_eq!(found(&root, "/etc/pam.d/su"), Some("/srv/shared".into()));
    }

    #[test]
    fn what_cannot_be_looked_at_is_no_absence() {
        let (directory, root) = tree();
        symlink("circle", directory.path().join("etc/pam.d/circle")).unwrap();
        let circle = Path::new("/etc/pam.d/circle");
        assert_eq!(writable_by_others(&root, circle), Err(circle.into()));
        let long = Path::new("/etc/pam.d").join("a".repeat(300));
        assert_eq!(writable_by_others(&root, &long), Err(long.clone()));
        mode(&directory, "etc/static", 0o700);
        // Root may look at everything, but not with the file system rights of another user. They
        // are those of this thread alone.
        let looked = thread::spawn(move || {
            let is_root = geteuid().is_root();
            setfsuid(Uid::from_raw(65534));
            (is_root, writable_by_others(&root, Path::new("/etc/static/pam.d/sudo")))
        });
        let (is_root, found) = looked.join().unwrap();
        assert_eq!(found, if is_root { Err("/etc/static/pam.d".into()) } else { Ok(None) });
    }

    #[test]
    fn groups_and_owners_other_than_root_count() {
        let (directory, root) = tree();
        let login = directory.path().join("etc/pam.d/login");
        mode(&directory, "etc/pam.d/login", 0o664);
        assert_eq!(found(&root, "/etc/pam.d/login"), None, "the group of root");
        // Only root may give files away.
        if chown(&login, None, Some(12)).is_ok() {
            mode(&directory, "etc/pam.d/login", 0o664);
            assert_eq!(found(&root, "/etc/pam.d/login"), Some("/etc/pam.d/login".into()));
            mode(&directory, "etc/pam.d/login", 0o644);
            assert_eq!(found(&root, "/etc/pam.d/login"), None);
            chown(&login, Some(65534), None).unwrap();
            assert_eq!(found(&root, "/etc/pam.d/login"), Some("/etc/pam.d/login".into()));
        }
    }

    /// A list of the owner, one entry, the group of the file, the mask and the others.
    fn list(kind: u16, permissions: u16, id: u32) -> Vec<u8> {
        let nobody = u32::MAX;
        let mut entries = [
            (1, 6, nobody),
            (kind, permissions, id),
            (4, 4, nobody),
            (16, 6, nobody),
            (32, 4, nobody),
        ];
        // The kernel wants them in the order of their kinds.
        entries.sort_unstable();
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (kind, permissions, id) in entries {
            bytes.extend(u16::to_le_bytes(kind));
            bytes.extend(u16::to_le_bytes(permissions));
            bytes.extend(u32::to_le_bytes(id));
        }
        bytes
    }

    #[test]
    fn an_access_control_list_counts() {
        for (entry, writes) in [
            (list(NAMED_USER, 6, 65534), true),
            (list(NAMED_GROUP, 6, 12), true),
            (list(NAMED_USER, 4, 65534), false),
            (list(NAMED_USER, 6, 0), false),
        ] {
            let (directory, root) = tree();
            let login = directory.path().join("etc/pam.d/login");
            let flags = rustix::fs::XattrFlags::empty();
            match rustix::fs::setxattr(&login, LIST, &entry, flags) {
                Ok(()) => {}
                // A file system without such lists.
                Err(rustix::io::Errno::OPNOTSUPP) => return,
                Err(error) => panic!("{error}"),
            }
            let expected = writes.then(|| PathBuf::from("/etc/pam.d/login"));
            assert_eq!(found(&root, "/etc/pam.d/login"), expected, "{entry:?}");
        }
    }
}
