//! The compulsory set-up: an F-pass where `pam_chauthtok` would have a new password.
//!
//! Everything is done in the preliminary phase: whatever fails there ends the stack before any other
//! module has changed anything, and a password that has expired too is still changed afterwards. In
//! the second phase the daemon says whether this login has set up; libpam takes each phase for itself.

use std::time::{Duration, Instant};

use fpass_proto::{EnrolmentState, Refusal, Strength, limits};
use pamsm::PamFlags;

use crate::account::{duty, settle};
use crate::accounts::Accounts;
use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::{Daemon, Step};
use crate::duty::Duty;
use crate::message;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::preflight::{self, Subject};
use crate::reserve::Beginning;
use crate::transaction::{Level, Transaction};

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
pub(crate) fn change(
    transaction: &impl Transaction,
    accounts: &impl Accounts,
    daemon: &impl Daemon,
    arguments: &[String],
    phase: Phase,
    silent: bool,
    beginning: Beginning,
) -> Code {
    let options = match duty(transaction, arguments) {
        Ok(options) => options,
        Err(outcome) => return conclude(transaction, outcome, false, silent),
    };
    let quiet = silent || options.quiet;
    let found = match phase {
        Phase::Preliminary => prepare(transaction, accounts, daemon, &options, quiet),
        Phase::Update => confirm(transaction, accounts, daemon, &options),
    };
    settle(transaction, found, quiet, beginning)
}

/// Sets up what is missing.
fn prepare(
    transaction: &impl Transaction,
    accounts: &impl Accounts,
    daemon: &impl Daemon,
    options: &Options,
    quiet: bool,
) -> Result<Duty, Outcome> {
    if preflight::is_password_tool(transaction)? {
        return Ok(Duty::Elsewhere);
    }
    let subject = preflight::admit_newcomer(transaction, accounts, options)?;
    match daemon.state(subject.uid, options.timeout)? {
        // It is the password that has to be changed.
        EnrolmentState::Enrolled | EnrolmentState::Removed => return Ok(Duty::Elsewhere),
        EnrolmentState::NeverEnrolled => {}
    }
    // Asked before, so that nobody enrols in vain.
    let password_too = accounts.password_expired(&subject.user)?;
    if !quiet {
        message::demand(transaction)?;
    }
    let strength = enrol(transaction, daemon, &subject, quiet)?;
    transaction.log(Level::Info, &format!("result=set-up user={}", subject.user.as_str()));
    if !quiet {
        message::praise(transaction, strength);
    }
    Ok(if password_too { Duty::Elsewhere } else { Duty::Done })
}

/// Whatever the preliminary phase has come to still stands.
fn confirm(
    transaction: &impl Transaction,
    accounts: &impl Accounts,
    daemon: &impl Daemon,
    options: &Options,
) -> Result<Duty, Outcome> {
    if preflight::is_password_tool(transaction)? {
        return Ok(Duty::Elsewhere);
    }
    let subject = preflight::admit_newcomer(transaction, accounts, options)?;
    match daemon.state(subject.uid, options.timeout)? {
        EnrolmentState::Enrolled => {}
        EnrolmentState::Removed => return Ok(Duty::Elsewhere),
        EnrolmentState::NeverEnrolled => return Err(Refusal::NeverEnrolled.into()),
    }
    match daemon.set_up(&subject, options.timeout, &mut |_| Ok(())) {
        Ok(_) if accounts.password_expired(&subject.user)? => Ok(Duty::Elsewhere),
        Ok(_) => Ok(Duty::Done),
        // They had an F-pass before this login, so that it is the password that is changed.
        Err(Outcome::Refused(Refusal::PasswordNeeded | Refusal::LabelTaken)) => Ok(Duty::Elsewhere),
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
        let mut guide = Guide::default();
        let outcome = daemon.set_up(subject, limits::SET_UP_MAX, &mut |step| {
            if !quiet && guide.is_news(step, Instant::now()) {
                message::guide(transaction, step)?;
            }
            Ok(())
        });
        match outcome {
            Err(Outcome::Refused(refusal)) if tries < TRIES && is_worth_another_try(refusal) => {
                tries += 1;
                if !quiet {
                    message::explain(transaction, refusal.into());
                }
            }
            end => return end,
        }
    }
}

fn is_worth_another_try(refusal: Refusal) -> bool {
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
struct Guide {
    last: Option<(Step, Instant)>,
}

impl Guide {
    /// Whether a step is worth a line: a frame more at once, another hint after a while.
    fn is_news(&mut self, step: Step, now: Instant) -> bool {
        let news = self.last.is_none_or(|(said, at)| {
            step.taken != said.taken
                || (step != said && now.saturating_duration_since(at) >= HINT_EVERY)
        });
        if news {
            self.last = Some((step, now));
        }
        news
    }
}

#[cfg(test)]
mod tests;
