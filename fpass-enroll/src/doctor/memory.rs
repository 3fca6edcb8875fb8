//! Whether templates in the memory of the daemon can reach the swap space.

use fpass_proto::MachineStatus;
use fpass_terminal::Printable;

use super::Finding;
use super::services::Services;
use crate::language::told;

const CHECK: &str = "memory";

pub(super) fn check(services: &Services) -> Finding {
    let present = services.daemon.as_ref().ok();
    present.map_or_else(|| Finding::unasked(CHECK), |present| judge(&present.status))
}

fn judge(status: &MachineStatus) -> Finding {
    match status.memory.as_str() {
        "locked" => Finding::ok(CHECK, told!("the memory of fpassd is locked")),
        other => Finding::warn(
            CHECK,
            told!("the memory of fpassd is {state}", state = Printable(other)),
            told!(
                "start fpassd with systemctl and the shipped unit, which has LimitMEMLOCK=infinity"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Severity, speed::tests::status};

    #[test]
    fn only_locked_is_ok() {
        for memory in ["swappable", "", "Locked"] {
            let status = MachineStatus { memory: memory.to_owned(), ..status() };
            assert_eq!(judge(&status).state, Severity::Warn, "{memory}");
        }
        assert_eq!(judge(&status()).state, Severity::Ok);
    }
}
