//! What several checks use: the bus, and the daemon with its status.

use fpass_proto::{MachineStatus, names};
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, WellKnownName};

use crate::daemon::{Daemon, answer};
use crate::error::Error;

/// The daemon, after it answered.
pub(super) struct RunningDaemon {
    /// The connection.
    pub(super) daemon: Daemon,
    /// Its status.
    pub(super) status: MachineStatus,
    /// Its user id, from the bus.
    pub(super) uid: u32,
    /// Its process id, from the bus.
    pub(super) process: u32,
}

/// The bus and the daemon, or the errors of reaching them.
pub(super) struct Services {
    /// The system bus.
    pub(super) bus: Result<DBusProxy<'static>, Error>,
    /// The daemon.
    pub(super) daemon: Result<RunningDaemon, Error>,
}

impl Services {
    /// Connects to both; the bus starts the daemon if needed.
    pub(super) async fn gather() -> Self {
        Self { bus: bus().await, daemon: daemon().await }
    }

    /// Whether a name on the bus has an owner. One that the bus can activate is started first.
    /// `None` when the bus does not answer.
    pub(super) async fn is_served(&self, name: &'static str) -> Option<bool> {
        let bus = self.bus.as_ref().ok()?;
        let owned = BusName::try_from(name).ok()?;
        if answer(bus.name_has_owner(owned)).await.ok()? {
            return Some(true);
        }
        let service = WellKnownName::try_from(name).ok()?;
        Some(answer(bus.start_service_by_name(service, 0)).await.is_ok())
    }
}

async fn bus() -> Result<DBusProxy<'static>, Error> {
    let builder = zbus::connection::Builder::address(names::SYSTEM_BUS_ADDRESS);
    let connection = answer(builder.build()).await?;
    Ok(DBusProxy::new(&connection).await?)
}

async fn daemon() -> Result<RunningDaemon, Error> {
    let daemon = Daemon::connect().await?;
    let status = answer(daemon.machine().await?.status()).await?;
    let (uid, process) = daemon.credentials().await?;
    Ok(RunningDaemon { daemon, status, uid, process })
}
