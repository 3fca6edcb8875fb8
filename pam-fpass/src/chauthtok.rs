//! The compulsory set-up: an F-pass where `pam_chauthtok` would have a new password.
//!
//! Everything is done in the preliminary phase: whatever fails there ends the stack before any other
//! module has changed anything, and a password that has expired too is still changed afterwards. In
//! the second phase the daemon says whether this login has set up; libpam takes each phase for itself.

use std::time::{Duration, Instant};

use fpass_proto::{EnrolmentState, PamArguments, Refusal, Strength, limits};
use pamsm::PamFlags;

use crate::acct_mgmt::{finish, setup_arguments};
use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::{Daemon, Progress};
use crate::message;
use crate::outcome::Outcome;
use crate::preflight::{self, Subject};
use crate::requirement::SetupRequirement;
use crate::reserve::OomMarker;
use crate::transaction::{Level, Transaction};
use crate::users::UserDatabase;

/// Times that the person may try in one login.
const TRIES: usize = 3;
/// Shortest time between two hints that differ in nothing but what to do: people have to read them.
const HINT_EVERY: Duration = Duration::from_millis(1500);

/// Which of its two passes libpam makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// `PAM_PRELIM_CHECK`
    Preliminary,
    /// `PAM_UPDATE_AUTHTOK`
    Update,
}

impl Phase {
    /// The phase that libpam says; pamsm has no names for these flags.
    pub(crate) fn of(flags: PamFlags) -> Self {
        const PRELIM_CHECK: i32 = 0x4000;
        if flags.bits() & PRELIM_CHECK == 0 { Self::Update } else { Self::Preliminary }
    }
}

/// Answers `pam_chauthtok` for one line.
pub(crate) fn chauthtok(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    words: &[String],
    phase: Phase,
    silent: bool,
    marker: OomMarker,
) -> Code {
    let arguments = match setup_arguments(transaction, words) {
        Ok(arguments) => arguments,
        Err(outcome) => return conclude(transaction, outcome, false, silent),
    };
    let quiet = silent || arguments.quiet;
    let found = match phase {
        Phase::Preliminary => preliminary(transaction, users, daemon, &arguments, quiet),
        Phase::Update => update(transaction, users, daemon, &arguments),
    };
    finish(transaction, found, quiet, marker)
}

/// Sets up what is missing.
fn preliminary(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
    quiet: bool,
) -> Result<SetupRequirement, Outcome> {
    if preflight::is_password_tool(transaction)? {
        return Ok(SetupRequirement::NotApplicable);
    }
    let subject = preflight::admit_without_password(transaction, users, arguments)?;
    match daemon.state(subject.uid, arguments.timeout)? {
        // It is the password that has to be changed.
        EnrolmentState::Enrolled | EnrolmentState::Removed => {
            return Ok(SetupRequirement::NotApplicable);
        }
        EnrolmentState::NeverEnrolled => {}
    }
    // Asked before, so that nobody enrols in vain.
    let password_too = users.password_expired(&subject.user)?;
    if !quiet {
        message::require_setup(transaction)?;
    }
    let strength = enrol(transaction, daemon, &subject, quiet)?;
    transaction.log(Level::Info, &format!("result=set-up user={}", subject.user.as_str()));
    if !quiet {
        message::report_success(transaction, strength);
    }
    Ok(if password_too { SetupRequirement::NotApplicable } else { SetupRequirement::Met })
}

/// Whatever the preliminary phase has come to still stands.
fn update(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
) -> Result<SetupRequirement, Outcome> {
    if preflight::is_password_tool(transaction)? {
        return Ok(SetupRequirement::NotApplicable);
    }
    let subject = preflight::admit_without_password(transaction, users, arguments)?;
    match daemon.state(subject.uid, arguments.timeout)? {
        EnrolmentState::Enrolled => {}
        EnrolmentState::Removed => return Ok(SetupRequirement::NotApplicable),
        EnrolmentState::NeverEnrolled => return Err(Refusal::NeverEnrolled.into()),
    }
    match daemon.set_up(&subject, arguments.timeout, &mut |_| Ok(())) {
        Ok(_) if users.password_expired(&subject.user)? => Ok(SetupRequirement::NotApplicable),
        Ok(_) => Ok(SetupRequirement::Met),
        // They had an F-pass before this login, so that it is the password that is changed.
        Err(Outcome::Refused(Refusal::PasswordNeeded | Refusal::LabelTaken)) => {
            Ok(SetupRequirement::NotApplicable)
        }
        Err(outcome) => Err(outcome),
    }
}

/// Lets the person try, and try again where another attitude or more light may help.
fn enrol(
    transaction: &impl Transaction,
    daemon: &impl Daemon,
    subject: &Subject,
    quiet: bool,
) -> Result<Strength, Outcome> {
    let mut tries = 1;
    loop {
        let mut filter = HintFilter::default();
        let outcome = daemon.set_up(subject, limits::SET_UP_MAX, &mut |progress| {
            if !quiet && filter.is_worth_showing(progress, Instant::now()) {
                message::show_progress(transaction, progress)?;
            }
            Ok(())
        });
        match outcome {
            Err(Outcome::Refused(refusal)) if tries < TRIES && is_retryable(refusal) => {
                tries += 1;
                if !quiet {
                    message::explain(transaction, refusal.into());
                }
            }
            end => return end,
        }
    }
}

fn is_retryable(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::TooDark
            | Refusal::NoFace
            | Refusal::SeveralFaces
            | Refusal::Unclear
            | Refusal::AnotherPerson
            | Refusal::CameraBusy
            | Refusal::DeadlinePassed
    )
}

/// What the person was told last, and when.
#[derive(Default)]
struct HintFilter {
    last: Option<(Progress, Instant)>,
}

impl HintFilter {
    /// Whether a step is worth a line: a frame more at once, another hint after a while.
    fn is_worth_showing(&mut self, progress: Progress, now: Instant) -> bool {
        let news = self.last.is_none_or(|(said, at)| {
            progress.taken != said.taken
                || (progress != said && now.saturating_duration_since(at) >= HINT_EVERY)
        });
        if news {
            self.last = Some((progress, now));
        }
        news
    }
}

#[cfg(test)]
mod tests;
