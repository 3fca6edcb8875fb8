//! The connection to `fpassd`: found on the system bus, its account checked, every wait bounded.

use std::future::Future;
use std::time::Duration;

use fpass_proto::proxy::{EnrolmentProxy, MachineProxy, RecoveryProxy, VerificationProxy};
use fpass_proto::{Uid, limits, names};
use nix::unistd::User;
use tokio::time::timeout;
use zbus::Connection;
use zbus::fdo::{self, DBusProxy, NameOwnerChangedStream};
use zbus::names::{OwnedUniqueName, WellKnownName};

use crate::failure::Failure;

/// Longest wait for the bus, and for an answer that needs no camera.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
/// Longest wait for an answer when the user may be asked for a password first.
pub(crate) const CONFIRMED: Duration = limits::AUTHENTICATION_MAX.saturating_add(ANSWER);
/// The same with a face check, and another user's face check ahead of it.
pub(crate) const CONSENTED: Duration = CONFIRMED.saturating_add(limits::DEADLINE_CAP);
/// Longest wait for the bus to start the daemon, which loads its models first.
const START: Duration = Duration::from_secs(30);
/// Longest wait for the daemon to confirm that it stopped.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection to the daemon by its unique name, after a check of its account.
#[derive(Debug)]
pub(crate) struct Daemon {
    connection: Connection,
    bus: DBusProxy<'static>,
    owner: OwnedUniqueName,
}

impl Daemon {
    /// Connects to the system bus, lets the bus start the daemon if needed, and checks its account.
    ///
    /// # Errors
    /// No bus, no daemon, or a daemon whose account is neither root nor `fpassd`.
    pub(crate) async fn connect() -> Result<Self, Failure> {
        let builder = zbus::connection::Builder::address(names::SYSTEM_BUS_ADDRESS);
        let connection = timeout(ANSWER, builder.build())
            .await
            .map_err(|_| Failure::BusUnreachable)?
            .map_err(|_| Failure::BusUnreachable)?;
        let bus = DBusProxy::new(&connection).await?;
        let owner = owner(&bus).await?;
        let uid =
            within(ANSWER, bus.get_connection_unix_user(owner.clone().into())).await.map(Uid)?;
        check_owner(uid)?;
        Ok(Self { connection, bus, owner })
    }

    /// The interface for face checks.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn verification(&self) -> Result<VerificationProxy<'_>, Failure> {
        let builder = VerificationProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for templates.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn enrolment(&self) -> Result<EnrolmentProxy<'_>, Failure> {
        let builder = EnrolmentProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for recovery codes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn recovery(&self) -> Result<RecoveryProxy<'_>, Failure> {
        let builder = RecoveryProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for the state of the machine.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn machine(&self) -> Result<MachineProxy<'_>, Failure> {
        let builder = MachineProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// A stream whose first item tells that the daemon has left the bus.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub(crate) async fn departure(&self) -> Result<NameOwnerChangedStream, Failure> {
        let name = [(0, self.owner.as_str())];
        within(ANSWER, self.bus.receive_name_owner_changed_with_args(&name)).await
    }

    /// Ends every attempt and enrolment of this connection.
    pub(crate) async fn cancel(&self) {
        if let Ok(verification) = self.verification().await {
            // If this call is lost, leaving the bus ends the attempt.
            let _ = timeout(FAREWELL, verification.cancel()).await;
        }
    }
}

/// Bounds a call by `limit`.
///
/// # Errors
/// The call's own as [`Failure`], or [`Failure::DaemonSilent`].
pub(crate) async fn within<T, E: Into<Failure>>(
    limit: Duration,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    timeout(limit, call).await.map_err(|_| Failure::DaemonSilent)?.map_err(Into::into)
}

/// The unique name of the daemon. The bus starts the daemon when it does not run.
async fn owner(bus: &DBusProxy<'_>) -> Result<OwnedUniqueName, Failure> {
    let name = WellKnownName::from_static_str(names::BUS_NAME).map_err(zbus::Error::from)?;
    let lookup = || {
        within(ANSWER, async { Ok::<_, Failure>(bus.get_name_owner(name.clone().into()).await) })
    };
    match lookup().await? {
        Ok(owner) => return Ok(owner),
        Err(fdo::Error::NameHasNoOwner(_)) => {}
        Err(error) => return Err(error.into()),
    }
    within(START, bus.start_service_by_name(name.clone(), 0)).await?;
    lookup().await?.map_err(|_| Failure::DaemonAbsent)
}

/// Checks that the account may own the daemon's name.
fn check_owner(owner: Uid) -> Result<(), Failure> {
    let account = User::from_name(names::DAEMON_USER).ok().flatten();
    let daemon = account.map(|account| Uid(account.uid.as_raw()));
    if names::may_own_bus_name(owner, daemon) { Ok(()) } else { Err(Failure::DaemonForeign(owner)) }
}
