//! Where log lines go: the journal with their fields, or standard error without a journal.

mod limit;

use std::path::Path;

use tracing_subscriber::{
    Layer,
    filter::{FilterExt, LevelFilter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::limit::LineLimit;
pub(crate) use self::limit::take_left_out;
use crate::audit::{IDENTIFIER, JOURNAL_SOCKET, JournalSink, LogSink, RECORD_TARGET, RecordSink};

/// Installs the subscriber: for the journal when it runs and `stderr` is false, else for standard
/// error. Returns the sink of audit records, which writes to the same place.
pub(crate) fn install(debug: bool, stderr: bool) -> Box<dyn RecordSink> {
    let level = if debug { LevelFilter::DEBUG } else { LevelFilter::INFO };
    // Lines of other crates, such as zbus, are logged from warnings on.
    let filter = tracing_subscriber::filter::Targets::new()
        .with_target("fpassd", level)
        .with_default(LevelFilter::WARN);
    let journal = (!stderr && Path::new(JOURNAL_SOCKET).exists())
        .then(|| tracing_journald::layer().ok())
        .flatten()
        .map(|layer| {
            layer.with_syslog_identifier(IDENTIFIER.into()).with_field_prefix(Some("FPASS".into()))
        });
    let records = journal.as_ref().and_then(|_| JournalSink::new().ok());
    let text = journal.is_none().then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .with_target(false)
            .without_time()
    });
    tracing_subscriber::registry()
        .with(journal.with_filter(filter.clone().and(LineLimit::new(RECORD_TARGET))))
        .with(text.with_filter(filter.and(LineLimit::new(RECORD_TARGET))))
        .init();
    match records {
        Some(journal) => Box::new(journal),
        None => Box::new(LogSink),
    }
}
