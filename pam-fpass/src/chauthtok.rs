//! The compulsory set-up: `pam_chauthtok` sets up an F-pass instead of changing a password.
//!
//! The work is done in the preliminary phase: a failure there ends the stack before another module
//! changes anything, and a password that has also expired is still changed afterwards. In the
//! update phase the daemon says whether this login has set up an F-pass; libpam evaluates each
//! phase alone.

use std::time::{Duration, Instant};

use fpass_proto::{EnrolmentState, PamArguments, Prompt, Refusal, Strength, limits};
use pamsm::PamFlags;

use crate::acct_mgmt::{finish, setup_arguments};
use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::{Daemon, Hint, Progress};
use crate::log;
use crate::message::Voice;
use crate::outcome::Outcome;
use crate::preflight::{self, Subject};
use crate::requirement::SetupRequirement;
use crate::reserve::OomMarker;
use crate::transaction::Transaction;
use crate::users::UserDatabase;

/// Attempts at setting up in one login.
const TRIES: usize = 3;
/// Shortest time between two hints while the number of frames stays the same, so that people can
/// read them.
const HINT_EVERY: Duration = Duration::from_millis(1500);

/// The phase of `pam_chauthtok`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// `PAM_PRELIM_CHECK`.
    Preliminary,
    /// `PAM_UPDATE_AUTHTOK`.
    Update,
}

/// What libpam's flags say about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChauthtokFlags {
    /// The phase.
    pub(crate) phase: Phase,
    /// `PAM_SILENT`: the user is shown nothing.
    pub(crate) silent: bool,
}

impl ChauthtokFlags {
    /// Reads the flags; pamsm has no names for those of the phases.
    pub(crate) fn of(flags: PamFlags) -> Self {
        const PRELIM_CHECK: i32 = 0x4000;
        let update = flags.bits() & PRELIM_CHECK == 0;
        Self {
            phase: if update { Phase::Update } else { Phase::Preliminary },
            silent: flags.contains(PamFlags::SILENT),
        }
    }
}

/// Answers `pam_chauthtok` for one line.
pub(crate) fn chauthtok(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    words: &[String],
    flags: ChauthtokFlags,
    marker: OomMarker,
) -> Code {
    let ChauthtokFlags { phase, silent } = flags;
    let arguments = match setup_arguments(transaction, words) {
        Ok(arguments) => arguments,
        Err(outcome) => return conclude(&Voice::new(transaction, silent), outcome, false),
    };
    let voice = Voice::of_line(transaction, &arguments, silent);
    let found = match phase {
        Phase::Preliminary => preliminary(&voice, users, daemon, &arguments),
        Phase::Update => update(transaction, users, daemon, &arguments),
    };
    finish(&voice, found, marker)
}

/// The preliminary phase: sets up an F-pass if the user has never had one.
fn preliminary(
    voice: &Voice<'_, impl Transaction>,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
) -> Result<SetupRequirement, Outcome> {
    let transaction = voice.transaction();
    if preflight::is_password_tool(transaction)? {
        return Ok(SetupRequirement::NotApplicable);
    }
    let subject = preflight::admit_without_password(transaction, users, arguments)?;
    match daemon.state(subject.uid, arguments.timeout)? {
        // The stack runs because the password must be changed.
        EnrolmentState::Enrolled | EnrolmentState::Removed => {
            return Ok(SetupRequirement::NotApplicable);
        }
        EnrolmentState::NeverEnrolled => {}
    }
    // Checked first: if it fails, nobody has enrolled in vain.
    let password_too = users.password_expired(&subject.user)?;
    voice.require_setup()?;
    let strength = enrol(voice, daemon, &subject)?;
    log::write_set_up(transaction, &subject.user);
    voice.report_success(strength);
    Ok(if password_too { SetupRequirement::NotApplicable } else { SetupRequirement::Met })
}

/// The update phase: confirms what the preliminary phase did.
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
        // The user had an F-pass before this login, so the stack runs for the password.
        Err(Outcome::Refused(Refusal::PasswordNeeded | Refusal::LabelTaken)) => {
            Ok(SetupRequirement::NotApplicable)
        }
        Err(outcome) => Err(outcome),
    }
}

/// Enrols the user, again if another posture or more light may help.
fn enrol(
    voice: &Voice<'_, impl Transaction>,
    daemon: &impl Daemon,
    subject: &Subject,
) -> Result<Strength, Outcome> {
    let mut tries = 1;
    loop {
        let mut filter = HintFilter::default();
        let outcome = daemon.set_up(subject, limits::SET_UP_MAX, &mut |hint| {
            let now = Instant::now();
            match hint {
                // The user was told to sit in front of the camera.
                Hint::Prompt(Prompt::Look) => Ok(()),
                Hint::Prompt(prompt) => voice.show_prompt(prompt),
                Hint::Progress(progress)
                    if voice.is_free(now) && filter.is_worth_showing(progress, now) =>
                {
                    voice.show_progress(progress)
                }
                Hint::Progress(_) => Ok(()),
            }
        });
        match outcome {
            Err(Outcome::Refused(refusal)) if tries < TRIES && is_retryable(refusal) => {
                tries += 1;
                voice.explain(refusal.into())?;
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
            | Refusal::TooFar
            | Refusal::TooNear
            | Refusal::TooBright
            | Refusal::Unclear
            | Refusal::TooSlow
            | Refusal::AttackSuspected
            | Refusal::NotUpright
            | Refusal::Indistinct
            | Refusal::AnotherPerson
            | Refusal::CameraCovered
            | Refusal::LidClosed
            | Refusal::CameraBusy
            | Refusal::DeadlinePassed
    )
}

/// Decides which hints are shown: it keeps the last one and its time.
#[derive(Default)]
struct HintFilter {
    last: Option<(Progress, Instant)>,
}

impl HintFilter {
    /// Whether to show this progress: another frame at once, another hint only after
    /// [`HINT_EVERY`].
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
