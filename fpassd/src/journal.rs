//! Where log lines go: the journal with their fields, or standard error without one.

use std::path::Path;

use tracing_subscriber::{
    Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::audit::{self, RecordSink};

/// Socket on which journald takes records.
pub(crate) const JOURNAL: &str = "/run/systemd/journal/socket";
/// Name under which every line stands there.
pub(crate) const IDENTIFIER: &str = "fpassd";

/// Installs the subscriber. To the journal when it is there and `stderr` is not asked for. Returns
/// where audit records go: to the same place.
pub(crate) fn install(debug: bool, stderr: bool) -> Box<dyn RecordSink> {
    let level = if debug { LevelFilter::DEBUG } else { LevelFilter::INFO };
    // Other crates' lines (zbus' among them) are of interest only when something is wrong there.
    let filter = tracing_subscriber::filter::Targets::new()
        .with_target("fpassd", level)
        .with_default(LevelFilter::WARN);
    let journal = (!stderr && Path::new(JOURNAL).exists())
        .then(|| tracing_journald::layer().ok())
        .flatten()
        .map(|layer| {
            layer.with_syslog_identifier(IDENTIFIER.into()).with_field_prefix(Some("FPASS".into()))
        });
    let records = journal.as_ref().and_then(|_| audit::JournalSink::new().ok());
    let text = journal.is_none().then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .with_target(false)
            .without_time()
    });
    tracing_subscriber::registry()
        .with(journal.with_filter(filter.clone()))
        .with(text.with_filter(filter))
        .init();
    match records {
        Some(journal) => Box::new(journal),
        None => Box::new(audit::LogSink),
    }
}
