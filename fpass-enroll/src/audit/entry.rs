//! A journal entry as far as it concerns the audit trail.

use fpass_proto::audit::{self, Fields, Hash};

use super::json::{Object, Value};
use crate::timestamp::Timestamp;

/// The unit whose records count.
const UNIT: &str = "fpassd.service";

/// What one line of the journal is to the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Not a record of the daemon: another program's, or another line of its log.
    Foreign,
    /// A record.
    Record(Box<Record>),
}

/// One record, whole or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its fields, as far as they can be read.
    pub(crate) fields: Fields,
    /// What it claims to be, or that its hash does not belong to its fields.
    pub(crate) state: State,
}

impl Record {
    /// When it was written, by the daemon's clock.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        let milliseconds: u64 = self.fields.value(audit::TIME)?.parse().ok()?;
        Some(Timestamp(milliseconds / 1000))
    }

    /// Whether it says that it was written before then. One that does not say it was not.
    pub(crate) fn is_before(&self, since: Timestamp) -> bool {
        self.time().is_some_and(|time| time.0 < since.0)
    }
}

/// Whether a record is the one that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its hash is that of its fields.
    Intact(Link),
    /// It is not. The place is the one that it names, if it names one.
    Altered(Option<u64>),
    /// It has no place in the chain and says so.
    Unchained,
}

/// The place of a record in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// From 1.
    pub(crate) sequence: u64,
    /// Hash of the record before.
    pub(crate) previous: Hash,
    /// Its own.
    pub(crate) hash: Hash,
}

impl Link {
    /// Whether a chain begins with it.
    pub(crate) fn is_first(&self) -> bool {
        self.sequence == 1 && self.previous == Hash::NONE
    }
}

/// Judges one entry. `daemon` is the user id of the daemon's account, where there is one.
pub(crate) fn judge(Object(object): &Object, daemon: Option<u32>) -> Entry {
    let trusted = |name: &str, wanted: &str| match object.get(name) {
        Some(Value::Text(value)) => value == wanted,
        Some(Value::Other) | None => false,
    };
    let from_daemon = daemon.is_none_or(|uid| trusted("_UID", &uid.to_string()));
    if !trusted("_SYSTEMD_UNIT", UNIT) || !from_daemon || !is_record(object.keys()) {
        return Entry::Foreign;
    }
    let mut fields = Fields::default();
    let mut whole = true;
    for (name, value) in object {
        if name != audit::MESSAGE && !name.starts_with(audit::PREFIX) {
            continue;
        }
        whole &= match value {
            Value::Text(text) => fields.add(name, text.as_str()).is_ok(),
            Value::Other => false,
        };
    }
    Entry::Record(Box::new(Record { state: state(&fields, whole), fields }))
}

/// Other lines of the daemon's log have fields with our prefix too, but none of these.
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

fn state(fields: &Fields, whole: bool) -> State {
    let sequence = fields.value(audit::SEQUENCE).and_then(number);
    let hash = |name| fields.value(name).and_then(|text| text.parse::<Hash>().ok());
    let in_chain = [audit::SEQUENCE, audit::PREVIOUS, audit::HASH]
        .iter()
        .any(|name| fields.value(name).is_some());
    match (sequence, hash(audit::PREVIOUS), hash(audit::HASH)) {
        (Some(sequence), Some(previous), Some(hash)) if whole && fields.digest() == hash => {
            State::Intact(Link { sequence, previous, hash })
        }
        _ if whole && !in_chain => State::Unchained,
        _ => State::Altered(sequence),
    }
}

/// A number in the one form that the daemon writes.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| *number > 0 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(line: &str) -> Entry {
        judge(&serde_json::from_str(line).unwrap(), Some(990))
    }

    fn state_of(line: &str) -> State {
        match judged(line) {
            Entry::Record(record) => record.state,
            Entry::Foreign => panic!("{line} is foreign"),
        }
    }

    const OURS: &str = r#""_SYSTEMD_UNIT":"fpassd.service","_UID":"990""#;

    #[test]
    fn what_the_journal_does_not_vouch_for_does_not_count() {
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
            assert_eq!(judged(&line), Entry::Foreign, "{line}");
        }
        let log = format!("{{{OURS},\"MESSAGE\":\"ready\",\"FPASS_VERSION\":\"1\"}}");
        assert_eq!(judged(&log), Entry::Foreign);
    }

    #[test]
    fn a_field_that_cannot_be_read_is_an_altered_record() {
        for value in ["null", "[255]", "[\"1000\",\"0\"]"] {
            let line = format!("{{{OURS},\"FPASS_SEQUENCE\":\"7\",\"FPASS_UID\":{value}}}");
            assert_eq!(state_of(&line), State::Altered(Some(7)), "{line}");
        }
        let line = format!("{{{OURS},\"FPASS_SEQUENCE\":\"07\",\"FPASS_HASH\":\"\"}}");
        assert_eq!(state_of(&line), State::Altered(None));
        let line = format!("{{{OURS},\"FPASS_RESULT\":\"match\"}}");
        assert_eq!(state_of(&line), State::Unchained);
    }
}
