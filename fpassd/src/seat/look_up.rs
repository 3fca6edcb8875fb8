//! The look-up of everything that the rule judges about one caller.

use zbus::fdo::DBusProxy;

use super::{
    Sessions,
    facts::{Origin, SeatFacts},
    far,
    leases::SeatLease,
    logind::{Logind, unanswered},
    not_local::NotLocal,
    process::PeerProcess,
};

impl Sessions for Logind<'_> {
    async fn facts(&self, lease: &SeatLease) -> Result<SeatFacts, NotLocal> {
        let bus = DBusProxy::new(self.connection).await.map_err(unanswered)?;
        let process = PeerProcess::of(&bus, self.caller).await?;
        let own = match self.session_of(process.id()).await? {
            Some(path) => {
                lease.depend_on(path.as_str());
                Some(self.session(path.as_str()).await?)
            }
            None => None,
        };
        let (origin, foreground) = match &own {
            Some(own) => (Origin::Session(own.session.clone()), None),
            None => (self.outside(process.id()).await?, self.foreground(lease).await?),
        };
        let typists = far::typists(self, process.id(), &origin, own.as_ref()).await;
        let facts = SeatFacts { origin, foreground, typists };
        process.confirm(&bus, self.caller).await?;
        Ok(facts)
    }
}
