//! Whether a caller is at this machine: facts from logind, judged by a pure rule, and watched for
//! as long as the attempt lasts. What is not known counts as remote.

mod config;
mod facts;
mod logind;
mod not_here;
mod process;
mod rule;
mod stands;
mod unit;
mod watch;

use std::{future::Future, time::Duration};

pub(crate) use self::{
    config::SeatConfig,
    facts::{Facts, Purpose, Request},
    logind::Logind,
    not_here::NotHere,
    process::Process,
    stands::{Stand, Stands},
    watch::watch,
};
use crate::cancel::CancelFlag;

/// Longest time that all look-ups for one caller may take together.
pub(crate) const LOOK_UP_MAX: Duration = Duration::from_secs(2);

/// Where the facts about a caller come from.
pub(crate) trait Sessions {
    /// The facts about one caller. Each session that they rest on is entered in `stand` before its
    /// properties are read, so that a change after the reading is seen.
    ///
    /// # Errors
    /// What cannot be found out, or contradicts itself.
    fn facts(&self, stand: &Stand) -> impl Future<Output = Result<Facts, NotHere>> + Send;
}

/// Admits a caller who is at this machine, for as long as the stand that comes back lives. It raises
/// `cancel` when what the admission rests on changes.
///
/// # Errors
/// Why the caller is not held to be at this machine.
pub(crate) async fn admit(
    stands: &Stands,
    sessions: &impl Sessions,
    request: &Request<'_>,
    config: &SeatConfig,
    cancel: &CancelFlag,
    limit: Duration,
) -> Result<Stand, NotHere> {
    // Entered before the look-up: no change between it and the attempt goes unseen.
    let stand = stands.enter(cancel);
    let facts = tokio::time::timeout(limit, sessions.facts(&stand))
        .await
        .map_err(|_elapsed| NotHere::Silent)??;
    rule::judge(&facts, request, config)?;
    if stand.is_shaken() {
        return Err(NotHere::Shaken);
    }
    Ok(stand)
}

#[cfg(test)]
mod tests;
