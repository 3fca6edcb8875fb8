//! The process tree as `/proc` shows it: the terminals of processes, and the sessions they are in.

use std::{fs, io, os::unix::fs::MetadataExt, time::Instant};

use fpass_proto::Uid;

use super::terminal::Terminal;

/// A process of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserProcess {
    /// Id of the login session whose scope it is in.
    pub(super) session: Option<String>,
    /// Its controlling terminal.
    pub(super) terminal: Option<Terminal>,
}

/// The controlling terminal of a process.
///
/// # Errors
/// `/proc` does not show the process, or shows something else.
pub(super) fn terminal_of(process: u32) -> io::Result<Option<Terminal>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    tty_nr(&stat).map(Terminal::from_tty_nr).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The id of the session in whose scope a process is.
///
/// # Errors
/// `/proc` does not show the process.
pub(super) fn session_of(process: u32) -> io::Result<Option<String>> {
    Ok(scope_of(&fs::read_to_string(format!("/proc/{process}/cgroup"))?))
}

/// The processes of a user, including those that hide their owner by being undumpable.
///
/// # Errors
/// `/proc` cannot be read, or not until the deadline.
pub(super) fn processes_of(user: Uid, deadline: Instant) -> io::Result<Vec<UserProcess>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        if Instant::now() > deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process that has ended meanwhile is left out.
        if let Ok(Some(process)) = process_of(id, user) {
            processes.push(process);
        }
    }
    Ok(processes)
}

/// The process with this id, if it is the user's.
fn process_of(id: u32, user: Uid) -> io::Result<Option<UserProcess>> {
    let directory = format!("/proc/{id}");
    let shown = fs::metadata(&directory)?.uid();
    // The kernel shows undumpable processes as root's.
    let is_the_users = shown == user.0
        || (shown == 0 && has_uid(&fs::read_to_string(format!("{directory}/status"))?, user));
    if !is_the_users {
        return Ok(None);
    }
    let session = scope_of(&fs::read_to_string(format!("{directory}/cgroup"))?);
    Ok(Some(UserProcess { session, terminal: terminal_of(id)? }))
}

/// The field `tty_nr` of a `stat` file. The name of the program comes before it in parentheses and
/// may hold any character.
fn tty_nr(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let field = fields.split_whitespace().nth(4)?;
    Some(field.parse::<i32>().ok()?.cast_unsigned())
}

/// Whether a `status` file shows this user as the real, effective or saved one.
fn has_uid(status: &str, user: Uid) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    line.is_some_and(|line| line.split_whitespace().any(|field| field.parse() == Ok(user.0)))
}

/// The id of the session in whose scope a control group is. Only the service manager makes groups
/// at this place; users make theirs further below.
fn scope_of(cgroup: &str) -> Option<String> {
    let path = |line: &str| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        matches!(controllers, "" | "name=systemd").then(|| path.to_owned())
    };
    cgroup.lines().filter_map(path).find_map(|path| {
        let mut parts = path.strip_prefix("/user.slice/user-")?.split('/');
        parts.next()?.strip_suffix(".slice")?.parse::<u32>().ok()?;
        let id = parts.next()?.strip_prefix("session-")?.strip_suffix(".scope")?;
        (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| id.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_terminal_follows_the_name_whatever_that_holds() {
        for (stat, expected) in [
            ("7 (sudo) S 1 2 3 34817 4 5", Some(34_817)),
            ("7 (a ) S 9 9 9 9) S 1 2 3 34818 4", Some(34_818)),
            ("7 (x) S 1 2 3 -1 4", Some(u32::MAX)),
            ("7 (x) S 1 2 3", None),
            ("7 (x) S 1 2 3 tty 4", None),
            ("", None),
        ] {
            assert_eq!(tty_nr(stat), expected, "{stat}");
        }
    }

    #[test]
    fn a_session_is_named_by_the_scope_that_the_service_manager_made() {
        let in_v2 = |path: &str| scope_of(&format!("0::{path}\n"));
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(in_v2("/user.slice/user-1000.slice/session-5.scope"), of("5"));
        assert_eq!(in_v2("/user.slice/user-1000.slice/session-c2.scope/below"), of("c2"));
        for path in [
            "/user.slice/user-1000.slice/user@1000.service/app.slice/session-5.scope",
            "/user.slice/user-1000.slice/user@1000.service",
            "/user.slice/user-x.slice/session-5.scope",
            "/user.slice/user-1000.slice/session-.scope",
            "/user.slice/user-1000.slice/session-a_b.scope",
            "/system.slice/session-5.scope",
            "/",
        ] {
            assert_eq!(in_v2(path), None, "{path}");
        }
        let in_v1 = "4:memory:/user.slice/user-1.slice/session-9.scope\n\
                     1:name=systemd:/user.slice/user-1000.slice/session-5.scope\n";
        assert_eq!(scope_of(in_v1), of("5"));
    }

    #[test]
    fn each_uid_of_a_process_counts() {
        let status = "Name:\tx\nUid:\t0\t1000\t0\t0\nGid:\t5\t5\t5\t5\n";
        assert!(has_uid(status, Uid(1000)) && has_uid(status, Uid::ROOT));
        assert!(!has_uid(status, Uid(5)) && !has_uid("", Uid(1000)));
    }

    #[test]
    fn the_processes_of_this_user_are_found_and_a_deadline_is_kept() {
        let me = Uid(nix::unistd::getuid().as_raw());
        let later = Instant::now() + Duration::from_secs(60);
        assert!(!processes_of(me, later).unwrap().is_empty());
        let error = processes_of(me, Instant::now().checked_sub(Duration::from_secs(1)).unwrap());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(terminal_of(std::process::id()).is_ok() && terminal_of(u32::MAX).is_err());
        assert!(session_of(std::process::id()).is_ok() && session_of(u32::MAX).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,120}") {
            let _ = (tty_nr(&text), has_uid(&text, Uid(1000)), scope_of(&text));
        }
    }
}
