//! `fpass-enroll audit show`: the records as text or JSON.

use std::collections::BTreeMap;

use fpass_proto::audit;
use fpass_terminal::{Printable, say, say_json};
use nix::unistd::User;

use crate::audit::entry::{AuditRecord, RecordState};
use crate::audit::reader;
use crate::cli::ShowArgs;
use crate::error::Error;
use crate::exit_code::ExitCode;

/// Shows the selected records.
pub(super) fn show(arguments: &ShowArgs) -> Result<ExitCode, Error> {
    let uid = match &arguments.user {
        Some(name) => {
            let user = User::from_name(name.as_str()).map_err(Error::UserDatabase)?;
            let user = user.ok_or_else(|| Error::UnknownUser(name.clone()))?;
            Some(user.uid.to_string())
        }
        None => None,
    };
    let log = reader::read(arguments.log.file.as_deref())?;
    let wanted = |record: &&AuditRecord| {
        let since = arguments.log.since;
        let concerns = |uid: &String| {
            [audit::UID, audit::CALLER].iter().any(|name| record.fields.value(name) == Some(uid))
        };
        since.is_none_or(|since| !record.is_before(since)) && uid.as_ref().is_none_or(concerns)
    };
    let records: Vec<&AuditRecord> = log.records.iter().filter(wanted).collect();
    if arguments.log.json {
        let rows: Vec<BTreeMap<&str, &str>> = records.iter().map(|record| row(record)).collect();
        say_json(&rows)?;
    } else {
        records.iter().try_for_each(|record| say(line(record)))?;
    }
    Ok(ExitCode::Done)
}

/// The fields, and the state of the record.
fn row(record: &AuditRecord) -> BTreeMap<&str, &str> {
    let mut row: BTreeMap<&str, &str> = record.fields.iter().collect();
    row.insert("state", word(record.state));
    row
}

const fn word(state: RecordState) -> &'static str {
    match state {
        RecordState::Intact(_) => "intact",
        RecordState::Altered(_) => "altered",
        RecordState::Unchained => "unchained",
    }
}

/// Time, number and message. Outside text is made safe for a terminal.
fn line(record: &AuditRecord) -> String {
    let value = |name| record.fields.value(name).unwrap_or_default();
    let time = record.time().map(|time| time.to_string()).unwrap_or_default();
    let mut line = format!("{:20}  {:>7}  ", time, Printable(value(audit::SEQUENCE)));
    match record.state {
        RecordState::Intact(_) => {}
        RecordState::Altered(_) => line.push_str("ALTERED  "),
        RecordState::Unchained => line.push_str("UNCHAINED  "),
    }
    line.push_str(&Printable(value(audit::MESSAGE)).to_string());
    for (name, title) in [
        (audit::CALLER, "by uid"),
        (audit::SERVICE, "service"),
        (audit::TTY, "on"),
        (audit::LABEL, "label"),
    ] {
        if !value(name).is_empty() {
            line.push_str(&format!(", {title} {}", Printable(value(name))));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use fpass_proto::audit::Fields;

    use super::*;

    #[test]
    fn a_record_is_one_line_whatever_its_fields() {
        let mut fields = Fields::default();
        for (name, value) in [
            (audit::MESSAGE, "rename for uid 1000: done"),
            (audit::LABEL, "a\u{1b}[2J\nb"),
            (audit::TIME, "1709251199000"),
            (audit::SEQUENCE, "7\r"),
        ] {
            fields.add(name, value).unwrap();
        }
        let line = line(&AuditRecord { fields, state: RecordState::Altered(None) });
        assert!(!line.contains(['\n', '\r', '\u{1b}']), "{line:?}");
        assert!(line.starts_with("2024-02-29 23:59 UTC"), "{line}");
        assert!(line.contains("ALTERED  rename for uid 1000: done, label a"), "{line}");
    }
}
