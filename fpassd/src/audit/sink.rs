//! The destinations of records: journald, or the log on standard error without a journal.

use std::{fmt::Write, io, os::unix::net::UnixDatagram, time::Duration};

use fpass_proto::audit::{self, Fields};

/// Socket on which journald takes records.
pub(crate) const JOURNAL_SOCKET: &str = "/run/systemd/journal/socket";
/// Syslog identifier of every line.
pub(crate) const IDENTIFIER: &str = "fpassd";
/// Target of records in the log.
pub(crate) const RECORD_TARGET: &str = "fpassd::audit::record";
/// Longest wait for a journal that accepts no record.
const SEND_MAX: Duration = Duration::from_millis(250);
/// Fields that every record has in addition to its own: the priority "notice", and the identifier.
const FIXED: [(&str, &str); 2] = [("PRIORITY", "5"), ("SYSLOG_IDENTIFIER", IDENTIFIER)];

/// Writes records in order.
pub(crate) trait RecordSink: Send + Sync {
    /// Writes one record.
    ///
    /// # Errors
    /// The record was not delivered.
    fn write(&self, fields: &Fields) -> io::Result<()>;
}

/// Writes to journald, by its native protocol.
pub(crate) struct JournalSink(UnixDatagram);

impl JournalSink {
    /// Creates the socket.
    pub(crate) fn new() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_MAX))?;
        Ok(Self(socket))
    }
}

impl RecordSink for JournalSink {
    fn write(&self, fields: &Fields) -> io::Result<()> {
        self.0.send_to(&payload(fields), JOURNAL_SOCKET).map(drop)
    }
}

/// Encodes each value with its length in front, so that no content of a value ends it. A record has
/// at most some 2 KiB, far less than a datagram can carry.
fn payload(fields: &Fields) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    for (name, value) in FIXED.into_iter().chain(fields.iter()) {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'\n');
        bytes.extend((value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// Writes each record as one line of the log.
pub(crate) struct LogSink;

impl RecordSink for LogSink {
    fn write(&self, fields: &Fields) -> io::Result<()> {
        tracing::info!(target: RECORD_TARGET, "{}", line(fields));
        Ok(())
    }
}

/// The sentence, followed by `name=value` for each field. Texts are quoted and escaped.
fn line(fields: &Fields) -> String {
    let mut line = fields.value(audit::MESSAGE).unwrap_or_default().to_owned();
    for (name, value) in fields.iter() {
        let Some(name) = name.strip_prefix(audit::PREFIX) else {
            continue;
        };
        let is_number = (1..=20).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // Writing into a String cannot fail.
        let _ = if is_number {
            write!(line, " {}={value}", name.to_ascii_lowercase())
        } else {
            write!(line, " {}={value:?}", name.to_ascii_lowercase())
        };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_value_adds_no_field_and_no_line() {
        let mut fields = Fields::default();
        fields.add("FPASS_LABEL", "x\nFPASS_UID=0\n").unwrap();
        fields.add("MESSAGE", "m").unwrap();
        let mut expected = b"PRIORITY\n\x01\0\0\0\0\0\0\x005\n".to_vec();
        expected.extend(b"SYSLOG_IDENTIFIER\n\x06\0\0\0\0\0\0\0fpassd\n");
        expected.extend(b"FPASS_LABEL\n\x0e\0\0\0\0\0\0\0x\nFPASS_UID=0\n\n");
        expected.extend(b"MESSAGE\n\x01\0\0\0\0\0\0\0m\n");
        assert_eq!(payload(&fields), expected);
        assert_eq!(line(&fields), r#"m label="x\nFPASS_UID=0\n""#);
    }

    #[test]
    fn texts_are_quoted_and_numbers_are_not() {
        let mut fields = Fields::default();
        for (name, value) in [("FPASS_UID", "0"), ("FPASS_TTY", ""), ("FPASS_MS", "1.5")] {
            fields.add(name, value).unwrap();
        }
        assert_eq!(line(&fields), " ms=1.5 tty=\"\" uid=0");
    }
}
