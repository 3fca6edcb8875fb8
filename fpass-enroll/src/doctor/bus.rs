//! The bus and the daemon: reachable, of the same version, and with the right account.

use fpass_proto::Refusal;
use fpass_terminal::Printable;

use super::Finding;
use super::finding::parts;
use super::services::Services;
use crate::error::Error;
use crate::language::told;

const CHECK: &str = "bus";

pub(super) fn check(services: &Services) -> Finding {
    match (&services.bus, &services.daemon) {
        (Err(error), _) | (Ok(_), Err(error)) => unreachable(error),
        (Ok(_), Ok(present)) => judge(&present.status.version, present.uid),
    }
}

fn unreachable(error: &Error) -> Finding {
    // Its sentence is for users and points to this command.
    if matches!(error, Error::Refused(Refusal::NotReady)) {
        let remedy = told!("see the other lines, and: systemctl status fpassd");
        return Finding::fail(CHECK, told!("fpassd cannot start"), remedy);
    }
    let (found, remedy) = parts(error);
    let remedy = remedy.unwrap_or_else(|| told!("see: journalctl -u fpassd").into());
    Finding::fail(CHECK, found, remedy)
}

fn judge(version: &str, uid: u32) -> Finding {
    const OURS: &str = env!("CARGO_PKG_VERSION");
    if version != OURS {
        let found = told!(
            "fpassd {daemon} and fpass-enroll {command}",
            daemon = Printable(version),
            command = OURS,
        );
        return Finding::fail(CHECK, found, told!("update both, then: systemctl restart fpassd"));
    }
    if uid == 0 {
        return Finding::warn(
            CHECK,
            told!("fpassd {version} runs as root", version = OURS),
            told!(
                "start fpassd with systemctl and the shipped unit, which runs it as the user fpassd"
            ),
        );
    }
    Finding::ok(CHECK, told!("fpassd {version} answers as uid {uid}", version = OURS, uid = uid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn a_daemon_that_cannot_start_is_not_explained_by_this_command() {
        let finding = unreachable(&Error::Refused(Refusal::NotReady));
        assert_eq!(finding.state, Severity::Fail);
        assert!(!format!("{finding:?}").contains("doctor"), "{finding:?}");
        let finding = unreachable(&Error::Refused(Refusal::QueueFull));
        assert!(!format!("{finding:?}").contains("; "), "{finding:?}");
    }

    #[test]
    fn another_version_fails_and_a_daemon_of_root_warns() {
        assert_eq!(judge("0.0.0", 990).state, Severity::Fail);
        assert_eq!(judge(env!("CARGO_PKG_VERSION"), 0).state, Severity::Warn);
        assert_eq!(judge(env!("CARGO_PKG_VERSION"), 990).state, Severity::Ok);
    }
}
