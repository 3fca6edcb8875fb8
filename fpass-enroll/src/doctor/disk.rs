//! The store's directory and the room on its file system.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use fpass_proto::names;
use nix::sys::statvfs::statvfs;
use nix::unistd::User;

use super::Finding;

const CHECK: &str = "disk";
/// Room in MiB below which writes fail soon.
const FAIL_BELOW: u64 = 4;
/// Room in MiB below which somebody should look.
const WARN_BELOW: u64 = 64;

pub(super) fn check(store: &Path) -> Finding {
    let named = store.display();
    let facts = match fs::symlink_metadata(store) {
        Ok(facts) => facts,
        Err(error) => {
            let remedy = format!("run: systemd-tmpfiles --create fpass.conf, or mount {named}");
            return Finding::fail(CHECK, format!("{named} is not there: {error}"), remedy);
        }
    };
    let daemon = User::from_name(names::DAEMON_USER).ok().flatten();
    let Some(daemon) = daemon.map(|user| user.uid.as_raw()) else {
        let found = format!("there is no user {}", names::DAEMON_USER);
        return Finding::fail(CHECK, found, "run: systemd-sysusers fpass.conf");
    };
    let free = match statvfs(store) {
        Ok(facts) => facts.fragment_size().saturating_mul(facts.blocks_available()),
        Err(error) => {
            let found = format!("the room for {named} cannot be told: {error}");
            return Finding::warn(CHECK, found, "run this as root");
        }
    };
    let standing = Standing {
        is_directory: facts.is_dir(),
        owner: facts.uid(),
        mode: facts.mode() & 0o7777,
        free: free / (1024 * 1024),
    };
    judge(&standing, daemon, store)
}

/// What was seen of the directory.
#[derive(Clone, Copy, Debug)]
struct Standing {
    is_directory: bool,
    owner: u32,
    mode: u32,
    /// In MiB.
    free: u64,
}

fn judge(standing: &Standing, daemon: u32, store: &Path) -> Finding {
    let named = store.display();
    let Standing { is_directory, owner, mode, free } = *standing;
    if !is_directory {
        let found = format!("{named} is a link or no directory");
        return Finding::fail(CHECK, found, "put a directory in its place; fpassd follows no link");
    }
    if owner != daemon {
        let found = format!("{named} belongs to uid {owner} and not to fpassd");
        return Finding::fail(CHECK, found, format!("run: chown fpassd: {named}"));
    }
    if mode & 0o077 != 0 || mode & 0o700 != 0o700 {
        let found =
            format!("{named} has mode {mode:04o}; fpassd uses no store that others can see");
        return Finding::fail(CHECK, found, format!("run: chmod 0700 {named}"));
    }
    let found = format!("{named} is fpassd's own, {free} MiB free");
    let remedy = "make room: attempts are counted on the disk, and refused when they cannot be";
    match free {
        ..FAIL_BELOW => Finding::fail(CHECK, found, remedy),
        FAIL_BELOW..WARN_BELOW => Finding::warn(CHECK, found, remedy),
        WARN_BELOW.. => Finding::ok(CHECK, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn what_the_daemon_would_not_use_is_a_failure_with_its_remedy() {
        let well = Standing { is_directory: true, owner: 990, mode: 0o700, free: 1000 };
        for (standing, state, remedy) in [
            (Standing { is_directory: false, ..well }, State::Fail, "directory"),
            (Standing { owner: 0, ..well }, State::Fail, "chown fpassd: /s"),
            (Standing { mode: 0o750, ..well }, State::Fail, "chmod 0700 /s"),
            (Standing { mode: 0o500, ..well }, State::Fail, "chmod 0700 /s"),
            (Standing { free: 3, ..well }, State::Fail, "make room"),
            (Standing { free: 63, ..well }, State::Warn, "make room"),
            (well, State::Ok, ""),
        ] {
            let finding = judge(&standing, 990, Path::new("/s"));
            assert_eq!(finding.state, state, "{standing:?}");
            assert!(finding.remedy.contains(remedy), "{finding:?}");
        }
    }
}
