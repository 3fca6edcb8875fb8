//! Lines of the journal from a file, from standard input, or from journalctl.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fpass_proto::names;
use nix::unistd::User;

use super::chain::ChainFault;
use super::entry::{AuditRecord, JournalEntry, judge};
use crate::error::Error;

/// Longest line in bytes. A record has some 4 KiB; lines of other programs may be longer.
const LINE_MAX: u64 = 1024 * 1024;
/// Most records that are read.
const RECORDS_MAX: usize = 2_000_000;
/// Search path for journalctl, whatever the environment says.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The records that were read.
#[derive(Debug, Default)]
pub(crate) struct AuditLog {
    /// The records of the daemon, in the order of the lines.
    pub(crate) records: Vec<AuditRecord>,
    /// Lines that are not journal entries.
    pub(crate) faults: Vec<ChainFault>,
}

/// Reads a file, standard input for `-`, or the journal of this machine.
///
/// # Errors
/// When the input cannot be read or is too large.
pub(crate) fn read(file: Option<&Path>) -> Result<AuditLog, Error> {
    let daemon = User::from_name(names::DAEMON_USER).map_err(Error::UserDatabase)?;
    let daemon = daemon.map(|user| user.uid.as_raw());
    match file {
        Some(path) if path == Path::new("-") => from_lines(io::stdin().lock(), daemon),
        Some(path) => from_lines(BufReader::new(File::open(path).map_err(Error::Journal)?), daemon),
        None => from_journal(daemon),
    }
}

fn from_journal(daemon: Option<u32>) -> Result<AuditLog, Error> {
    // Writes out pending entries. Only root may ask for it.
    let _ = journalctl(&["--sync"]).and_then(|mut child| child.wait());
    let arguments =
        ["--output=json", "--all", "--no-pager", "--quiet", "_SYSTEMD_UNIT=fpassd.service"];
    let mut child = journalctl(&arguments).map_err(Error::Journal)?;
    let Some(output) = child.stdout.take() else {
        return Err(Error::Journal(io::ErrorKind::BrokenPipe.into()));
    };
    let log = from_lines(BufReader::new(output), daemon);
    if log.is_err() {
        // It may still wait for a reader.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(Error::Journal)?;
    let log = log?;
    if ended.success() { Ok(log) } else { Err(Error::JournalFailed) }
}

fn journalctl(arguments: &[&str]) -> io::Result<Child> {
    Command::new("journalctl")
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

fn from_lines(mut lines: impl BufRead, daemon: Option<u32>) -> Result<AuditLog, Error> {
    let mut log = AuditLog::default();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = (&mut lines).take(LINE_MAX).read_until(b'\n', &mut line);
        if length.map_err(Error::Journal)? == 0 {
            break;
        }
        let is_whole = line.last() == Some(&b'\n') || (line.len() as u64) < LINE_MAX;
        if !is_whole {
            lines.skip_until(b'\n').map_err(Error::Journal)?;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let entry = is_whole.then(|| serde_json::from_slice(&line).ok()).flatten();
        match entry.map(|object| judge(&object, daemon)) {
            Some(JournalEntry::Foreign) => {}
            Some(JournalEntry::Record(_)) if log.records.len() == RECORDS_MAX => {
                return Err(Error::JournalTooLarge);
            }
            Some(JournalEntry::Record(record)) => log.records.push(*record),
            None => log.faults.push(ChainFault::Unreadable { line: number }),
        }
        if log.faults.len() > 1000 {
            return Err(Error::JournalForeign);
        }
    }
    Ok(log)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> AuditLog {
        from_lines(text, Some(990)).unwrap()
    }

    const RECORD: &str =
        r#"{"_SYSTEMD_UNIT":"fpassd.service","_UID":"990","FPASS_RESULT":"match"}"#;

    #[test]
    fn a_malformed_line_is_a_fault_and_the_rest_is_read() {
        let mut text = format!("{RECORD}\nnonsense\n\n{RECORD}\n\"x\"\n").into_bytes();
        let cut = RECORD.len() / 2;
        text.extend_from_slice(&RECORD.as_bytes()[..cut]);
        let log = read(&text);
        assert_eq!(log.records.len(), 2);
        assert_eq!(log.faults, [2, 5, 6].map(|line| ChainFault::Unreadable { line }));
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_in_memory() {
        let long = format!("{{\"A\":\"{}\"}}\n{RECORD}\n", "x".repeat(3 * 1024 * 1024));
        let log = read(long.as_bytes());
        assert_eq!(log.faults, [ChainFault::Unreadable { line: 1 }]);
        assert_eq!(log.records.len(), 1);
    }

    #[test]
    fn a_file_that_is_not_a_journal_is_refused() {
        let text = "x\n".repeat(1002);
        let refused = from_lines(text.as_bytes(), None);
        assert!(matches!(refused, Err(Error::JournalForeign)));
    }
}
