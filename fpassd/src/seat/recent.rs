//! The session that was looked up last.
//!
//! On a bus that others keep busy, a question takes a second. So the next look-up asks about this
//! session at once, before logind has said in which session the caller is, and uses the answer only
//! if it is that one.

use std::sync::{Mutex, PoisonError};

/// The object path of the session in which the last caller was found. It is a guess and proves
/// nothing.
#[derive(Debug, Default)]
pub(crate) struct RecentSession(Mutex<Option<String>>);

impl RecentSession {
    /// The path, if any caller was found in a session yet.
    pub(super) fn path(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the session at this path.
    pub(super) fn remember(&self, path: &str) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.as_deref() != Some(path) {
            *recent = Some(path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_session_is_remembered() {
        let recent = RecentSession::default();
        assert_eq!(recent.path(), None);
        for path in ["/session/1", "/session/2", "/session/2"] {
            recent.remember(path);
            assert_eq!(recent.path().as_deref(), Some(path));
        }
    }
}
