//! Calls about recovery codes. Each has its own connection and deadline, so the time for typing
//! does not count.

use std::time::Duration;

use fpass_proto::Refusal;
use fpass_proto::proxy::RecoveryProxy;
use nix::unistd;

use super::{Session, call_error, with_daemon};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// Number of codes that the subject has left.
///
/// # Errors
/// Every result but a number. An application that neither runs as root nor is a lock screen of the
/// subject is not told: the daemon would accept no code from it.
pub(super) fn count(subject: &Subject, limit: Duration) -> Result<u32, Outcome> {
    let caller = unistd::geteuid();
    let is_own_locker = subject.uid.0 == caller.as_raw() && subject.service.is_user_locker();
    if !caller.is_root() && !is_own_locker {
        return Err(Outcome::Refused(Refusal::NotAuthorized));
    }
    with_daemon(limit, async |session| {
        let proxy = session.proxy(RecoveryProxy::builder(&session.bus)).await?;
        proxy.count(subject.uid.0).await.map_err(|error| call_error(&error))
    })
}

/// Asks the daemon to check a code and use it up.
///
/// # Errors
/// Every result but the daemon's positive reply.
pub(super) async fn redeem(
    session: &Session,
    subject: &Subject,
    code: &str,
) -> Result<(), Outcome> {
    let proxy = session.proxy(RecoveryProxy::builder(&session.bus)).await?;
    let (user, service) = (subject.user.as_str(), subject.service.as_str());
    let redeemed = proxy.recover(subject.uid.0, user, service, subject.terminal(), code).await;
    redeemed.map_err(|error| call_error(&error))
}
