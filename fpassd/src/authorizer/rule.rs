//! The table: what a caller needs for an action on the F-pass of a user.

use fpass_proto::Uid;

/// An action on the F-pass of a user, or on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask for a verdict.
    Verify,
    /// Start the camera ahead of an attempt.
    Prewarm,
    /// Create a template.
    Enrol,
    /// Create the first template, at a login.
    SetUp,
    /// Read labels and state.
    Inspect,
    /// Rename or remove templates, create or remove recovery codes.
    Maintain,
    /// Use up a recovery code.
    Recover,
    /// Forget failed attempts.
    Unlock,
    /// Export templates to another machine, or import them from one.
    Fleet,
    /// Remove everything, including the tombstone of a removed F-pass.
    Forget,
    /// Read the head of the audit log.
    Audit,
    /// Measure frame rate and brightness of the camera.
    Look,
}

/// A permission of polkit: an action in `org.fpass.Fpass1.policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// A verdict about the caller.
    Verify,
    /// A template of the caller.
    EnrolSelf,
    /// A change of the caller's templates.
    DeleteSelf,
    /// Any action but a verdict on the F-pass of another user.
    ManageOthers,
}

impl Permission {
    /// The action's name in the policy file.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Verify => "org.fpass.Fpass1.verify",
            Self::EnrolSelf => "org.fpass.Fpass1.enroll.self",
            Self::DeleteSelf => "org.fpass.Fpass1.delete.self",
            Self::ManageOthers => "org.fpass.Fpass1.manage.others",
        }
    }

    /// Whether a password may be asked for. A lock screen that waits for a verdict must not wait
    /// for a question, even if an administrator changed the policy.
    pub(crate) const fn may_ask(self) -> bool {
        match self {
            Self::Verify => false,
            Self::EnrolSelf | Self::DeleteSelf | Self::ManageOthers => true,
        }
    }
}

/// What a caller needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: the action is allowed.
    Nothing,
    /// A permission from polkit.
    Permission(Permission),
    /// The action is always refused.
    Impossible,
}

/// What `caller` needs for `action` on the F-pass of `owner`.
///
/// Root needs nothing, so that a machine without a working polkit can be administered. Users need
/// nothing to read their own labels and state: that starts no camera and reveals nothing new, and a
/// login must be able to say that an F-pass is missing when polkit does not run.
pub(super) fn need(caller: Uid, action: Action, owner: Uid) -> Need {
    let own = caller == owner;
    match action {
        _ if caller.is_root() => Need::Nothing,
        Action::Prewarm
        | Action::SetUp
        | Action::Forget
        | Action::Audit
        | Action::Look
        | Action::Fleet => Need::Impossible,
        // A code at the lock screen of the user stands for the verdict.
        Action::Verify | Action::Recover if own => Need::Permission(Permission::Verify),
        Action::Verify | Action::Recover => Need::Impossible,
        Action::Inspect if own => Need::Nothing,
        Action::Enrol if own => Need::Permission(Permission::EnrolSelf),
        Action::Maintain if own => Need::Permission(Permission::DeleteSelf),
        Action::Inspect | Action::Enrol | Action::Maintain | Action::Unlock => {
            Need::Permission(Permission::ManageOthers)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Uid = Uid(1000);
    const BOB: Uid = Uid(1001);

    #[test]
    fn every_row() {
        use Permission::{DeleteSelf, EnrolSelf, ManageOthers};
        let permission = Need::Permission;
        for (action, own, others) in [
            (Action::Verify, permission(Permission::Verify), Need::Impossible),
            (Action::Prewarm, Need::Impossible, Need::Impossible),
            (Action::Inspect, Need::Nothing, permission(ManageOthers)),
            (Action::Enrol, permission(EnrolSelf), permission(ManageOthers)),
            (Action::SetUp, Need::Impossible, Need::Impossible),
            (Action::Maintain, permission(DeleteSelf), permission(ManageOthers)),
            (Action::Unlock, permission(ManageOthers), permission(ManageOthers)),
            (Action::Forget, Need::Impossible, Need::Impossible),
            (Action::Recover, permission(Permission::Verify), Need::Impossible),
            (Action::Audit, Need::Impossible, Need::Impossible),
            (Action::Fleet, Need::Impossible, Need::Impossible),
            (Action::Look, Need::Impossible, Need::Impossible),
        ] {
            assert_eq!(need(ALICE, action, ALICE), own, "{action:?}");
            for owner in [BOB, Uid::ROOT] {
                assert_eq!(need(ALICE, action, owner), others, "{action:?} {owner}");
            }
            for owner in [Uid::ROOT, ALICE] {
                assert_eq!(need(Uid::ROOT, action, owner), Need::Nothing, "{action:?}");
            }
        }
    }

    #[test]
    fn the_shipped_policy_has_each_permission_and_lets_fpassd_ask_for_it() {
        let policy =
            include_str!("../../../packaging/usr/share/polkit-1/actions/org.fpass.Fpass1.policy");
        let actions: Vec<&str> = policy.split("<action id=\"").skip(1).collect();
        for permission in [
            Permission::Verify,
            Permission::EnrolSelf,
            Permission::DeleteSelf,
            Permission::ManageOthers,
        ] {
            let head = format!("{}\"", permission.id());
            assert!(actions.iter().any(|action| action.starts_with(&head)), "{head}");
        }
        let owner = format!("unix-user:{}</annotate>", fpass_proto::names::DAEMON_USER);
        assert!(actions.iter().all(|action| action.contains(&owner)));
    }
}
