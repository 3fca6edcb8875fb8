//! The page that tells why: how the last attempts ended, and what to do.

use super::parts::{Rows, group, page, row};
use crate::language::told;
use crate::phrases;
use crate::snapshot::Snapshot;

/// The page.
pub(super) struct Attempts {
    /// The widget.
    pub(super) page: adw::PreferencesPage,
    rows: Rows,
}

impl Attempts {
    /// An empty page.
    pub(super) fn new() -> Self {
        let description =
            told!("How your last logins and tests ended, the newest first, and what to do.");
        let group = group(&told!("Past attempts"), Some(&description));
        Self { page: page(&[&group]), rows: Rows::of(&group) }
    }

    /// Shows the attempts.
    pub(super) fn fill(&self, snapshot: &Snapshot) {
        self.rows.replace(match &snapshot.history {
            Ok(attempts) if attempts.is_empty() => {
                vec![row(told!("No attempt is remembered.").as_str(), "")]
            }
            Ok(attempts) => attempts
                .iter()
                .map(|attempt| {
                    let place = phrases::attempt_place(attempt);
                    let title = format!("{}  {place}", local(attempt.ended, "%F %R"));
                    row(&title, phrases::attempt_result(attempt).as_str())
                })
                .collect(),
            Err(refusal) => vec![row(phrases::told_refusal(*refusal).as_str(), "")],
        });
    }
}

/// A time in seconds since the Unix epoch, where the person is.
pub(super) fn local(seconds: u64, format: &str) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| {
        gtk::glib::DateTime::from_unix_local(seconds).and_then(|time| time.format(format)).ok()
    });
    time.map_or_else(|| format!("{seconds} s"), String::from)
}
