//! The notice before the user is asked to confirm, and the wait for the confirmation.

use std::future::Future;

use fpass_language::Wording;
use fpass_terminal::say;
use nix::unistd;

use crate::agent::Agent;
use crate::daemon::{CONSENTED, Daemon, within};
use crate::error::Error;
use crate::language::told;
use crate::prompts::{PromptOutput, prompted};
use crate::subject::Subject;

/// The effect of a command on an F-pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The command only reads.
    None,
    /// The command shows the picture of the camera.
    Preview,
    /// The command adds a template.
    Addition,
    /// The command alters or removes templates.
    Alteration,
}

/// Announces the confirmation and starts an agent that asks for it.
///
/// # Errors
/// When standard output cannot be written.
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

/// Waits until a change is confirmed and made. Ctrl-C stops it.
///
/// # Errors
/// The daemon's refusal, or [`Error::Interrupted`].
pub(super) async fn confirmed<T>(
    daemon: &Daemon,
    subject: &Subject,
    change: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    let _agent = expect(subject, Change::Alteration)?;
    consented(daemon, change).await
}

/// Like [`confirmed`] without the notice, for output that programs read.
///
/// # Errors
/// The daemon's refusal, or [`Error::Interrupted`].
pub(super) async fn confirmed_quietly<T>(
    daemon: &Daemon,
    change: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    let _agent = Agent::start();
    consented(daemon, change).await
}

/// Waits for a change that may need the face. Its prompts go to standard error.
async fn consented<T>(
    daemon: &Daemon,
    change: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    let change = prompted(daemon, PromptOutput::Stderr, within(CONSENTED, change));
    daemon.interruptible(change).await
}

/// The notice. Commands that only read have none, because they may print JSON.
fn notice(own: bool, change: Change) -> Option<Wording> {
    match (own, change) {
        (_, Change::None) => None,
        (true, Change::Preview | Change::Addition) => {
            Some(told!("Confirm with your password when you are asked for it."))
        }
        (true, Change::Alteration) => Some(told!(
            "Confirm with your password when you are asked for it, then look at the camera."
        )),
        (false, Change::Preview) => Some(told!("Confirm with an administrator's password.")),
        (false, Change::Addition | Change::Alteration) => Some(told!(
            "This changes another user's F-pass; confirm with an administrator's password."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_has_no_notice_and_only_an_alteration_needs_the_face() {
        for own in [true, false] {
            assert_eq!(notice(own, Change::None), None);
            for change in [Change::Preview, Change::Addition] {
                assert!(!notice(own, change).unwrap().as_str().contains("camera"));
            }
            let alteration = notice(own, Change::Alteration).unwrap();
            assert_eq!(alteration.as_str().contains("camera"), own);
        }
    }
}
