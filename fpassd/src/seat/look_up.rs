//! The look-up of everything that the rule judges about one caller.
//!
//! An answer takes long on a bus that others keep busy. So questions that do not need the answer to
//! each other are asked at the same time.

use std::iter;

use zbus::fdo::DBusProxy;

use super::{
    Sessions,
    facts::{Origin, SeatFacts, Typists},
    far,
    leases::SeatLease,
    lid::is_lid_closed,
    logind::{LoginSession, Logind, unanswered},
    not_local::NotLocal,
    sessions::KnownSessions,
};

impl Sessions for Logind<'_> {
    async fn facts(&self, lease: &SeatLease) -> Result<SeatFacts, NotLocal> {
        let (facts, lid_closed) =
            tokio::join!(self.facts_of_caller(lease), is_lid_closed(self.connection));
        facts.map(|facts| SeatFacts { lid_closed, ..facts })
    }
}

impl Logind<'_> {
    async fn facts_of_caller(&self, lease: &SeatLease) -> Result<SeatFacts, NotLocal> {
        let bus = DBusProxy::new(self.connection).await.map_err(unanswered)?;
        let process = self.caller.process(&bus).await?;
        let (path, sessions) = tokio::try_join!(
            self.session_of(process.id()),
            KnownSessions::look_up(self, process.id())
        )?;
        let facts = match path {
            Some(path) => {
                lease.depend_on(path.as_str());
                self.facts_in_session(process.id(), path.as_str(), &sessions).await?
            }
            None => self.facts_outside(lease, process.id(), &sessions).await?,
        };
        self.caller.confirm(&process, &bus).await?;
        Ok(facts)
    }

    /// The facts about a process in the session at `path`.
    async fn facts_in_session(
        &self,
        process: u32,
        path: &str,
        sessions: &KnownSessions,
    ) -> Result<SeatFacts, NotLocal> {
        let (own, far_sessions) = match sessions.owner_of(path) {
            Some(owner) => {
                let far_sessions = far::far_sessions(self, process, owner, sessions);
                let (own, far_sessions) = tokio::join!(sessions.session(self, path), far_sessions);
                let own = own?;
                if own.session.uid != owner {
                    return Err(NotLocal::Invalid("the user of a session"));
                }
                (own, far_sessions)
            }
            // It began after the list was made.
            None => {
                let own = self.session(path).await?;
                let owner = own.session.uid;
                (own, far::far_sessions(self, process, owner, sessions).await)
            }
        };
        if self.caller.is_roots() {
            let others = sessions.of_user(own.session.uid).into_values();
            let others = others.filter(|other| other != path);
            self.recent.remember(iter::once(path.to_owned()).chain(others));
        }
        let at_own_console = far::is_at_own_console(process, &own);
        let typists = Typists { at_own_console, far_sessions };
        let LoginSession { session, .. } = own;
        let origin = Origin::Session(session);
        Ok(SeatFacts { origin, foreground: None, typists, lid_closed: false })
    }

    /// The facts about a process in no session.
    async fn facts_outside(
        &self,
        lease: &SeatLease,
        process: u32,
        sessions: &KnownSessions,
    ) -> Result<SeatFacts, NotLocal> {
        let (origin, foreground) = tokio::try_join!(self.outside(process), self.foreground(lease))?;
        let typists = far::typists_outside(self, process, &origin, sessions).await;
        Ok(SeatFacts { origin, foreground, typists, lid_closed: false })
    }
}
