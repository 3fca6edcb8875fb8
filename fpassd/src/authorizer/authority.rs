//! The authority that grants permissions.

use std::{future::Future, pin::Pin};

use fpass_proto::{Refusal, Uid};

use super::rule::Permission;
use crate::cancel::CancelFlag;

/// The caller whose permission is checked, as the bus reports it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// Unique name of the caller's connection.
    pub(crate) name: &'a str,
    /// The caller's user.
    pub(crate) uid: Uid,
    /// Whether the call allows a password to be asked for.
    pub(crate) interactive: bool,
    /// Number of the call.
    pub(crate) request: u32,
    /// Raised when the caller cancels or leaves.
    pub(crate) cancel: &'a CancelFlag,
}

/// An answer in progress.
pub(crate) type PendingAnswer<'a> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send + 'a>>;

/// Grants permissions, in bounded time: `Ok` is a grant, everything else a refusal.
pub(crate) trait Authority: Send + Sync {
    /// Checks that the caller has the permission. A password is asked for only if both
    /// [`Permission::may_ask`] and [`Subject::interactive`] are true.
    fn ask<'a>(&'a self, caller: Subject<'a>, permission: Permission) -> PendingAnswer<'a>;
}
