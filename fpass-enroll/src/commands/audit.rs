//! `fpass-enroll audit verify`: whether the audit trail is whole.

use fpass_proto::audit::Head;
use nix::unistd;
use serde::Serialize;

use super::{audit_show, say, say_json};
use crate::audit::chain::{self, Expected, Fault, Verdict};
use crate::audit::reader;
use crate::cli::{AuditCommand, VerifyArgs};
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;

/// Carries out one of its commands.
pub(super) async fn run(command: &AuditCommand) -> Result<ExitCode, Error> {
    match command {
        AuditCommand::Show(arguments) => audit_show::show(arguments),
        AuditCommand::Verify(arguments) => verify(arguments).await,
    }
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    records: usize,
    first: Option<u64>,
    last: Option<u64>,
    head: Option<String>,
    /// Whether the end was compared with a head from elsewhere.
    head_checked: bool,
    faults: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    fault: &'static str,
    sequence: Option<u64>,
    sentence: String,
}

impl Report {
    fn of(verdict: &Verdict, head_checked: bool) -> Self {
        let row = |fault: &Fault| Row {
            fault: fault.word(),
            sequence: fault.sequence(),
            sentence: fault.to_string(),
        };
        Self {
            records: verdict.records,
            first: verdict.span.map(|(first, _)| first),
            last: verdict.span.map(|(_, last)| last),
            head: verdict.head.map(|head| head.to_string()),
            head_checked,
            faults: verdict.faults.iter().map(row).collect(),
        }
    }
}

async fn verify(arguments: &VerifyArgs) -> Result<ExitCode, Error> {
    // Asked for before the journal is read: what is recorded meanwhile is no fault.
    let (head, unasked) = match head(arguments).await {
        Ok(head) => (head, None),
        Err(error) => (None, Some(error)),
    };
    let trail = reader::read(arguments.trail.file.as_deref())?;
    let since = arguments.trail.since;
    let states: Vec<_> = trail
        .records
        .iter()
        .filter(|record| since.is_none_or(|since| !record.is_before(since)))
        .map(|record| record.state)
        .collect();
    let is_told = head.is_some_and(|head| head != Head::NONE);
    // Of nothing there is nothing to say, least of all that nothing is missing.
    if states.is_empty() && trail.faults.is_empty() && !is_told {
        return Err(unasked.unwrap_or(Error::NoRecords));
    }
    let expected = Expected { head, from_start: arguments.from_start };
    let mut verdict = chain::verify(&states, expected);
    verdict.faults.splice(0..0, trail.faults);
    if arguments.trail.json {
        say_json(&Report::of(&verdict, head.is_some()))?;
    } else {
        tell(&verdict, head.is_some())?;
    }
    if !verdict.faults.is_empty() {
        return Ok(ExitCode::TrailBroken);
    }
    unasked.map_or(Ok(ExitCode::Done), Err)
}

/// The head that was given, or else that of this machine's daemon, which tells root alone.
async fn head(arguments: &VerifyArgs) -> Result<Option<Head>, Error> {
    if arguments.head.is_some() || arguments.trail.file.is_some() {
        return Ok(arguments.head);
    }
    if !unistd::geteuid().is_root() {
        return Ok(None);
    }
    let daemon = Daemon::connect().await?;
    let (sequence, hash) = answer(daemon.administration().await?.audit_head()).await?;
    let hash = hash.parse().map_err(|_| Error::VersionSkew)?;
    Ok(Some(Head { sequence, hash }))
}

fn tell(verdict: &Verdict, head_checked: bool) -> Result<(), Error> {
    for fault in &verdict.faults {
        say(format_args!("WRONG  {fault}"))?;
    }
    match verdict.span {
        Some((first, last)) => {
            say(format_args!(
                "{} records, the last chain from {first} to {last}",
                verdict.records
            ))?;
            if first > 1 {
                say(format_args!("The records before {first} are not here to be checked."))?;
            }
        }
        None => say("No whole record is here.")?,
    }
    if !head_checked {
        say("The end was not compared with a head; run this as root, or give one with --head.")?;
    }
    if verdict.faults.is_empty() {
        say("Nothing is missing, altered, moved or inserted.")?;
    }
    match verdict.head {
        Some(head) => say(format_args!("Head: {head}")),
        None => Ok(()),
    }
}
