//! The calls about recovery codes. Each has a connection and a deadline of its own: the time for which
//! somebody types is no part of either.

use std::time::Duration;

use fpass_proto::proxy::RecoveryProxy;
use fpass_proto::{Refusal, Terminal};
use nix::unistd;
use tokio::time::Instant;
use zbus::Connection;
use zbus::names::OwnedUniqueName;
use zbus::proxy::CacheProperties;

use super::{Peer, attempt, call_error, connect};
use crate::accounts;
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
    let deadline = Instant::now() + limit;
    let account = accounts::daemon();
    attempt(deadline, async {
        let bus = connect().await?;
        let mut daemon = Peer::trusted(&bus, account).await?;
        let proxy = recovery(&bus, daemon.owner.clone()).await?;
        let answer = async { proxy.count(subject.uid.0).await.map_err(|error| call_error(&error)) };
        daemon.unchanged_during(answer).await
    })
}

/// Has a code used up.
///
/// # Errors
/// Every end but the daemon's positive reply.
pub(super) fn redeem(subject: &Subject, code: &str, limit: Duration) -> Result<(), Outcome> {
    let deadline = Instant::now() + limit;
    let account = accounts::daemon();
    attempt(deadline, async {
        let bus = connect().await?;
        let mut daemon = Peer::trusted(&bus, account).await?;
        let proxy = recovery(&bus, daemon.owner.clone()).await?;
        let answer = async {
            let terminal = subject.terminal.as_ref().map_or("", Terminal::as_str);
            let (user, service) = (subject.user.as_str(), subject.service.as_str());
            let redeemed = proxy.recover(subject.uid.0, user, service, terminal, code).await;
            redeemed.map_err(|error| call_error(&error))
        };
        daemon.unchanged_during(answer).await
    })
}

async fn recovery(
    bus: &Connection,
    owner: OwnedUniqueName,
) -> Result<RecoveryProxy<'static>, Outcome> {
    RecoveryProxy::builder(bus)
        .destination(owner)
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .map_err(|error| call_error(&error))
}
