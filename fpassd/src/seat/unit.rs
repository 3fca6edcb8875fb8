//! Facts from the name of a systemd unit. The service manager chooses the name, not the process.

use fpass_proto::Uid;

/// Longest name of a unit in bytes, as systemd has it.
const NAME_MAX: usize = 255;

/// The user whose service manager runs in this unit.
pub(super) fn manager_of(unit: &str) -> Option<Uid> {
    unit.strip_prefix("user@")?.strip_suffix(".service").and_then(number).map(Uid)
}

/// Whether the unit is a service with a name of a valid length.
pub(super) fn is_service(unit: &str) -> bool {
    unit.len() <= NAME_MAX && unit.ends_with(".service")
}

/// Whether the unit asks for logins at a virtual console. Units of serial lines have other names; a
/// serial line may end at another machine.
pub(super) fn is_console(unit: &str) -> bool {
    let line = unit.strip_prefix("getty@tty").and_then(|rest| rest.strip_suffix(".service"));
    line.and_then(number).is_some()
}

/// The user at the other end of the local socket connection for which a unit was started. The
/// service manager names such a unit `NAME@N-PID-UID.service`, and from systemd 258 on
/// `NAME@N-COOKIE-PID-UID.service` or `NAME@N-COOKIE-PID_PIDFDID-UID.service`. The kernel reported
/// PID and UID of the peer.
pub(super) fn peer_of(unit: &str) -> Option<Uid> {
    let (_, instance) = unit.strip_suffix(".service")?.split_once('@')?;
    let parts: Vec<&str> = instance.split('-').collect();
    let (uid, before) = parts.split_last()?;
    let (process, counters) = before.split_last()?;
    let process_id = process.split_once('_').map_or(*process, |(id, _)| id);
    number(process_id)?;
    if !(1..=2).contains(&counters.len()) || !counters.iter().all(|part| digits(part)) {
        return None;
    }
    number(uid).map(Uid)
}

/// Whether a text consists of digits.
fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Parses a decimal number without a sign.
fn number(text: &str) -> Option<u32> {
    digits(text).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_are_named_by_their_user_and_by_nothing_else() {
        for unit in [
            "user@.service",
            "user@+1.service",
            "user@1000.slice",
            "user@alice.service",
            "user@4294967296.service",
            "xuser@1000.service",
        ] {
            assert_eq!(manager_of(unit), None, "{unit}");
        }
        assert_eq!(manager_of("user@1000.service"), Some(Uid(1000)));
    }

    #[test]
    fn only_virtual_consoles_are_consoles() {
        for unit in [
            "serial-getty@ttyS0.service",
            "getty@ttyS0.service",
            "getty@tty.service",
            "console-getty.service",
            "container-getty@1.service",
            "telnet@0.service",
            "getty@tty1.scope",
            "run-u1.service",
        ] {
            assert!(!is_console(unit), "{unit}");
        }
        assert!(is_console("getty@tty1.service") && is_console("getty@tty12.service"));
    }

    #[test]
    fn the_peer_is_the_last_number_of_an_instance_made_for_a_connection() {
        for unit in [
            "polkit-agent-helper@.service",
            "polkit-agent-helper@1000.service",
            "polkit-agent-helper@12-1000.service",
            "polkit-agent-helper@1-2-3-4-1000.service",
            "polkit-agent-helper@1-unknown.service",
            "polkit-agent-helper@1-x-1000.service",
            "polkit-agent-helper@1-12-.service",
            "polkit-agent-helper@1-12--1.service",
            "polkit-agent-helper@1-12-1000.scope",
            "polkit-agent-helper-1-12-1000.service",
            "run-u12.service",
        ] {
            assert_eq!(peer_of(unit), None, "{unit}");
        }
        for instance in ["0-812-1000", "1-4097-1300_38767-1000", "1-4097-1300-1000"] {
            let unit = format!("polkit-agent-helper@{instance}.service");
            assert_eq!(peer_of(&unit), Some(Uid(1000)), "{unit}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics(unit in ".{0,80}", instance in "[0-9_-]{0,20}") {
            for name in [unit, format!("a@{instance}.service")] {
                let _ = (manager_of(&name), is_service(&name), is_console(&name), peer_of(&name));
            }
        }
    }
}
