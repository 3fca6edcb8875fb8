//! One attempt from top to bottom.

use std::time::{Duration, Instant};

use fpass_proto::Verdict;

use crate::code::Code;
use crate::daemon::Daemon;
use crate::log;
use crate::message;
use crate::options::{Mode, Options};
use crate::outcome::Outcome;
use crate::preflight::{self, Subject};
use crate::recovery;
use crate::reserve::OomMarker;
use crate::transaction::{Level, Transaction};
use crate::users::UserDatabase;

/// Time that a `prewarm` line may cost a login.
const PREWARM_LIMIT: Duration = Duration::from_millis(500);

/// Answers `pam_authenticate` for one line. `silent` is the application's `PAM_SILENT`; a shortage of
/// memory since `marker` is a refusal.
pub(crate) fn authenticate(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &[String],
    silent: bool,
    marker: OomMarker,
) -> Code {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            transaction.log(Level::Error, &error.to_string());
            return conclude(transaction, Outcome::BadArguments, false, silent);
        }
    };
    match options.mode {
        Mode::Prewarm => {
            let prewarmed = prewarm(transaction, users, daemon, &options);
            if let (true, Err(outcome)) = (options.debug, prewarmed) {
                transaction.log(Level::Debug, &format!("prewarm: {}", outcome.reason()));
            }
            Code::of(Outcome::Prewarmed, false)
        }
        Mode::Verify => {
            let quiet = silent || options.quiet;
            // What a process without memory has found is not relied on.
            let trusted =
                |outcome| if marker.is_tripped() { Outcome::OutOfMemory } else { outcome };
            let (outcome, told) = match verify(transaction, users, daemon, &options, quiet) {
                Ok((subject, verdict)) => {
                    let outcome = trusted(verdict.map_or_else(|outcome| outcome, Outcome::from));
                    recovery::offer(transaction, daemon, &options, &subject, outcome, quiet)
                }
                Err(outcome) => (outcome, false),
            };
            conclude(transaction, trusted(outcome), options.ignores_never_enrolled(), quiet || told)
        }
    }
}

/// The verdict, or why there is none, for whom preflight and invitation have admitted.
fn verify(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    options: &Options,
    quiet: bool,
) -> Result<(Subject, Result<Verdict, Outcome>), Outcome> {
    let subject = preflight::admit(transaction, users, options)?;
    if !quiet {
        message::prompt(transaction)?;
    }
    let started = Instant::now();
    let verdict = daemon.verify(&subject, options.timeout);
    if options.debug {
        trace(transaction, &subject, options, started.elapsed());
    }
    Ok((subject, verdict))
}

fn prewarm(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    options: &Options,
) -> Result<(), Outcome> {
    let uid = preflight::admit_prewarm(transaction, users, options)?;
    daemon.prewarm(uid, PREWARM_LIMIT)
}

/// Writes the outcome down, tells the user, and turns it into the code for libpam.
pub(crate) fn conclude(
    transaction: &impl Transaction,
    outcome: Outcome,
    nullok: bool,
    quiet: bool,
) -> Code {
    let code = Code::of(outcome, nullok);
    log::write_outcome(transaction, outcome);
    // A line that libpam leaves out has refused nobody.
    if !quiet && !code.is_ignore() {
        message::explain(transaction, outcome);
    }
    code
}

fn trace(transaction: &impl Transaction, subject: &Subject, options: &Options, took: Duration) {
    let line = format!(
        "asked for uid={} tty={} limit={}s took={}ms",
        subject.uid,
        subject.terminal.as_ref().map_or("-", |terminal| terminal.as_str()),
        options.timeout.as_secs(),
        took.as_millis(),
    );
    transaction.log(Level::Debug, &line);
}

#[cfg(test)]
mod tests;
