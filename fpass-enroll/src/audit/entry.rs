//! A journal entry, as far as it concerns the audit log.

use fpass_proto::audit::{self, Fields, Hash};

use super::json::{FieldValue, JournalFields};
use crate::timestamp::Timestamp;

/// The unit whose records count.
const UNIT: &str = "fpassd.service";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JournalEntry {
    /// Not an audit record: a line of another program, or another line of the daemon.
    Foreign,
    /// An audit record.
    Record(Box<AuditRecord>),
}

/// One record, intact or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditRecord {
    /// Its fields, as far as they can be read.
    pub(crate) fields: Fields,
    /// Its place in the chain, or that its hash does not match.
    pub(crate) state: RecordState,
}

impl AuditRecord {
    /// The time of writing, by the clock of the daemon.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        let milliseconds: u64 = self.fields.value(audit::TIME)?.parse().ok()?;
        Some(Timestamp(milliseconds / 1000))
    }

    /// Whether it was written before `since`. False when it has no time.
    pub(crate) fn is_before(&self, since: Timestamp) -> bool {
        self.time().is_some_and(|time| time.0 < since.0)
    }
}

/// Whether a record is as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordState {
    /// Its hash matches its fields.
    Intact(ChainLink),
    /// Its hash does not match. With the number that it gives, if it gives one.
    Altered(Option<u64>),
    /// It is marked as having no place in the chain.
    Unchained,
}

/// The link of a record in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChainLink {
    /// Its number, counted from 1.
    pub(crate) sequence: u64,
    /// Hash of the previous record.
    pub(crate) previous: Hash,
    /// Its own hash.
    pub(crate) hash: Hash,
}

impl ChainLink {
    /// Whether it begins a chain.
    pub(crate) fn is_first(&self) -> bool {
        self.sequence == 1 && self.previous == Hash::NONE
    }
}

/// Judges one entry. `daemon` is the user id of the daemon's account, if it exists.
pub(crate) fn judge(JournalFields(object): &JournalFields, daemon: Option<u32>) -> JournalEntry {
    let trusted = |name: &str, wanted: &str| match object.get(name) {
        Some(FieldValue::Text(value)) => value == wanted,
        Some(FieldValue::Other) | None => false,
    };
    let from_daemon = daemon.is_none_or(|uid| trusted("_UID", &uid.to_string()));
    if !trusted("_SYSTEMD_UNIT", UNIT) || !from_daemon || !is_record(object.keys()) {
        return JournalEntry::Foreign;
    }
    let mut fields = Fields::default();
    let mut is_readable = true;
    for (name, value) in object {
        if name != audit::MESSAGE && !name.starts_with(audit::PREFIX) {
            continue;
        }
        is_readable &= match value {
            FieldValue::Text(text) => fields.add(name, text.as_str()).is_ok(),
            FieldValue::Other => false,
        };
    }
    JournalEntry::Record(Box::new(AuditRecord { state: state(&fields, is_readable), fields }))
}

/// Other log lines of the daemon have fields with the prefix too, but none of these.
fn is_record<'a>(mut names: impl Iterator<Item = &'a String>) -> bool {
    const MARKS: [&str; 6] = [
        audit::KIND,
        audit::RESULT,
        audit::SEQUENCE,
        audit::PREVIOUS,
        audit::HASH,
        audit::UNCHAINED,
    ];
    names.any(|name| MARKS.contains(&name.as_str()))
}

fn state(fields: &Fields, is_readable: bool) -> RecordState {
    let sequence = fields.value(audit::SEQUENCE).and_then(number);
    let hash = |name| fields.value(name).and_then(|text| text.parse::<Hash>().ok());
    let in_chain = [audit::SEQUENCE, audit::PREVIOUS, audit::HASH]
        .iter()
        .any(|name| fields.value(name).is_some());
    match (sequence, hash(audit::PREVIOUS), hash(audit::HASH)) {
        (Some(sequence), Some(previous), Some(hash)) if is_readable && fields.digest() == hash => {
            RecordState::Intact(ChainLink { sequence, previous, hash })
        }
        _ if is_readable && !in_chain => RecordState::Unchained,
        _ => RecordState::Altered(sequence),
    }
}

/// A number in the form that the daemon writes.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| *number > 0 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(line: &str) -> JournalEntry {
        judge(&serde_json::from_str(line).unwrap(), Some(990))
    }

    fn state_of(line: &str) -> RecordState {
        match judged(line) {
            JournalEntry::Record(record) => record.state,
            JournalEntry::Foreign => panic!("{line} is foreign"),
        }
    }

    const OURS: &str = r#""_SYSTEMD_UNIT":"fpassd.service","_UID":"990""#;

    #[test]
    fn entries_without_the_trusted_fields_are_foreign() {
        for trusted in [
            "",
            r#""_SYSTEMD_UNIT":"other.service","_UID":"990","#,
            r#""_SYSTEMD_UNIT":"fpassd.service","_UID":"1000","#,
            r#""_SYSTEMD_UNIT":["fpassd.service","other.service"],"_UID":"990","#,
            r#""_SYSTEMD_UNIT":"fpassd.service","#,
            r#""SYSTEMD_UNIT":"fpassd.service","UID":"990","#,
        ] {
            let line =
                format!("{{{trusted}\"FPASS_KIND\":\"attempt\",\"FPASS_RESULT\":\"match\"}}");
            assert_eq!(judged(&line), JournalEntry::Foreign, "{line}");
        }
        let log = format!("{{{OURS},\"MESSAGE\":\"ready\",\"FPASS_VERSION\":\"1\"}}");
        assert_eq!(judged(&log), JournalEntry::Foreign);
    }

    #[test]
    fn a_field_that_cannot_be_read_is_an_altered_record() {
        for value in ["null", "[255]", "[\"1000\",\"0\"]"] {
            let line = format!("{{{OURS},\"FPASS_SEQUENCE\":\"7\",\"FPASS_UID\":{value}}}");
            assert_eq!(state_of(&line), RecordState::Altered(Some(7)), "{line}");
        }
        let line = format!("{{{OURS},\"FPASS_SEQUENCE\":\"07\",\"FPASS_HASH\":\"\"}}");
        assert_eq!(state_of(&line), RecordState::Altered(None));
        let line = format!("{{{OURS},\"FPASS_RESULT\":\"match\"}}");
        assert_eq!(state_of(&line), RecordState::Unchained);
    }
}
