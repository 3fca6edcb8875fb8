//! What the user is told before they are asked to confirm, and the wait until they have.

use std::future::Future;

use nix::unistd;

use super::say;
use crate::agent::Agent;
use crate::daemon::{CONSENTED, Daemon, within};
use crate::error::Error;
use crate::subject::Subject;

/// What a command does to an F-pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It reads.
    None,
    /// It adds a template.
    Addition,
    /// It alters or removes templates.
    Alteration,
}

/// Tells the user what they will be asked for, and has somebody there to ask it.
///
/// # Errors
/// When nothing can be printed.
pub(super) fn expect(subject: &Subject, change: Change) -> Result<Option<Agent>, Error> {
    let own = subject.is_caller();
    if unistd::geteuid().is_root() || (own && change == Change::None) {
        return Ok(None);
    }
    if let Some(notice) = notice(own, change) {
        say(notice)?;
    }
    Ok(Some(Agent::start()))
}

/// Waits for a change to be confirmed and made. Ctrl-C stops it.
///
/// # Errors
/// The daemon's refusal, or [`Error::Interrupted`].
pub(super) async fn confirmed<T>(
    daemon: &Daemon,
    subject: &Subject,
    change: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    let _agent = expect(subject, Change::Alteration)?;
    daemon.interruptible(within(CONSENTED, change)).await
}

/// The same for output that programs read: nothing is printed.
///
/// # Errors
/// The daemon's refusal, or [`Error::Interrupted`].
pub(super) async fn confirmed_quietly<T>(
    daemon: &Daemon,
    change: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    let _agent = Agent::start();
    daemon.interruptible(within(CONSENTED, change)).await
}

/// The sentence, if the output is for people: what reads may be printing JSON.
const fn notice(own: bool, change: Change) -> Option<&'static str> {
    match (own, change) {
        (_, Change::None) => None,
        (true, Change::Addition) => Some("Confirm with your password when you are asked for it."),
        (true, Change::Alteration) => {
            Some("Confirm with your password when you are asked for it, then look at the camera.")
        }
        (false, Change::Addition | Change::Alteration) => {
            Some("This is for another user: an administrator's password is needed.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_prints_nothing_of_its_own_and_only_an_alteration_needs_the_face() {
        for own in [true, false] {
            assert_eq!(notice(own, Change::None), None);
            assert!(!notice(own, Change::Addition).unwrap().contains("camera"));
            assert_eq!(notice(own, Change::Alteration).unwrap().contains("camera"), own);
        }
    }
}
