//! The bus and the daemon: reachable, of the same version, and with the right account.

use fpass_proto::Refusal;
use fpass_terminal::Printable;

use super::Finding;
use super::services::Services;
use crate::error::Error;

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
        let remedy = "see the other lines, and: systemctl status fpassd";
        return Finding::fail(CHECK, "fpassd cannot start", remedy);
    }
    let sentence = error.to_string();
    let (found, remedy) = sentence.split_once("; ").unwrap_or((&sentence, ""));
    let remedy = if remedy.is_empty() { "see: journalctl -u fpassd" } else { remedy };
    Finding::fail(CHECK, found, remedy)
}

fn judge(version: &str, uid: u32) -> Finding {
    const OURS: &str = env!("CARGO_PKG_VERSION");
    if version != OURS {
        let found = format!("fpassd {} and fpass-enroll {OURS}", Printable(version));
        return Finding::fail(CHECK, found, "update both, then: systemctl restart fpassd");
    }
    if uid == 0 {
        return Finding::warn(
            CHECK,
            format!("fpassd {OURS} runs as root"),
            "start fpassd with systemctl and the shipped unit, which runs it as the user fpassd",
        );
    }
    Finding::ok(CHECK, format!("fpassd {OURS} answers as uid {uid}"))
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
