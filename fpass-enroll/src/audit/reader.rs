//! Lines of the journal from a file, from standard input, or from journalctl.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fpass_proto::names;
use nix::unistd::User;

use super::chain::Fault;
use super::entry::{Entry, Record, judge};
use crate::error::Error;

/// Longest line in bytes. A record has some 4 KiB; what other programs logged may be longer.
const LINE_MAX: u64 = 1024 * 1024;
/// Most records that are read.
const RECORDS_MAX: usize = 2_000_000;
/// Where journalctl is looked for; the environment has no say in it.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The daemon's records in the order of the lines.
    pub(crate) records: Vec<Record>,
    /// Lines that are no journal entries.
    pub(crate) faults: Vec<Fault>,
}

/// Reads a file, standard input for `-`, or the journal of this machine.
///
/// # Errors
/// When nothing can be read, or too much.
pub(crate) fn read(file: Option<&Path>) -> Result<Trail, Error> {
    let daemon = User::from_name(names::DAEMON_USER).map_err(Error::UserDatabase)?;
    let daemon = daemon.map(|user| user.uid.as_raw());
    match file {
        Some(path) if path == Path::new("-") => from_lines(io::stdin().lock(), daemon),
        Some(path) => from_lines(BufReader::new(File::open(path).map_err(Error::Journal)?), daemon),
        None => from_journal(daemon),
    }
}

fn from_journal(daemon: Option<u32>) -> Result<Trail, Error> {
    // What has been sent is to be there. Only root may ask for it.
    let _ = journalctl(&["--sync"]).and_then(|mut child| child.wait());
    let arguments =
        ["--output=json", "--all", "--no-pager", "--quiet", "_SYSTEMD_UNIT=fpassd.service"];
    let mut child = journalctl(&arguments).map_err(Error::Journal)?;
    let Some(output) = child.stdout.take() else {
        return Err(Error::Journal(io::ErrorKind::BrokenPipe.into()));
    };
    let trail = from_lines(BufReader::new(output), daemon);
    if trail.is_err() {
        // It would wait for somebody to read on; it may also have ended.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(Error::Journal)?;
    let trail = trail?;
    if ended.success() { Ok(trail) } else { Err(Error::JournalFailed) }
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

fn from_lines(mut lines: impl BufRead, daemon: Option<u32>) -> Result<Trail, Error> {
    let mut trail = Trail::default();
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
            Some(Entry::Foreign) => {}
            Some(Entry::Record(_)) if trail.records.len() == RECORDS_MAX => {
                return Err(Error::JournalTooLarge);
            }
            Some(Entry::Record(record)) => trail.records.push(*record),
            None => trail.faults.push(Fault::Unreadable { line: number }),
        }
        if trail.faults.len() > 1000 {
            return Err(Error::JournalForeign);
        }
    }
    Ok(trail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Trail {
        from_lines(text, Some(990)).unwrap()
    }

    const RECORD: &str =
        r#"{"_SYSTEMD_UNIT":"fpassd.service","_UID":"990","FPASS_RESULT":"match"}"#;

    #[test]
    fn what_is_no_entry_is_a_fault_with_its_line_and_the_rest_is_read() {
        let mut text = format!("{RECORD}\nnonsense\n\n{RECORD}\n\"x\"\n").into_bytes();
        let cut = RECORD.len() / 2;
        text.extend_from_slice(&RECORD.as_bytes()[..cut]);
        let trail = read(&text);
        assert_eq!(trail.records.len(), 2);
        assert_eq!(trail.faults, [2, 5, 6].map(|line| Fault::Unreadable { line }));
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_in_memory() {
        let long = format!("{{\"A\":\"{}\"}}\n{RECORD}\n", "x".repeat(3 * 1024 * 1024));
        let trail = read(long.as_bytes());
        assert_eq!(trail.faults, [Fault::Unreadable { line: 1 }]);
        assert_eq!(trail.records.len(), 1);
    }

    #[test]
    fn a_file_that_is_no_journal_is_refused() {
        let text = "x\n".repeat(1002);
        let refused = from_lines(text.as_bytes(), None);
        assert!(matches!(refused, Err(Error::JournalForeign)));
    }
}
