//! logind, which tells who uses this machine locally.

use super::Finding;
use super::services::Services;
use crate::language::told;

const CHECK: &str = "logind";
const NAME: &str = "org.freedesktop.login1";

pub(super) async fn check(services: &Services) -> Finding {
    judge(services.is_served(NAME).await)
}

fn judge(served: Option<bool>) -> Finding {
    match served {
        Some(true) => Finding::ok(CHECK, told!("running")),
        Some(false) => Finding::fail(
            CHECK,
            told!(
                "systemd-logind does not answer; every face check counts as remote and is refused"
            ),
            told!("install the package libpam-systemd, or run: systemctl start systemd-logind"),
        ),
        None => Finding::warn(
            CHECK,
            told!("not known: the bus did not answer"),
            told!("see the check named bus"),
        ),
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
