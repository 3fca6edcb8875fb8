//! Who may do what: the rule, and polkit where the rule leaves it to polkit.

pub(crate) mod authority;
mod places;
mod polkit;
mod reply;
pub(crate) mod rule;

use fpass_proto::{Refusal, Uid};

use self::rule::{Need, need};
pub(crate) use self::{
    authority::{Authority, Caller},
    polkit::Polkit,
    rule::Action,
};

/// As whom a caller was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
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

    /// Whether the caller may perform `action` on the F-pass of `subject`. Takes as long as the
    /// caller takes to type a password, if one is needed and may be asked for.
    pub(crate) async fn check(
        &self,
        caller: Caller<'_>,
        action: Action,
        subject: Uid,
    ) -> Result<Standing, Refusal> {
        match need(caller.uid, action, subject) {
            Need::Impossible => return Err(Refusal::NotAuthorized),
            Need::Nothing => {}
            Need::Permission(permission) => self.authority.ask(caller, permission).await?,
        }
        Ok(if caller.uid.is_root() || caller.uid != subject {
            Standing::Administrator
        } else {
            Standing::Owner
        })
    }
}

#[cfg(test)]
mod tests;
