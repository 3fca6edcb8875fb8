//! Account management: whether the user has done the duty of setting up an F-pass.

use fpass_proto::{EnrolmentState, Refusal};

use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::Daemon;
use crate::options::Options;
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
    arguments: &[String],
    silent: bool,
    marker: OomMarker,
) -> Code {
    let options = match setup_options(transaction, arguments) {
        Ok(options) => options,
        Err(outcome) => return conclude(transaction, outcome, false, silent),
    };
    let found = requirement(transaction, users, daemon, &options);
    finish(transaction, found, silent || options.quiet, marker)
}

fn requirement(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    options: &Options,
) -> Result<SetupRequirement, Outcome> {
    let subject = preflight::admit_without_password(transaction, users, options)?;
    match daemon.state(subject.uid, options.timeout)? {
        EnrolmentState::Enrolled => Ok(SetupRequirement::Met),
        EnrolmentState::NeverEnrolled => Ok(SetupRequirement::Unmet),
        // Removing an F-pass is no way to set up another one unasked.
        EnrolmentState::Removed => Err(Refusal::Removed.into()),
    }
}

/// The arguments of an `account` or `password` line, which must lay the duty on somebody.
///
/// # Errors
/// What is wrong with the line; the log has more.
pub(crate) fn setup_options(
    transaction: &impl Transaction,
    arguments: &[String],
) -> Result<Options, Outcome> {
    let options = Options::parse_setup(arguments).map_err(|error| {
        transaction.log(Level::Error, &error.to_string());
        Outcome::BadArguments
    })?;
    if options.enroll { Ok(options) } else { Err(Outcome::WrongFacility) }
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
