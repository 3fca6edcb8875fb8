//! logind, which says who sits at this machine.

use super::Finding;
use super::facts::Facts;

const CHECK: &str = "logind";
const NAME: &str = "org.freedesktop.login1";

pub(super) async fn check(facts: &Facts) -> Finding {
    judge(facts.is_served(NAME).await)
}

fn judge(served: Option<bool>) -> Finding {
    match served {
        Some(true) => Finding::ok(CHECK, "it is there"),
        Some(false) => Finding::fail(
            CHECK,
            "nobody answers for systemd-logind; every check counts as remote and is refused",
            "run: systemctl start systemd-logind",
        ),
        None => {
            Finding::warn(CHECK, "not known: the bus did not say", "see to the check named bus")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn unknown_is_not_well() {
        let states = [Some(false), None, Some(true)].map(|served| judge(served).state);
        assert_eq!(states, [State::Fail, State::Warn, State::Ok]);
    }
}
