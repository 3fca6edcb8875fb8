//! The audit trail: one record for every attempt and every change of a template, each chained to the
//! one before it. Nothing biometric in it.

mod head;
mod log;
mod record_builder;
mod sink;

use std::{sync::Arc, time::Duration};

use fpass_proto::{Label, Refusal, ServiceName, Terminal, Uid, Verdict, audit};

use self::record_builder::RecordBuilder;
pub(crate) use self::{
    log::AuditLog,
    sink::{JournalSink, LogSink, RecordSink},
};
use crate::{
    service::{Service, off_loop},
    trace::Trace,
};

/// Kind of the record of an attempt.
const ATTEMPT: &str = "attempt";

/// What an attempt's record says besides its outcome and its durations.
pub(crate) struct AttemptContext<'a> {
    /// Number of the call.
    pub(crate) request: u32,
    /// Who asked.
    pub(crate) caller: Uid,
    /// For whom.
    pub(crate) uid: Uid,
    /// PAM service, none for a self-test.
    pub(crate) service: Option<&'a ServiceName>,
    /// Terminal, if there is one.
    pub(crate) tty: Option<&'a Terminal>,
}

impl AttemptContext<'_> {
    /// A record of this kind with what is said here.
    fn record(&self, kind: &'static str) -> RecordBuilder {
        let mut record = RecordBuilder::new(kind, self.request, self.caller, self.uid);
        record.add(audit::SERVICE, self.service.map_or("", ServiceName::as_str));
        record.add(audit::TTY, self.tty.map_or("", Terminal::as_str));
        record
    }
}

/// Records the end of an attempt, and returns what the caller is told: a match that cannot be recorded
/// is none.
///
/// # Errors
/// The outcome's own, or [`Refusal::StorageFailed`] in the place of a match.
pub(crate) async fn record_attempt(
    service: &Service,
    attempt: &AttemptContext<'_>,
    outcome: Result<Verdict, Refusal>,
    trace: &Trace,
    total: Duration,
) -> Result<Verdict, Refusal> {
    let result = match outcome {
        Ok(verdict) => verdict.as_str(),
        Err(_) => "refused",
    };
    let mut record = attempt.record(ATTEMPT);
    record.add(audit::CAMERA, service.config().source().description());
    record.add("FPASS_FRAMES", trace.frames.to_string());
    for (name, duration) in [
        ("FPASS_CAMERA_MS", trace.camera),
        ("FPASS_FIRST_FRAME_MS", trace.first_frame),
        ("FPASS_USABLE_FRAME_MS", trace.usable_frame),
        ("FPASS_DETECT_MS", trace.detect),
        ("FPASS_LANDMARKS_MS", trace.landmarks),
        ("FPASS_EMBED_MS", trace.embed),
        ("FPASS_TOTAL_MS", total),
    ] {
        record.add(name, milliseconds(duration).to_string());
    }
    record.conclude(result, outcome.err());
    let recorded = append(service, record).await;
    match outcome {
        Ok(Verdict::Match) => recorded.map(|()| Verdict::Match),
        Ok(Verdict::NoMatch) | Err(_) => outcome,
    }
}

/// Records a change of templates, or the refusal of one. What has been changed stays so, recorded or
/// not.
pub(crate) async fn record_change(
    service: &Service,
    kind: &'static str,
    request: u32,
    caller: Uid,
    uid: Uid,
    label: Option<&Label>,
    outcome: Result<(), Refusal>,
) {
    let mut record = RecordBuilder::new(kind, request, caller, uid);
    record.add(audit::LABEL, label.map_or("", Label::as_str));
    record.conclude(if outcome.is_ok() { "done" } else { "refused" }, outcome.err());
    // What went wrong is logged there.
    let _ = append(service, record).await;
}

/// Records the end of what a login asked for besides a verdict, and returns what the caller is told: a
/// success that cannot be recorded is none.
///
/// # Errors
/// The outcome's own, or [`Refusal::StorageFailed`] in the place of a success.
pub(crate) async fn record_login(
    service: &Service,
    kind: &'static str,
    attempt: &AttemptContext<'_>,
    outcome: Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut record = attempt.record(kind);
    record.conclude(if outcome.is_ok() { "done" } else { "refused" }, outcome.err());
    let recorded = append(service, record).await;
    outcome.and(recorded)
}

/// Appends a record off the event loop and for a bounded time. One that takes longer is written
/// nevertheless.
async fn append(service: &Service, record: RecordBuilder) -> Result<(), Refusal> {
    let trail = Arc::clone(&service.audit_log);
    match off_loop(move || trail.append(record)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "an audit record has no place in the chain");
            Err(Refusal::StorageFailed)
        }
        Err(_) => {
            tracing::error!("an audit record could not be written in time");
            Err(Refusal::StorageFailed)
        }
    }
}

/// Milliseconds with a resolution of ten microseconds.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 1e2
}

#[cfg(test)]
mod tests;
