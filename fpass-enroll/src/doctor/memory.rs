//! Whether templates in the daemon's memory can reach the swap space.

use fpass_proto::MachineStatus;

use super::Finding;
use super::facts::Facts;
use crate::printable::Printable;

const CHECK: &str = "memory";

pub(super) fn check(facts: &Facts) -> Finding {
    let present = facts.daemon.as_ref().ok();
    present.map_or_else(|| Finding::unasked(CHECK), |present| judge(&present.status))
}

fn judge(status: &MachineStatus) -> Finding {
    match status.memory.as_str() {
        "locked" => Finding::ok(CHECK, "fpassd's memory is not swapped out"),
        other => Finding::warn(
            CHECK,
            format!("fpassd's memory is {}", Printable(other)),
            "start fpassd by systemctl with the shipped unit, which has LimitMEMLOCK=infinity",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{State, speed::tests::status};

    #[test]
    fn only_locked_is_well() {
        for memory in ["swappable", "", "Locked"] {
            let status = MachineStatus { memory: memory.to_owned(), ..status() };
            assert_eq!(judge(&status).state, State::Warn, "{memory}");
        }
        assert_eq!(judge(&status()).state, State::Ok);
    }
}
