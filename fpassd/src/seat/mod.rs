//! Whether a caller is at this machine: facts from logind, judged by a pure rule, and watched for
//! as long as the attempt lasts. What is not known counts as remote.

mod config;
mod facts;
mod leases;
mod logind;
mod not_local;
mod process;
mod rule;
mod unit;
mod watch;

use std::{future::Future, time::Duration};

pub(crate) use self::{
    config::SeatConfig,
    facts::{CameraUse, SeatFacts, SeatRequest},
    leases::{SeatLease, SeatLeases},
    logind::Logind,
    not_local::NotLocal,
    process::Process,
    watch::watch,
};
use crate::cancel::CancelFlag;

/// Longest time that all look-ups for one caller may take together.
pub(crate) const LOOK_UP_MAX: Duration = Duration::from_secs(2);

/// Where the facts about a caller come from.
pub(crate) trait Sessions {
    /// The facts about one caller. Each session that they rest on is entered in `lease` before its
    /// properties are read, so that a change after the reading is seen.
    ///
    /// # Errors
    /// What cannot be found out, or contradicts itself.
    fn facts(&self, lease: &SeatLease) -> impl Future<Output = Result<SeatFacts, NotLocal>> + Send;
}

/// Admits a caller who is at this machine, for as long as the lease that comes back lives. It raises
/// `cancel` when what the admission rests on changes.
///
/// # Errors
/// Why the caller is not held to be at this machine.
pub(crate) async fn admit(
    leases: &SeatLeases,
    sessions: &impl Sessions,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
    cancel: &CancelFlag,
    limit: Duration,
) -> Result<SeatLease, NotLocal> {
    // Entered before the look-up: no change between it and the attempt goes unseen.
    let lease = leases.enter(cancel);
    let facts = tokio::time::timeout(limit, sessions.facts(&lease))
        .await
        .map_err(|_elapsed| NotLocal::Silent)??;
    rule::judge(&facts, request, config)?;
    if lease.is_revoked() {
        return Err(NotLocal::Revoked);
    }
    Ok(lease)
}

#[cfg(test)]
mod tests;
