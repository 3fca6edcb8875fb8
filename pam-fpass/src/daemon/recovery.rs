//! The calls about recovery codes. Each has a connection and a deadline of its own: the time for which
//! somebody types is no part of either.

use std::time::Duration;

use fpass_proto::Refusal;
use fpass_proto::proxy::RecoveryProxy;
use nix::unistd;

use super::{Session, call_error, with_daemon};
use crate::outcome::Outcome;
use crate::preflight::Subject;

/// How many codes the subject has left.
///
/// # Errors
/// Every end without a number. Where the application does not run as root nobody is asked: the daemon
/// would take no code from it.
pub(super) fn count(subject: &Subject, limit: Duration) -> Result<u32, Outcome> {
    if !unistd::geteuid().is_root() {
        return Err(Outcome::Refused(Refusal::NotAuthorized));
    }
    with_daemon(limit, async |session| {
        let proxy = session.proxy(RecoveryProxy::builder(&session.bus)).await?;
        proxy.count(subject.uid.0).await.map_err(|error| call_error(&error))
    })
}

/// Has a code used up.
///
/// # Errors
/// Every end but the daemon's positive reply.
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
