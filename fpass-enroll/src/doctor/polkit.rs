//! polkit, and the definition of the actions of F-pass.

use std::fs;

use super::Finding;
use super::services::Services;
use crate::language::told;

const CHECK: &str = "polkit";
const NAME: &str = "org.freedesktop.PolicyKit1";
const ACTIONS: &str = "/usr/share/polkit-1/actions/org.fpass.Fpass1.policy";
/// Actions that the file must define.
const IDS: [&str; 4] = [
    "org.fpass.Fpass1.verify",
    "org.fpass.Fpass1.enroll.self",
    "org.fpass.Fpass1.delete.self",
    "org.fpass.Fpass1.manage.others",
];

pub(super) async fn check(services: &Services) -> Finding {
    let actions = fs::read_to_string(ACTIONS).ok();
    judge(services.is_served(NAME).await, actions.as_deref())
}

fn judge(served: Option<bool>, actions: Option<&str>) -> Finding {
    let lacking = IDS.iter().find(|id| {
        let head = format!("<action id=\"{id}\"");
        !actions.is_some_and(|text| text.contains(&head))
    });
    if let Some(id) = lacking {
        let found = told!("{file} does not define {action}", file = ACTIONS, action = id);
        return Finding::fail(CHECK, found, told!("install the package fpass again"));
    }
    match served {
        Some(true) => Finding::ok(CHECK, told!("running, and the actions of F-pass are defined")),
        Some(false) => Finding::fail(
            CHECK,
            told!("polkit does not answer; only root can use F-pass"),
            told!("install the package polkitd, or run: systemctl start polkit"),
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
    fn the_shipped_file_is_ok_and_an_incomplete_one_fails() {
        let shipped =
            include_str!("../../../packaging/usr/share/polkit-1/actions/org.fpass.Fpass1.policy");
        assert_eq!(judge(Some(true), Some(shipped)).state, Severity::Ok);
        let absent = judge(Some(false), Some(shipped));
        assert_eq!(absent.state, Severity::Fail);
        assert!(absent.remedy.contains("the package polkitd"), "{absent:?}");
        assert_eq!(judge(None, Some(shipped)).state, Severity::Warn);
        assert_eq!(judge(Some(true), None).state, Severity::Fail);
        for id in IDS {
            let less = shipped.replace(id, "another");
            assert_eq!(judge(Some(true), Some(&less)).state, Severity::Fail, "{id}");
        }
    }
}
