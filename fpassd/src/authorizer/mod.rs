//! Who may do what: the rule, and polkit where the rule requires it.

pub(crate) mod authority;
mod authorization_result;
mod polkit;
pub(crate) mod rule;

use fpass_proto::{Refusal, Uid};

use self::rule::{Need, need};
pub(crate) use self::{
    authority::{Authority, Subject},
    polkit::Polkit,
    rule::Action,
};

/// The role in which a caller was authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// An administrator of the machine.
    Administrator,
    /// The user of the F-pass.
    Owner,
}

/// The rule, with the authority that decides about permissions.
pub(crate) struct Authorizer {
    authority: Box<dyn Authority>,
}

impl Authorizer {
    /// An authorizer that asks this authority.
    pub(crate) fn new(authority: impl Authority + 'static) -> Self {
        Self { authority: Box::new(authority) }
    }

    /// Checks that the caller may perform `action` on the F-pass of `owner`. If a password is
    /// needed and may be asked for, this waits until the caller has typed it.
    pub(crate) async fn check(
        &self,
        caller: Subject<'_>,
        action: Action,
        owner: Uid,
    ) -> Result<Role, Refusal> {
        match need(caller.uid, action, owner) {
            Need::Impossible => return Err(Refusal::NotAuthorized),
            Need::Nothing => {}
            Need::Permission(permission) => self.authority.ask(caller, permission).await?,
        }
        Ok(if caller.uid.is_root() || caller.uid != owner {
            Role::Administrator
        } else {
            Role::Owner
        })
    }
}

#[cfg(test)]
mod tests;
