//! The sessions that a look-up probably needs: that of the caller, and those of the last look-up.
//!
//! On a bus that others keep busy, a question can take a second. So a look-up asks about these
//! sessions at once, before logind has said in which session the caller is and which others there
//! are. It uses the answers only for sessions that turn out to matter.

use std::sync::{Mutex, PoisonError};

use super::process_tree;

/// Prefix of the objects of sessions.
pub(super) const SESSION_PATHS: &str = "/org/freedesktop/login1/session/";
/// Most sessions that are asked about ahead. See `turns.rs`.
const SESSIONS_MAX: usize = 3;

/// The object paths of the sessions of the last look-up. They are a guess and prove nothing.
#[derive(Debug, Default)]
pub(crate) struct RecentSessions(Mutex<Vec<String>>);

impl RecentSessions {
    /// The paths to ask about for a process: that of the session in whose scope it is, and those
    /// of the last look-up.
    pub(super) fn likely(&self, process: u32) -> Vec<String> {
        let own = process_tree::session_of(process).ok().flatten().map(|id| path_of(&id));
        let mut paths: Vec<String> = own.into_iter().collect();
        for recent in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if !paths.contains(recent) {
                paths.push(recent.clone());
            }
        }
        paths.truncate(SESSIONS_MAX);
        paths
    }

    /// Remembers these paths instead, as far as there is room.
    pub(super) fn remember(&self, paths: impl Iterator<Item = String>) {
        let paths = paths.take(SESSIONS_MAX).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = paths;
    }
}

/// The object path of a session. Its id has letters and digits only. A digit at the beginning is
/// written in hexadecimal (`bus_label_escape` of systemd 252).
fn path_of(id: &str) -> String {
    let escape = if id.starts_with(|first: char| first.is_ascii_digit()) { "_3" } else { "" };
    format!("{SESSION_PATHS}{escape}{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sessions_are_remembered_as_far_as_there_is_room() {
        let recent = RecentSessions::default();
        let gone = u32::MAX;
        assert!(recent.likely(gone).is_empty());
        recent.remember((0..9).map(|number| number.to_string()));
        assert_eq!(recent.likely(gone), ["0", "1", "2"]);
        recent.remember(std::iter::once("9".to_owned()));
        assert_eq!(recent.likely(gone), ["9"]);
    }

    #[test]
    fn a_session_has_the_path_that_logind_gives_it() {
        for (id, path) in [("5", "_35"), ("12", "_312"), ("c2", "c2"), ("a1b", "a1b")] {
            assert_eq!(path_of(id), format!("/org/freedesktop/login1/session/{path}"));
        }
    }
}
