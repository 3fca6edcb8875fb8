//! Account management: whether the user must set up an F-pass.

use fpass_proto::{EnrolmentState, PamArguments, Refusal};

use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::Daemon;
use crate::message::Voice;
use crate::outcome::Outcome;
use crate::preflight;
use crate::requirement::SetupRequirement;
use crate::reserve::OomMarker;
use crate::transaction::{Level, Transaction};
use crate::users::UserDatabase;

/// Answers `pam_acct_mgmt` for one line.
pub(crate) fn acct_mgmt(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    words: &[String],
    silent: bool,
    marker: OomMarker,
) -> Code {
    let arguments = match setup_arguments(transaction, words) {
        Ok(arguments) => arguments,
        Err(outcome) => return conclude(&Voice::new(transaction, silent), outcome, false),
    };
    let found = requirement(transaction, users, daemon, &arguments);
    finish(&Voice::of_line(transaction, &arguments, silent), found, marker)
}

fn requirement(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
) -> Result<SetupRequirement, Outcome> {
    let subject = preflight::admit_without_password(transaction, users, arguments)?;
    match daemon.state(subject.uid, arguments.timeout)? {
        EnrolmentState::Enrolled => Ok(SetupRequirement::Met),
        EnrolmentState::NeverEnrolled => Ok(SetupRequirement::Unmet),
        // After a removal, a login must not set up another F-pass unasked.
        EnrolmentState::Removed => Err(Refusal::Removed.into()),
    }
}

/// Reads the arguments of an `account` or `password` line, which must have `enroll=required`.
///
/// # Errors
/// [`Outcome::BadArguments`], with the reason in the log, or [`Outcome::WrongFacility`].
pub(crate) fn setup_arguments(
    transaction: &impl Transaction,
    words: &[String],
) -> Result<PamArguments, Outcome> {
    let arguments = PamArguments::parse_setup(words).map_err(|error| {
        transaction.log(Level::Error, &error.to_string());
        Outcome::BadArguments
    })?;
    if arguments.enroll { Ok(arguments) } else { Err(Outcome::WrongFacility) }
}

/// Turns the result into the code for libpam.
pub(crate) fn finish(
    voice: &Voice<'_, impl Transaction>,
    found: Result<SetupRequirement, Outcome>,
    marker: OomMarker,
) -> Code {
    // After a failed allocation the result is not trusted.
    let found = if marker.is_tripped() { Err(Outcome::OutOfMemory) } else { found };
    match found {
        Ok(requirement) => Code::of_requirement(requirement),
        Err(outcome) => conclude(voice, outcome, false),
    }
}

#[cfg(test)]
mod tests;
