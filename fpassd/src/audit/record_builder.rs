//! The one record of a record's fields: what is hashed and what the journal gets are both made of it.

use fpass_proto::{
    Refusal, Uid,
    audit::{self, Fields},
};

/// The fields of a record before it has its place in the chain.
#[derive(Clone, Debug)]
pub(super) struct RecordBuilder {
    fields: Fields,
    kind: &'static str,
    uid: Uid,
}

impl RecordBuilder {
    /// A record of this kind, about a request by `caller` for `uid`.
    pub(super) fn new(kind: &'static str, request: u32, caller: Uid, uid: Uid) -> Self {
        let mut record = Self { fields: Fields::default(), kind, uid };
        record.add(audit::KIND, kind);
        record.add(audit::REQUEST, request.to_string());
        record.add(audit::CALLER, caller.to_string());
        record.add(audit::UID, uid.to_string());
        record
    }

    /// The first record of a chain.
    pub(super) fn opening(kind: &'static str) -> Self {
        let mut record = Self { fields: Fields::default(), kind, uid: Uid::ROOT };
        record.add(audit::KIND, kind);
        record.add(audit::RESULT, "done");
        let anew = "the audit trail begins anew, because its head in the store was damaged";
        let sentence = if kind == audit::KIND_RESTART { anew } else { "the audit trail begins" };
        record.add(audit::MESSAGE, sentence);
        record
    }

    /// Adds a field.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        // Each name is ours and comes once; a record without a field is better than none.
        if let Err(error) = self.fields.add(name, value) {
            tracing::error!(%error, name, "a field is missing in an audit record");
        }
    }

    /// Adds the outcome and the sentence that people read.
    pub(super) fn conclude(&mut self, result: &str, refusal: Option<Refusal>) {
        let reason = refusal.map(Refusal::error_name).unwrap_or_default();
        self.add(audit::RESULT, result);
        self.add(audit::REASON, reason);
        let word = reason.rsplit('.').next().filter(|word| !word.is_empty());
        let because = word.map(|word| format!(" ({word})")).unwrap_or_default();
        self.add(audit::MESSAGE, format!("{} for uid {}: {result}{because}", self.kind, self.uid));
    }

    /// The finished fields.
    pub(super) fn into_fields(self) -> Fields {
        self.fields
    }
}
