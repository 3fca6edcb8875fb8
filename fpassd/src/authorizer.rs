//! Who may do what, as a value.

use fpass_proto::{Refusal, Uid};

/// What a caller wants to do with the F-pass of some user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask for a verdict.
    Verify,
    /// Start the camera ahead of an attempt.
    Prewarm,
    /// Create a template.
    Enrol,
    /// Read labels and state.
    Inspect,
    /// Rename or remove templates.
    Maintain,
    /// Forget failed attempts.
    Unlock,
}

/// The rule that decides.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Authorizer {
    /// Root may act for everyone, anyone else for their own uid only; prewarming and unlocking are
    /// root's alone.
    OwnOrRoot,
}

impl Authorizer {
    /// Whether `caller` may perform `action` on the F-pass of `subject`.
    pub(crate) fn check(self, caller: Uid, action: Action, subject: Uid) -> Result<(), Refusal> {
        match self {
            Self::OwnOrRoot => {
                let allowed = match action {
                    Action::Prewarm | Action::Unlock => caller.is_root(),
                    Action::Verify | Action::Enrol | Action::Inspect | Action::Maintain => {
                        caller.is_root() || caller == subject
                    }
                };
                if allowed { Ok(()) } else { Err(Refusal::NotAuthorized) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_or_root_walks_every_row() {
        use Action::*;
        let (root, alice, bob) = (Uid::ROOT, Uid(1000), Uid(1001));
        let allowed =
            |caller, action, subject| Authorizer::OwnOrRoot.check(caller, action, subject).is_ok();
        for action in [Verify, Enrol, Inspect, Maintain] {
            assert!(!allowed(bob, action, alice), "{action:?}");
            assert!(!allowed(bob, action, root), "{action:?}");
            assert!(allowed(alice, action, alice), "{action:?}");
            assert!(allowed(root, action, alice), "{action:?}");
        }
        for action in [Prewarm, Unlock] {
            assert!(!allowed(alice, action, alice), "{action:?}");
            assert!(!allowed(alice, action, bob), "{action:?}");
            assert!(allowed(root, action, alice), "{action:?}");
        }
    }
}
