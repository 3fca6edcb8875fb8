//! The fields of a record. The hash and the journal entry are both made from them.

use fpass_proto::{
    Refusal, ServiceName, Terminal, Uid,
    audit::{self, Fields},
};

use super::{PamContext, RequestContext};
use crate::admission::RefusedTally;

/// The fields of a record before it has its place in the chain.
#[derive(Clone, Debug)]
pub(super) struct RecordBuilder {
    fields: Fields,
    kind: &'static str,
    uid: Uid,
}

impl RecordBuilder {
    /// A record about a request.
    pub(super) fn new(context: RequestContext) -> Self {
        let RequestContext { kind, request, caller, uid } = context;
        let mut record = Self { fields: Fields::default(), kind, uid };
        record.add(audit::KIND, kind);
        record.add(audit::REQUEST, request.to_string());
        record.add(audit::CALLER, caller.to_string());
        record.add(audit::UID, uid.to_string());
        record
    }

    /// A record about a request of a login.
    pub(super) fn for_login(context: RequestContext, pam: &PamContext) -> Self {
        let mut record = Self::new(context);
        record.add(audit::SERVICE, pam.service.as_ref().map_or("", ServiceName::as_str));
        record.add(audit::TTY, pam.tty.as_ref().map_or("", Terminal::as_str));
        record
    }

    /// The first record of a chain.
    pub(super) fn first(kind: &'static str) -> Self {
        let mut record = Self { fields: Fields::default(), kind, uid: Uid::ROOT };
        record.add(audit::KIND, kind);
        record.add(audit::RESULT, "done");
        let sentence = if kind == audit::KIND_RESTART {
            "a new audit log begins, because the head in the store was damaged"
        } else {
            "the audit log begins"
        };
        record.add(audit::MESSAGE, sentence);
        record
    }

    /// A record that sums up refused calls.
    pub(super) fn refused_calls(tally: &RefusedTally) -> Self {
        let kind = audit::KIND_REFUSED_CALLS;
        let mut record = Self { fields: Fields::default(), kind, uid: Uid::ROOT };
        record.add(audit::KIND, kind);
        record.add(audit::RESULT, "refused");
        record.add(audit::CALLS, tally.total().to_string());
        record.add(audit::CALLERS, tally.by_user());
        let calls = tally.total();
        record.add(
            audit::MESSAGE,
            format!("{calls} calls were refused without a record of their own"),
        );
        record
    }

    /// Adds a field.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        // Names are constants and used once, so this does not fail. A record without the field is
        // still better than no record.
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
