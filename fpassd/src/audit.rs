//! The audit log: one record for each attempt and each change of a template, each chained by a hash
//! to the record before it. Records hold nothing biometric.

mod head;
mod log;
mod record_allowance;
mod record_builder;
mod sink;

use std::{sync::Arc, time::Duration};

use fpass_proto::{Label, Refusal, ServiceName, Terminal, Uid, Verdict, audit};

use self::record_builder::RecordBuilder;
pub(crate) use self::{
    log::AuditLog,
    sink::{IDENTIFIER, JOURNAL_SOCKET, JournalSink, LogSink, RECORD_TARGET, RecordSink},
};
use crate::{admission::RefusedTally, blocking, trace::Trace};

/// Kind of the record of an attempt.
pub(crate) const ATTEMPT: &str = "attempt";

/// The request that a record is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestContext {
    /// Kind of the record.
    pub(crate) kind: &'static str,
    /// Number of the call.
    pub(crate) request: u32,
    /// User of the caller.
    pub(crate) caller: Uid,
    /// User whose F-pass it concerns.
    pub(crate) uid: Uid,
}

/// The login that a request comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct PamContext {
    /// PAM service; `None` for a self-test.
    pub(crate) service: Option<ServiceName>,
    /// Terminal; `None` when the login has none.
    pub(crate) tty: Option<Terminal>,
}

/// Measurements of an attempt.
pub(crate) struct AttemptMeasurements<'a> {
    /// Description of the configured camera.
    pub(crate) camera: String,
    /// Frames and durations of the stages.
    pub(crate) trace: &'a Trace,
    /// From the call to the verdict.
    pub(crate) total: Duration,
}

impl AuditLog {
    /// Records the end of an attempt and returns what the caller is told. A match that cannot be
    /// recorded is refused. For a refusal, ask [`may_record`](Self::may_record) before.
    ///
    /// # Errors
    /// The refusal in `outcome`, or [`Refusal::StorageFailed`] instead of a match.
    pub(crate) async fn record_attempt(
        self: &Arc<Self>,
        context: RequestContext,
        pam: &PamContext,
        outcome: Result<Verdict, Refusal>,
        measurements: AttemptMeasurements<'_>,
    ) -> Result<Verdict, Refusal> {
        let AttemptMeasurements { camera, trace, total } = measurements;
        let result = match outcome {
            Ok(verdict) => verdict.as_str(),
            Err(_) => "refused",
        };
        let mut record = RecordBuilder::for_login(context, pam);
        record.add(audit::CAMERA, camera);
        record.add("FPASS_FRAMES", trace.frames.to_string());
        for (name, duration) in [
            ("FPASS_LOOK_UP_MS", trace.look_up),
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
        let recorded = self.append_in_turn(context.caller, record).await;
        match outcome {
            Ok(Verdict::Match) => recorded.map(|()| Verdict::Match),
            Ok(Verdict::NoMatch) | Err(_) => outcome,
        }
    }

    /// Records a change of templates or its refusal. A change that cannot be recorded stays in
    /// force.
    pub(crate) async fn record_change(
        self: &Arc<Self>,
        context: RequestContext,
        label: Option<&Label>,
        outcome: Result<(), Refusal>,
    ) {
        if !self.may_record(context.caller, &outcome) {
            return;
        }
        let mut record = RecordBuilder::new(context);
        record.add(audit::LABEL, label.map_or("", Label::as_str));
        record.conclude(done_or_refused(outcome), outcome.err());
        // A failure is logged there.
        let _ = self.append_in_turn(context.caller, record).await;
    }

    /// Records the end of a login's request other than a verdict, and returns what the caller is
    /// told. A success that cannot be recorded is refused.
    ///
    /// # Errors
    /// The refusal in `outcome`, or [`Refusal::StorageFailed`] instead of a success.
    pub(crate) async fn record_login(
        self: &Arc<Self>,
        context: RequestContext,
        pam: &PamContext,
        outcome: Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut record = RecordBuilder::for_login(context, pam);
        record.conclude(done_or_refused(outcome), outcome.err());
        let recorded = self.append_in_turn(context.caller, record).await;
        outcome.and(recorded)
    }

    /// Records how many calls were refused without a record of their own.
    pub(crate) async fn record_refused_calls(self: &Arc<Self>, tally: &RefusedTally) {
        // A failure is logged there.
        let _ = self.append_off_loop(RecordBuilder::refused_calls(tally)).await;
    }

    /// Appends a record. Those of users other than root take turns, so that a login waits for the
    /// disk behind one of them at most.
    async fn append_in_turn(
        self: &Arc<Self>,
        caller: Uid,
        record: RecordBuilder,
    ) -> Result<(), Refusal> {
        // It is never closed.
        let _turn = if caller.is_root() { None } else { self.turn.acquire().await.ok() };
        self.append_off_loop(record).await
    }

    /// Appends a record off the event loop and for a bounded time. A record that takes longer is
    /// still written.
    async fn append_off_loop(self: &Arc<Self>, record: RecordBuilder) -> Result<(), Refusal> {
        let log = Arc::clone(self);
        match blocking::run(move || log.append(record)).await {
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
}

fn done_or_refused(outcome: Result<(), Refusal>) -> &'static str {
    if outcome.is_ok() { "done" } else { "refused" }
}

/// Milliseconds with a resolution of ten microseconds.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 1e2
}

#[cfg(test)]
mod tests;
