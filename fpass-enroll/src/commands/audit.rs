//! `fpass-enroll audit verify`: whether the audit log is complete.

use fpass_proto::audit::Head;
use fpass_terminal::{say, say_json};
use nix::unistd;
use serde::Serialize;

use super::audit_show;
use crate::audit::chain::{self, ChainFault, ChainReport, Expectations};
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

/// The output of `--json`.
#[derive(Debug, Serialize)]
struct AuditReport {
    records: usize,
    first: Option<u64>,
    last: Option<u64>,
    head: Option<String>,
    /// Whether the last record was compared with a head.
    head_checked: bool,
    faults: Vec<FaultRow>,
}

#[derive(Debug, Serialize)]
struct FaultRow {
    fault: &'static str,
    sequence: Option<u64>,
    sentence: String,
}

impl AuditReport {
    fn of(verdict: &ChainReport, head_checked: bool) -> Self {
        let row = |fault: &ChainFault| FaultRow {
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
    // Before the journal is read, so that records written meanwhile are not faults.
    let (head, head_error) = match head(arguments).await {
        Ok(head) => (head, None),
        Err(error) => (None, Some(error)),
    };
    let log = reader::read(arguments.log.file.as_deref())?;
    let since = arguments.log.since;
    let states: Vec<_> = log
        .records
        .iter()
        .filter(|record| since.is_none_or(|since| !record.is_before(since)))
        .map(|record| record.state)
        .collect();
    let has_head = head.is_some_and(|head| head != Head::NONE);
    // Without any record nothing can be said, and least of all that none is missing.
    if states.is_empty() && log.faults.is_empty() && !has_head {
        return Err(head_error.unwrap_or(Error::NoRecords));
    }
    let expected = Expectations { head, from_start: arguments.from_start };
    let mut verdict = chain::verify(&states, expected);
    verdict.faults.splice(0..0, log.faults);
    if arguments.log.json {
        say_json(&AuditReport::of(&verdict, head.is_some()))?;
    } else {
        tell(&verdict, head.is_some())?;
    }
    if !verdict.faults.is_empty() {
        return Ok(ExitCode::AuditLogBroken);
    }
    head_error.map_or(Ok(ExitCode::Done), Err)
}

/// The given head, otherwise the head of this machine, which the daemon tells only root.
async fn head(arguments: &VerifyArgs) -> Result<Option<Head>, Error> {
    if arguments.head.is_some() || arguments.log.file.is_some() {
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

fn tell(verdict: &ChainReport, head_checked: bool) -> Result<(), Error> {
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
                say(format_args!(
                    "Records before {first} were not found, so they were not checked."
                ))?;
            }
        }
        None => say("No intact record was found.")?,
    }
    if !head_checked {
        say(
            "The last record was not compared with a head; run this as root, or give one with --head.",
        )?;
    }
    if verdict.faults.is_empty() {
        say("Nothing is missing, altered, moved or inserted.")?;
    }
    if let Some(head) = verdict.head {
        say(format_args!("Head: {head}"))?;
    }
    Ok(())
}
