//! The directory of the store, and the free space of its file system.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use fpass_proto::names;
use nix::sys::statvfs::statvfs;
use nix::unistd::User;

use super::Finding;
use crate::language::told;

const CHECK: &str = "disk";
/// Free space in MiB below which writes may soon fail.
const FAIL_BELOW: u64 = 4;
/// Free space in MiB below which an administrator should act.
const WARN_BELOW: u64 = 64;

pub(super) fn check(store: &Path) -> Finding {
    let named = store.display();
    let facts = match fs::symlink_metadata(store) {
        Ok(facts) => facts,
        Err(error) => {
            let remedy = told!(
                "run: systemd-tmpfiles --create fpass.conf, or mount {directory}",
                directory = named,
            );
            return Finding::fail(
                CHECK,
                told!("{directory} cannot be found: {error}", directory = named, error = error,),
                remedy,
            );
        }
    };
    let daemon = match User::from_name(names::DAEMON_USER) {
        Ok(daemon) => daemon,
        Err(error) => {
            let found = told!("the user database cannot be read: {error}", error = error);
            return Finding::fail(CHECK, found, told!("check nsswitch.conf and its services"));
        }
    };
    let Some(daemon) = daemon.map(|user| user.uid.as_raw()) else {
        let found = told!("the user {name} is missing", name = names::DAEMON_USER);
        return Finding::fail(CHECK, found, told!("run: systemd-sysusers fpass.conf"));
    };
    let free = match statvfs(store) {
        Ok(facts) => facts.fragment_size().saturating_mul(facts.blocks_available()),
        Err(error) => {
            let found = told!(
                "cannot read the free space of {directory}: {error}",
                directory = named,
                error = error,
            );
            return Finding::warn(CHECK, found, told!("run this as root"));
        }
    };
    let seen = StoreDirectory {
        is_directory: facts.is_dir(),
        owner: facts.uid(),
        mode: facts.mode() & 0o7777,
        free: free / (1024 * 1024),
    };
    judge(&seen, daemon, store)
}

/// Properties of the directory.
#[derive(Clone, Copy, Debug)]
struct StoreDirectory {
    is_directory: bool,
    owner: u32,
    mode: u32,
    /// Free space in MiB.
    free: u64,
}

fn judge(seen: &StoreDirectory, daemon: u32, store: &Path) -> Finding {
    let named = store.display();
    let StoreDirectory { is_directory, owner, mode, free } = *seen;
    if !is_directory {
        let found = told!("{directory} is not a directory", directory = named);
        return Finding::fail(
            CHECK,
            found,
            told!("replace it with a directory; fpassd follows no link"),
        );
    }
    if owner != daemon {
        let found = told!(
            "{directory} belongs to uid {owner}, not to fpassd",
            directory = named,
            owner = owner,
        );
        return Finding::fail(
            CHECK,
            found,
            told!("run: {command}", command = format_args!("chown fpassd: {named}")),
        );
    }
    if mode & 0o077 != 0 || mode & 0o700 != 0o700 {
        let found = told!(
            "{directory} has mode {mode}; fpassd uses only a store that is closed to others",
            directory = named,
            mode = format_args!("{mode:04o}"),
        );
        return Finding::fail(
            CHECK,
            found,
            told!("run: {command}", command = format_args!("chmod 0700 {named}")),
        );
    }
    let found =
        told!("{directory} belongs to fpassd, {free} MiB free", directory = named, free = free,);
    let remedy =
        told!("free some space: attempts are refused when they cannot be counted on the disk");
    match free {
        ..FAIL_BELOW => Finding::fail(CHECK, found, remedy),
        FAIL_BELOW..WARN_BELOW => Finding::warn(CHECK, found, remedy),
        WARN_BELOW.. => Finding::ok(CHECK, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn what_the_daemon_would_not_use_is_a_failure_with_its_remedy() {
        let well = StoreDirectory { is_directory: true, owner: 990, mode: 0o700, free: 1000 };
        for (seen, state, remedy) in [
            (StoreDirectory { is_directory: false, ..well }, Severity::Fail, "directory"),
            (StoreDirectory { owner: 0, ..well }, Severity::Fail, "chown fpassd: /s"),
            (StoreDirectory { mode: 0o750, ..well }, Severity::Fail, "chmod 0700 /s"),
            (StoreDirectory { mode: 0o500, ..well }, Severity::Fail, "chmod 0700 /s"),
            (StoreDirectory { free: 3, ..well }, Severity::Fail, "free some space"),
            (StoreDirectory { free: 63, ..well }, Severity::Warn, "free some space"),
            (well, Severity::Ok, ""),
        ] {
            let finding = judge(&seen, 990, Path::new("/s"));
            assert_eq!(finding.state, state, "{seen:?}");
            assert!(finding.remedy.contains(remedy), "{finding:?}");
        }
    }
}
