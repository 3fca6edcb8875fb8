//! A private view of the file system: this thread and its children change it, the machine does not.

use std::{fs, path::Path};

use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
};

use crate::GroundError;

/// Directories whose changes stay private.
const OVERLAID: [&str; 3] = ["/etc", "/usr", "/var/lib"];

/// Where the ground keeps its own files, in the private /run.
pub(crate) const HOME: &str = "/run/ground";

/// Moves the calling thread into a mount namespace of its own: /run and /home are empty, and what is written
/// below /etc, /usr and /var/lib lands in memory.
pub(crate) fn enter() -> Result<(), GroundError> {
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
pub(crate) fn show(source: &Path, target: &str) -> Result<(), GroundError> {
    create(target)?;
    let source = source.to_string_lossy();
    mount_on(Some(&source), target, None, MsFlags::MS_BIND, None)?;
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount_on(None, target, None, read_only, None)
}

fn create(directory: &str) -> Result<(), GroundError> {
    fs::create_dir_all(directory).map_err(GroundError::io(format!("creating {directory}")))
}

fn refused(action: impl Into<String>) -> impl FnOnce(nix::Error) -> GroundError {
    let action = action.into();
    move |cause| GroundError::Mount { action, cause }
}

fn mount_on(
    source: Option<&str>,
    target: &str,
    kind: Option<&str>,
    flags: MsFlags,
    options: Option<&str>,
) -> Result<(), GroundError> {
    mount(source, target, kind, flags, options).map_err(refused(format!("mounting {target}")))
}
