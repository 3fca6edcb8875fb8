//! logind, which tells who uses this machine locally.

use super::Finding;
use super::services::Services;

const CHECK: &str = "logind";
const NAME: &str = "org.freedesktop.login1";

pub(super) async fn check(services: &Services) -> Finding {
    judge(services.is_served(NAME).await)
}

fn judge(served: Option<bool>) -> Finding {
    match served {
        Some(true) => Finding::ok(CHECK, "running"),
        Some(false) => Finding::fail(
            CHECK,
            "systemd-logind does not answer; every face check counts as remote and is refused",
            "run: systemctl start systemd-logind",
        ),
        None => {
            Finding::warn(CHECK, "not known: the bus did not answer", "see the check named bus")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Severity;

    #[test]
    fn unknown_is_a_warning() {
        let states = [Some(false), None, Some(true)].map(|served| judge(served).state);
        assert_eq!(states, [Severity::Fail, Severity::Warn, Severity::Ok]);
    }
}
