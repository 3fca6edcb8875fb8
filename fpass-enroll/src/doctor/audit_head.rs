//! The audit log: whether its head can be read, and whether there is a journal to write to.

use std::path::Path;

use nix::unistd;

use super::Finding;
use super::services::Services;
use crate::daemon::answer;
use crate::language::told;

const CHECK: &str = "audit";
const JOURNAL: &str = "/run/systemd/journal/socket";

pub(super) async fn check(services: &Services) -> Finding {
    let Ok(present) = &services.daemon else { return Finding::unasked(CHECK) };
    if !unistd::geteuid().is_root() {
        return Finding::for_root(CHECK);
    }
    let head = match present.daemon.administration().await {
        Ok(administration) => answer(administration.audit_head()).await,
        Err(error) => Err(error),
    };
    match head {
        Ok((sequence, _)) => judge(sequence, Path::new(JOURNAL).exists()),
        Err(error) => {
            let found = told!("cannot read the head of the audit log: {error}", error = error);
            Finding::fail(
                CHECK,
                found,
                told!("see the check named disk, and: journalctl -u fpassd"),
            )
        }
    }
}

fn judge(sequence: u64, has_journal: bool) -> Finding {
    if has_journal {
        return Finding::ok(
            CHECK,
            told!(
                "{records} records in this chain; fpass-enroll audit verify checks them",
                records = sequence,
            ),
        );
    }
    Finding::warn(
        CHECK,
        told!(
            "{records} records in this chain, but there is no journal to keep them",
            records = sequence,
        ),
        told!("run: systemctl start systemd-journald; then: systemctl restart fpassd"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn a_log_without_a_journal_is_a_warning() {
        assert_eq!(judge(7, false).state, Severity::Warn);
        assert_eq!(judge(7, true).state, Severity::Ok);
    }
}
