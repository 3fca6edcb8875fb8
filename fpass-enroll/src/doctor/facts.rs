//! What several checks need: the bus, and the daemon with what it says about itself.

use fpass_proto::{MachineStatus, names};
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::daemon::{Daemon, answer};
use crate::error::Error;

/// The daemon as it was found.
pub(super) struct Present {
    /// The connection to it.
    pub(super) daemon: Daemon,
    /// What it says about itself.
    pub(super) status: MachineStatus,
    /// Its user id, as the bus says.
    pub(super) uid: u32,
    /// Its process id, as the bus says.
    pub(super) process: u32,
}

/// The bus and the daemon, each or why not.
pub(super) struct Facts {
    /// The system bus.
    pub(super) bus: Result<DBusProxy<'static>, Error>,
    /// The daemon.
    pub(super) daemon: Result<Present, Error>,
}

impl Facts {
    /// Asks for them; the bus starts the daemon if it has to.
    pub(super) async fn gather() -> Self {
        Self { bus: bus().await, daemon: daemon().await }
    }

    /// Whether somebody owns a name on the bus, or can be started for it. `None` when the bus does not
    /// say.
    pub(super) async fn is_served(&self, name: &'static str) -> Option<bool> {
        let bus = self.bus.as_ref().ok()?;
        let owned = BusName::try_from(name).ok()?;
        if answer(bus.name_has_owner(owned)).await.ok()? {
            return Some(true);
        }
        let activatable = answer(bus.list_activatable_names()).await.ok()?;
        Some(activatable.iter().any(|known| known.as_str() == name))
    }
}

async fn bus() -> Result<DBusProxy<'static>, Error> {
    let builder = zbus::connection::Builder::address(names::SYSTEM_BUS_ADDRESS);
    let connection = answer(builder.build()).await?;
    Ok(DBusProxy::new(&connection).await?)
}

async fn daemon() -> Result<Present, Error> {
    let daemon = Daemon::connect().await?;
    let status = answer(daemon.machine().await?.status()).await?;
    let (uid, process) = daemon.credentials().await?;
    Ok(Present { daemon, status, uid, process })
}
