//! One journal line for every attempt and every change of a template. Nothing biometric in it.

use std::time::Duration;

use fpass_proto::{Label, Refusal, Uid, Verdict};

use crate::verify::Trace;

/// What an attempt's journal line says besides its durations.
pub(crate) struct Attempt<'a> {
    /// Number of the call.
    pub(crate) request: u32,
    /// Who asked.
    pub(crate) caller: Uid,
    /// For whom.
    pub(crate) uid: Uid,
    /// PAM service, empty for a self-test.
    pub(crate) service: &'a str,
    /// Terminal, may be empty.
    pub(crate) tty: &'a str,
}

/// Records the end of an attempt.
pub(crate) fn attempt(
    attempt: &Attempt<'_>,
    outcome: Result<Verdict, Refusal>,
    trace: &Trace,
    total: Duration,
) {
    let (result, reason) = match outcome {
        Ok(Verdict::Match) => ("match", ""),
        Ok(Verdict::NoMatch) => ("no-match", ""),
        Err(refusal) => ("refused", refusal.error_name()),
    };
    tracing::info!(
        request = attempt.request,
        caller = attempt.caller.0,
        uid = attempt.uid.0,
        service = attempt.service,
        tty = attempt.tty,
        result,
        reason,
        frames = trace.frames,
        camera_ms = milliseconds(trace.camera),
        first_frame_ms = milliseconds(trace.first_frame),
        detect_ms = milliseconds(trace.detect),
        landmarks_ms = milliseconds(trace.landmarks),
        embed_ms = milliseconds(trace.embed),
        total_ms = milliseconds(total),
        "attempt for uid {}: {result}{}",
        attempt.uid,
        because(outcome.err())
    );
}

/// Records a change of templates, or the refusal of one.
pub(crate) fn change(
    kind: &'static str,
    request: u32,
    caller: Uid,
    uid: Uid,
    label: Option<&Label>,
    outcome: Result<(), Refusal>,
) {
    let label = label.map(Label::as_str).unwrap_or_default();
    let reason = outcome.err().map(Refusal::error_name).unwrap_or_default();
    let result = if outcome.is_ok() { "done" } else { "refused" };
    tracing::info!(
        request,
        caller = caller.0,
        uid = uid.0,
        label,
        result,
        reason,
        "{kind} for uid {uid}: {result}{}",
        because(outcome.err())
    );
}

/// The last word of the refusal's name, for the message that people read.
fn because(refusal: Option<Refusal>) -> String {
    let word = refusal.and_then(|refusal| refusal.error_name().rsplit('.').next());
    word.map(|word| format!(" ({word})")).unwrap_or_default()
}

/// Milliseconds with a resolution of ten microseconds.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 1e2
}
