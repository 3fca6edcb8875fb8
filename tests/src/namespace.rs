//! A private view of the file system: changes by this thread and its children do not reach the
//! machine.

use std::{fs, path::Path};

use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
};

use crate::TestbedError;

/// Directories whose changes stay private.
const OVERLAID: [&str; 3] = ["/etc", "/usr", "/var/lib"];

/// The testbed's own directory, in the private /run.
pub(crate) const HOME: &str = "/run/testbed";

/// Moves the calling thread into a separate mount namespace. /run and /home are empty there, and
/// writes below /etc, /usr and /var/lib stay in memory.
pub(crate) fn enter() -> Result<(), TestbedError> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(refused("entering a mount namespace"))?;
    mount_on(None, "/", None, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None)?;
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
    Ok(())
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
