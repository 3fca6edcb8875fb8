//! All sessions of the machine, with the answers that one look-up has got about them.

use std::collections::HashMap;

use fpass_proto::Uid;
use futures_util::future::join_all;

use super::{
    logind::{ListedSession, LoginSession, Logind},
    not_local::NotLocal,
};

/// The sessions that logind listed in one look-up.
pub(super) struct KnownSessions {
    listed: Vec<ListedSession>,
    /// The sessions that were asked about ahead, by their paths.
    ahead: HashMap<String, LoginSession>,
}

impl KnownSessions {
    /// Lists all sessions, and asks about those that a process probably is in at the same time.
    ///
    /// # Errors
    /// logind does not list the sessions.
    pub(super) async fn look_up(logind: &Logind<'_>, process: u32) -> Result<Self, NotLocal> {
        let (listed, ahead) = tokio::join!(logind.sessions(), ask_ahead(logind, process));
        Ok(Self { listed: listed?, ahead })
    }

    /// The user of the session at this path, if it was listed.
    pub(super) fn owner_of(&self, path: &str) -> Option<Uid> {
        self.listed.iter().find(|session| session.path == path).map(|session| session.uid)
    }

    /// The ids and paths of a user's sessions.
    pub(super) fn of_user(&self, user: Uid) -> HashMap<String, String> {
        let own = self.listed.iter().filter(|session| session.uid == user);
        own.map(|session| (session.id.clone(), session.path.clone())).collect()
    }

    /// The session at this path.
    ///
    /// # Errors
    /// logind does not tell.
    pub(super) async fn session(
        &self,
        logind: &Logind<'_>,
        path: &str,
    ) -> Result<LoginSession, NotLocal> {
        match self.ahead.get(path) {
            Some(session) => Ok(session.clone()),
            None => logind.session(path).await,
        }
    }

    /// The session at this path, or none if it has ended.
    ///
    /// # Errors
    /// logind does not tell.
    pub(super) async fn session_if_any(
        &self,
        logind: &Logind<'_>,
        path: &str,
    ) -> Result<Option<LoginSession>, NotLocal> {
        match self.ahead.get(path) {
            Some(session) => Ok(Some(session.clone())),
            None => logind.session_if_any(path).await,
        }
    }
}

/// The likely sessions that still exist. No answer is no error: the session may not matter, and is
/// asked about once more if it does.
async fn ask_ahead(logind: &Logind<'_>, process: u32) -> HashMap<String, LoginSession> {
    // The answers of the others may take longer, and they can ask as often as they want.
    if !logind.caller.is_roots() {
        return HashMap::new();
    }
    let questions = logind.recent.likely(process).into_iter().map(async |path| {
        let session = logind.session_if_any(&path).await.ok().flatten();
        session.map(|session| (path, session))
    });
    join_all(questions).await.into_iter().flatten().collect()
}
