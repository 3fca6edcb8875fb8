//! The bus and the daemon on it: there, of the same version, and of the right account.

use fpass_proto::Refusal;

use super::Finding;
use super::facts::Facts;
use crate::error::Error;
use crate::printable::Printable;

const CHECK: &str = "bus";

pub(super) fn check(facts: &Facts) -> Finding {
    match (&facts.bus, &facts.daemon) {
        (Err(error), _) | (Ok(_), Err(error)) => out_of_reach(error),
        (Ok(_), Ok(present)) => judge(&present.status.version, present.uid),
    }
}

fn out_of_reach(error: &Error) -> Finding {
    // Its sentence is for users, and names this command.
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
            "start fpassd by systemctl with the shipped unit, which runs it as fpassd",
        );
    }
    Finding::ok(CHECK, format!("fpassd {OURS} answers as uid {uid}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_daemon_that_cannot_start_is_not_explained_by_this_command() {
        let finding = out_of_reach(&Error::Refused(Refusal::NotReady));
        assert_eq!(finding.state, State::Fail);
        assert!(!format!("{finding:?}").contains("doctor"), "{finding:?}");
        let finding = out_of_reach(&Error::Refused(Refusal::QueueFull));
        assert!(!format!("{finding:?}").contains("; "), "{finding:?}");
    }

    #[test]
    fn another_version_and_a_daemon_of_root_are_not_well() {
        assert_eq!(judge("0.0.0", 990).state, State::Fail);
        assert_eq!(judge(env!("CARGO_PKG_VERSION"), 0).state, State::Warn);
        assert_eq!(judge(env!("CARGO_PKG_VERSION"), 990).state, State::Ok);
    }
}
