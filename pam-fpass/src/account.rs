//! Account management: whether the user has done the duty of setting up an F-pass.

use fpass_proto::{EnrolmentState, Refusal};

use crate::accounts::Accounts;
use crate::authenticate::conclude;
use crate::code::Code;
use crate::daemon::Daemon;
use crate::duty::Duty;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::preflight;
use crate::reserve::Beginning;
use crate::transaction::{Level, Transaction};

/// Answers `pam_acct_mgmt` for one line.
pub(crate) fn manage(
    transaction: &impl Transaction,
    accounts: &impl Accounts,
    daemon: &impl Daemon,
    arguments: &[String],
    silent: bool,
    beginning: Beginning,
) -> Code {
    let options = match duty(transaction, arguments) {
        Ok(options) => options,
        Err(outcome) => return conclude(transaction, outcome, false, silent),
    };
    let found = standing(transaction, accounts, daemon, &options);
    settle(transaction, found, silent || options.quiet, beginning)
}

fn standing(
    transaction: &impl Transaction,
    accounts: &impl Accounts,
    daemon: &impl Daemon,
    options: &Options,
) -> Result<Duty, Outcome> {
    let subject = preflight::admit_newcomer(transaction, accounts, options)?;
    match daemon.state(subject.uid, options.timeout)? {
        EnrolmentState::Enrolled => Ok(Duty::Done),
        EnrolmentState::NeverEnrolled => Ok(Duty::Needed),
        // Removing an F-pass is no way to set up another one unasked.
        EnrolmentState::Removed => Err(Refusal::Removed.into()),
    }
}

/// The arguments of an `account` or `password` line, which must lay the duty on somebody.
///
/// # Errors
/// What is wrong with the line; the log has more.
pub(crate) fn duty(
    transaction: &impl Transaction,
    arguments: &[String],
) -> Result<Options, Outcome> {
    let options = Options::parse_duty(arguments).map_err(|error| {
        transaction.log(Level::Error, &error.to_string());
        Outcome::BadArguments
    })?;
    if options.enroll { Ok(options) } else { Err(Outcome::WrongFacility) }
}

/// Turns what was found into the code for libpam.
pub(crate) fn settle(
    transaction: &impl Transaction,
    found: Result<Duty, Outcome>,
    quiet: bool,
    beginning: Beginning,
) -> Code {
    // What a process without memory has found is not relied on.
    let found = if beginning.was_short() { Err(Outcome::OutOfMemory) } else { found };
    match found {
        Ok(duty) => Code::of_duty(duty),
        Err(outcome) => conclude(transaction, outcome, false, quiet),
    }
}

#[cfg(test)]
mod tests;
