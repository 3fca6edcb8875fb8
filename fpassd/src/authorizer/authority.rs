//! Who is asked whether a caller may do something.

use std::{future::Future, pin::Pin};

use fpass_proto::{Refusal, Uid};

use super::rule::Permission;
use crate::cancel::CancelFlag;

/// Who calls, as the bus says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// Unique name of the caller's connection.
    pub(crate) name: &'a str,
    /// The caller's user.
    pub(crate) uid: Uid,
    /// Whether the call says that somebody may be asked for a password.
    pub(crate) interactive: bool,
    /// Number of the call.
    pub(crate) request: u32,
    /// Raised when the caller cancels or leaves.
    pub(crate) cancel: &'a CancelFlag,
}

/// An answer that is on its way.
pub(crate) type PendingAnswer<'a> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send + 'a>>;

/// Decides in bounded time: `Ok` is a yes, and everything else a refusal.
pub(crate) trait Authority: Send + Sync {
    /// Whether the caller has the permission. Nobody is asked for a password when
    /// [`Permission::may_ask`] or [`Subject::interactive`] says no.
    fn ask<'a>(&'a self, caller: Subject<'a>, permission: Permission) -> PendingAnswer<'a>;
}
