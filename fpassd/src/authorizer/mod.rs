//! Who may do what: the rule, and polkit where the rule leaves it to polkit.

pub(crate) mod authority;
mod authorization_result;
mod places;
mod polkit;
pub(crate) mod rule;

use fpass_proto::{Refusal, Uid};

use self::rule::{Need, need};
pub(crate) use self::{
    authority::{Authority, Subject},
    polkit::Polkit,
    rule::Action,
};

/// As whom a caller was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// As one who administers the machine.
    Administrator,
    /// As the user whose F-pass it is.
    Owner,
}

/// The rule with the authority that it refers to.
pub(crate) struct Authorizer {
    authority: Box<dyn Authority>,
}

impl Authorizer {
    /// The rule, with somebody to ask.
    pub(crate) fn new(authority: impl Authority + 'static) -> Self {
        Self { authority: Box::new(authority) }
    }

    /// Whether the caller may perform `action` on the F-pass of `owner`. Takes as long as the
    /// caller takes to type a password, if one is needed and may be asked for.
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
