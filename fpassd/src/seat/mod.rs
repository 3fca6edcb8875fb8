//! Whether a caller is at this machine: facts from logind, judged by a pure rule, and watched while
//! the attempt lasts. Anything unknown counts as remote.

mod facts;
mod far;
mod leases;
mod lid;
mod logind;
mod look_up;
mod not_local;
mod process;
mod process_tree;
mod recent;
mod rule;
mod sessions;
mod terminal;
mod turns;
#[cfg(test)]
mod typed_terminal;
mod unit;
mod watch;
mod watched_session;

use std::{future::Future, time::Duration};

use fpass_proto::SeatConfig;

use self::leases::SeatLease;
pub(crate) use self::{
    facts::{CameraUse, SeatFacts, SeatPlace, SeatRequest, SessionIdentity},
    leases::SeatLeases,
    lid::is_lid_closed,
    logind::Logind,
    not_local::NotLocal,
    process::{Endpoint, PeerProcess},
    recent::RecentSessions,
    turns::LookUpTurns,
    watch::watch,
    watched_session::WatchedSession,
};
use crate::cancel::CancelFlag;

/// Longest time for all look-ups about one caller together.
pub(crate) const LOOK_UP_MAX: Duration = Duration::from_secs(2);
/// The same for a login. On a bus that a hundred programs keep busy, an answer takes a second.
pub(crate) const LOGIN_LOOK_UP_MAX: Duration = Duration::from_secs(5);

/// Where the facts about a caller come from.
pub(crate) trait Sessions {
    /// The facts about one caller. Each session that they depend on is entered in `lease` before
    /// its properties are read; a later change then revokes the lease.
    ///
    /// # Errors
    /// A fact cannot be looked up or is invalid.
    fn facts(&self, lease: &SeatLease) -> impl Future<Output = Result<SeatFacts, NotLocal>> + Send;
}

/// A caller who is at this machine.
#[derive(Debug)]
pub(crate) struct Seated {
    /// The place at which the caller was admitted.
    pub(crate) place: SeatPlace,
    /// Whether the lid of the machine is closed.
    pub(crate) lid_closed: bool,
    /// The unlocked session of the subject, if a program of root asks from it.
    work_session: Option<SessionIdentity>,
    /// Until it is dropped, the attempt is cancelled as soon as a session that the answer depends
    /// on changes.
    lease: SeatLease,
}

impl Seated {
    /// The unlocked session of the subject, if a program of root asks from it.
    pub(crate) fn work_session(&self) -> Option<&SessionIdentity> {
        self.work_session.as_ref()
    }

    /// The same session, which is watched from the look-up on.
    pub(crate) fn into_watched(self) -> Option<WatchedSession> {
        self.work_session.map(|_| WatchedSession::new(self.lease))
    }
}

/// Checks that a caller is at this machine. Until the returned value is dropped, `cancel` is raised
/// as soon as a session that the answer depends on changes. `limit` bounds the look-ups.
///
/// # Errors
/// Why the caller does not count as being at this machine.
pub(crate) async fn require_local(
    leases: &SeatLeases,
    sessions: &impl Sessions,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
    cancel: &CancelFlag,
    limit: Duration,
) -> Result<Seated, NotLocal> {
    // Entered before the look-up, so a change during the look-up is noticed.
    let lease = leases.enter(cancel);
    let facts = tokio::time::timeout(limit, sessions.facts(&lease))
        .await
        .map_err(|_elapsed| NotLocal::TimedOut)??;
    lease.settle();
    let place = rule::judge(&facts, request, config)?;
    if lease.is_revoked() {
        return Err(NotLocal::Revoked);
    }
    let work_session = rule::work_session(&facts, request);
    Ok(Seated { place, lid_closed: facts.lid_closed, work_session, lease })
}

#[cfg(test)]
mod tests;
