//! The sessions that the last look-up asked about.
//!
//! On a bus that others keep busy, a question takes a second. So the next look-up asks about these
//! sessions at once, before logind has said in which session the caller is and which others there
//! are. It uses the answers only for sessions that turn out to matter.

use std::sync::{Mutex, PoisonError};

/// Most sessions that are asked about ahead. See `turns.rs`.
const SESSIONS_MAX: usize = 3;

/// The object paths of these sessions. They are a guess and prove nothing.
#[derive(Debug, Default)]
pub(crate) struct RecentSessions(Mutex<Vec<String>>);

impl RecentSessions {
    /// The paths; none before the first look-up.
    pub(super) fn paths(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers these paths instead, as far as there is room.
    pub(super) fn remember(&self, paths: impl Iterator<Item = String>) {
        let paths = paths.take(SESSIONS_MAX).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = paths;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sessions_are_remembered_as_far_as_there_is_room() {
        let recent = RecentSessions::default();
        assert!(recent.paths().is_empty());
        recent.remember((0..9).map(|number| number.to_string()));
        assert_eq!(recent.paths(), ["0", "1", "2"]);
        recent.remember(std::iter::once("9".to_owned()));
        assert_eq!(recent.paths(), ["9"]);
    }
}
