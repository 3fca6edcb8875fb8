//! A private view of the file system: changes by this thread and its children do not reach the
//! machine.

use std::{
    fs::{self, File},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
};

use crate::{TestbedError, tree};

/// Directories whose changes stay private.
const OVERLAID: [&str; 3] = ["/etc", "/usr", "/var/lib"];

/// The testbed's own directory, in the private /run.
pub(crate) const HOME: &str = "/run/testbed";

/// Moves the calling thread into a separate mount namespace. /run and /home are empty there, and
/// writes below /etc, /usr and /var/lib stay in memory. The source tree keeps its place, and so do
/// the test data next to it, because people clone below /home.
pub(crate) fn enter() -> Result<(), TestbedError> {
    let tree = tree::root();
    enter_with(&fs::canonicalize(&tree).map_err(TestbedError::io("finding the source tree"))?)
}

/// As [`enter`], for a source tree at this absolute path.
fn enter_with(tree: &Path) -> Result<(), TestbedError> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(refused("entering a mount namespace"))?;
    mount_on(None, "/", None, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None)?;
    let kept = sources(tree)?;
    for emptied in ["/run", "/home"] {
        mount_on(Some("tmpfs"), emptied, Some("tmpfs"), MsFlags::empty(), Some("mode=0755"))?;
    }
    for directory in ["/run/dbus", "/run/lock", HOME] {
        create(directory)?;
    }
    for lower in OVERLAID {
        let layer = format!("/run/layers{lower}");
        let (upper, work) = (format!("{layer}/upper"), format!("{layer}/work"));
        create(&upper)?;
        create(&work)?;
        let options = format!("lowerdir={lower},upperdir={upper},workdir={work}");
        mount_on(Some("overlay"), lower, Some("overlay"), MsFlags::empty(), Some(&options))?;
    }
    for (place, directory) in kept {
        let place = place.to_string_lossy();
        create(&place)?;
        let source = format!("/proc/self/fd/{}", directory.as_raw_fd());
        mount_on(Some(&source), &place, None, MsFlags::MS_BIND, None)?;
    }
    Ok(())
}

/// The source tree and the test data next to it, each with its path, opened before mounts hide
/// them. Empty where no mount of [`enter`] hides them.
fn sources(tree: &Path) -> Result<Vec<(PathBuf, File)>, TestbedError> {
    let opened = |path: PathBuf| {
        let failed = TestbedError::io(format!("opening {}", path.display()));
        File::open(&path).map(|directory| (path, directory)).map_err(failed)
    };
    let data = tree.parent().map(|parent| parent.join("shared")).filter(|data| data.exists());
    let hidden = |path: &PathBuf| {
        ["/run", "/home"].iter().chain(&OVERLAID).any(|above| path.starts_with(above))
    };
    [Some(tree.to_owned()), data].into_iter().flatten().filter(hidden).map(opened).collect()
}

/// Shows a directory of the source tree, read-only, at a place of the private machine.
pub(crate) fn show(source: &Path, target: &str) -> Result<(), TestbedError> {
    create(target)?;
    let source = source.to_string_lossy();
    mount_on(Some(&source), target, None, MsFlags::MS_BIND, None)?;
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount_on(None, target, None, read_only, None)
}

fn create(directory: &str) -> Result<(), TestbedError> {
    fs::create_dir_all(directory).map_err(TestbedError::io(format!("creating {directory}")))
}

fn refused(action: impl Into<String>) -> impl FnOnce(nix::Error) -> TestbedError {
    let action = action.into();
    move |cause| TestbedError::Mount { action, cause }
}

fn mount_on(
    source: Option<&str>,
    target: &str,
    kind: Option<&str>,
    flags: MsFlags,
    options: Option<&str>,
) -> Result<(), TestbedError> {
    mount(source, target, kind, flags, options).map_err(refused(format!("mounting {target}")))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_clone_below_home_is_where_it_was_and_other_homes_are_empty() {
        let seen = thread::spawn(|| {
            // A mount namespace of its own, whose /home is made for this test.
            unshare(CloneFlags::CLONE_NEWNS).unwrap();
            mount_on(None, "/", None, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None).unwrap();
            mount_on(Some("tmpfs"), "/home", Some("tmpfs"), MsFlags::empty(), None).unwrap();
            for made in ["/home/alice/clone/scripts", "/home/bob", "/home/data"] {
                create(made).unwrap();
            }
            std::os::unix::fs::symlink("/home/data", "/home/alice/shared").unwrap();
            fs::write("/home/data/picture", "").unwrap();
            enter_with(Path::new("/home/alice/clone")).unwrap();
            ["/home/alice/clone/scripts", "/home/alice/shared/picture", "/home/bob"]
                .map(|path| Path::new(path).exists())
        });
        assert_eq!(seen.join().unwrap(), [true, true, false]);
    }
}
