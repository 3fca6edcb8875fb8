//! Whether a picture of a face passes.

use fpass_proto::MachineStatus;
use fpass_terminal::Printable;

use super::Finding;
use super::services::Services;
use crate::language::told;

const CHECK: &str = "liveness";

pub(super) fn check(services: &Services) -> Finding {
    let present = services.daemon.as_ref().ok();
    present.map_or_else(|| Finding::unasked(CHECK), |present| judge(&present.status))
}

fn judge(status: &MachineStatus) -> Finding {
    let (modes, memory) = status.liveness.split_once(", ").unwrap_or((&status.liveness, ""));
    match modes {
        "turn" if memory.is_empty() => {
            Finding::ok(CHECK, told!("every attempt asks for a turn of the head"))
        }
        // A bracket is never closed behind the comma. The minutes are the third word.
        "turn" if !memory.contains(')') => Finding::ok(
            CHECK,
            told!(
                "a turn of the head is asked for, and remembered for {minutes} min",
                minutes = Printable(memory.split(' ').nth(2).unwrap_or_default()),
            ),
        ),
        "strict" => Finding::ok(CHECK, told!("every attempt asks for three prompts")),
        "infra-red" => Finding::warn(
            CHECK,
            told!(
                "every attempt asks for a face that the infra-red emitter lights, which was never \
                 measured on cameras"
            ),
            told!(
                "set mode = \"turn\" in [liveness] of /etc/fpass/fpassd.toml, unless you have \
                 measured it"
            ),
        ),
        _ => Finding::warn(
            CHECK,
            told!(
                "the liveness check is {mode}; a picture passes where it is off",
                mode = Printable(&status.liveness),
            ),
            told!(
                "set mode = \"turn\" in [liveness] of /etc/fpass/fpassd.toml, unless pictures are \
                 no danger here"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Severity, speed::tests::status};

    #[test]
    fn only_a_turn_everywhere_is_ok() {
        for liveness in [
            "off",
            "infra-red",
            "turn (sudo: off)",
            "turn (su: strict, sudo: off)",
            "turn (sudo: off), remembered for 15 min",
            "",
            "Turn",
        ] {
            let status = MachineStatus { liveness: liveness.to_owned(), ..status() };
            assert_eq!(judge(&status).state, Severity::Warn, "{liveness}");
        }
        for liveness in ["turn", "turn, remembered for 15 min", "strict"] {
            let status = MachineStatus { liveness: liveness.to_owned(), ..status() };
            assert_eq!(judge(&status).state, Severity::Ok, "{liveness}");
        }
    }
}
