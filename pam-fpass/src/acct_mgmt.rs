//! Account management: whether the user has done the duty of setting up an F-pass.

use fpass_proto::{EnrolmentState, PamArguments, Refusal};

use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::Daemon;
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
        Err(outcome) => return conclude(transaction, outcome, false, silent),
    };
    let found = requirement(transaction, users, daemon, &arguments);
    finish(transaction, found, silent || arguments.quiet, marker)
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
        // Removing an F-pass is no way to set up another one unasked.
        EnrolmentState::Removed => Err(Refusal::Removed.into()),
    }
}

/// The words of an `account` or `password` line, which must lay the duty on somebody.
///
/// # Errors
/// What is wrong with the line; the log has more.
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

/// Turns what was found into the code for libpam.
pub(crate) fn finish(
    transaction: &impl Transaction,
    found: Result<SetupRequirement, Outcome>,
    quiet: bool,
    marker: OomMarker,
) -> Code {
    // What a process without memory has found is not relied on.
    let found = if marker.is_tripped() { Err(Outcome::OutOfMemory) } else { found };
    match found {
        Ok(requirement) => Code::of_requirement(requirement),
        Err(outcome) => conclude(transaction, outcome, false, quiet),
    }
}

#[cfg(test)]
mod tests;
