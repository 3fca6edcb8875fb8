//! One attempt from top to bottom.

use std::time::{Duration, Instant};

use fpass_proto::{PamArguments, Verdict};

use crate::code::Code;
use crate::daemon::Daemon;
use crate::log;
use crate::message::Voice;
use crate::outcome::Outcome;
use crate::preflight::{self, Subject};
use crate::recovery;
use crate::reserve::OomMarker;
use crate::transaction::{Level, Transaction};
use crate::users::UserDatabase;

/// Longest time for which a `prewarm` line may delay a login.
const PREWARM_LIMIT: Duration = Duration::from_millis(500);

/// Answers `pam_authenticate` for one line. `silent` is the application's `PAM_SILENT`; an
/// allocation that failed since `marker` was set is a refusal.
pub(crate) fn authenticate(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    words: &[String],
    silent: bool,
    marker: OomMarker,
) -> Code {
    let arguments = match PamArguments::parse_auth(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            transaction.log(Level::Error, &error.to_string());
            let voice = Voice::new(transaction, silent);
            return conclude(&voice, Outcome::BadArguments, false);
        }
    };
    if arguments.prewarm {
        let prewarmed = prewarm(transaction, users, daemon, &arguments);
        if let (true, Err(outcome)) = (arguments.debug, prewarmed) {
            transaction.log(Level::Debug, &format!("prewarm: {}", outcome.reason()));
        }
        return Code::of(Outcome::Prewarmed, false);
    }
    let voice = Voice::of_line(transaction, &arguments, silent);
    // After a failed allocation the result is not trusted.
    let trusted = |outcome| if marker.is_tripped() { Outcome::OutOfMemory } else { outcome };
    let (outcome, told) = match verify(&voice, users, daemon, &arguments) {
        Ok((subject, verdict)) => {
            let outcome = trusted(verdict.map_or_else(|outcome| outcome, Outcome::from));
            recovery::offer(transaction, daemon, &arguments, &subject, outcome, &voice)
        }
        Err(outcome) => (outcome, false),
    };
    if told {
        voice.hush();
    }
    conclude(&voice, trusted(outcome), arguments.ignores_never_enrolled())
}

/// Preflight and the daemon's verdict, with the prompts before it. The inner error keeps the
/// subject, to whom a recovery code may still be offered.
fn verify(
    voice: &Voice<'_, impl Transaction>,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
) -> Result<(Subject, Result<Verdict, Outcome>), Outcome> {
    let transaction = voice.transaction();
    let subject = preflight::admit(transaction, users, arguments)?;
    let started = Instant::now();
    let mut show = |prompt| voice.show_prompt(prompt);
    let verdict = daemon.verify(&subject, arguments.timeout, &mut show);
    if arguments.debug {
        trace(transaction, &subject, arguments, started.elapsed());
    }
    Ok((subject, verdict))
}

fn prewarm(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    daemon: &impl Daemon,
    arguments: &PamArguments,
) -> Result<(), Outcome> {
    let uid = preflight::admit_prewarm(transaction, users, arguments)?;
    daemon.prewarm(uid, PREWARM_LIMIT)
}

/// Logs the outcome, tells the user, and returns the code for libpam.
pub(crate) fn conclude(
    voice: &Voice<'_, impl Transaction>,
    outcome: Outcome,
    nullok: bool,
) -> Code {
    let code = Code::of(outcome, nullok);
    log::write_outcome(voice.transaction(), outcome);
    // An ignored line has refused nobody.
    if !code.is_ignore() {
        // The code stays the same if the conversation ends here.
        let _ = voice.explain(outcome);
    }
    code
}

fn trace(
    transaction: &impl Transaction,
    subject: &Subject,
    arguments: &PamArguments,
    took: Duration,
) {
    let line = format!(
        "asked for uid={} tty={} limit={}s took={}ms",
        subject.uid,
        subject.terminal.as_ref().map_or("-", |terminal| terminal.as_str()),
        arguments.timeout.as_secs(),
        took.as_millis(),
    );
    transaction.log(Level::Debug, &line);
}

#[cfg(test)]
mod tests;
