//! The connection to `fpassd`: found on the system bus, checked for whose it is, never waited for
//! without a bound.

use std::future::Future;
use std::time::Duration;

use fpass_proto::proxy::{
    AdministrationProxy, EnrolmentProxy, FleetProxy, MachineProxy, RecoveryProxy, VerificationProxy,
};
use fpass_proto::{Uid, limits, names};
use nix::unistd::User;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use zbus::Connection;
use zbus::fdo::{self, DBusProxy, NameOwnerChangedStream};
use zbus::names::{OwnedUniqueName, WellKnownName};

use crate::error::Error;

/// Longest wait for the bus, and for an answer that needs no camera.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
/// Longest wait for an answer before which somebody may be asked for a password.
pub(crate) const CONFIRMED: Duration = limits::AUTHENTICATION_MAX.saturating_add(ANSWER);
/// The same, with a look at the camera in between, and one by someone else ahead of it.
pub(crate) const CONSENTED: Duration = CONFIRMED.saturating_add(limits::DEADLINE_CAP);
/// Longest wait for the bus to start the daemon, which loads its models first.
const START: Duration = Duration::from_secs(30);
/// Longest wait for the daemon to confirm that it stopped.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection on which the daemon's unique name is known and its owner checked.
#[derive(Debug)]
pub(crate) struct Daemon {
    connection: Connection,
    bus: DBusProxy<'static>,
    owner: OwnedUniqueName,
}

impl Daemon {
    /// Connects to the system bus, has the daemon started if need be, and checks its account.
    ///
    /// # Errors
    /// No bus, no daemon, or a daemon that runs under another account than root or `fpassd`.
    pub(crate) async fn connect() -> Result<Self, Error> {
        let builder = zbus::connection::Builder::address(names::SYSTEM_BUS_ADDRESS);
        let connection = timeout(ANSWER, builder.build())
            .await
            .map_err(|_| Error::BusUnreachable)?
            .map_err(|_| Error::BusUnreachable)?;
        let bus = DBusProxy::new(&connection).await?;
        let owner = owner(&bus).await?;
        let uid = answer(bus.get_connection_unix_user(owner.clone().into())).await.map(Uid)?;
        if !may_be_the_daemon(uid)? {
            return Err(Error::DaemonForeign(uid));
        }
        Ok(Self { connection, bus, owner })
    }

    /// The interface for comparing faces.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn verification(&self) -> Result<VerificationProxy<'_>, Error> {
        let builder = VerificationProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for templates.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn enrolment(&self) -> Result<EnrolmentProxy<'_>, Error> {
        let builder = EnrolmentProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for recovery codes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn recovery(&self) -> Result<RecoveryProxy<'_>, Error> {
        let builder = RecoveryProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for what root alone may do.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn administration(&self) -> Result<AdministrationProxy<'_>, Error> {
        let builder = AdministrationProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for carrying templates to other machines.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn fleet(&self) -> Result<FleetProxy<'_>, Error> {
        let builder = FleetProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// The interface for the state of the machine.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) async fn machine(&self) -> Result<MachineProxy<'_>, Error> {
        let builder = MachineProxy::builder(&self.connection);
        Ok(builder.destination(&self.owner).build().await?)
    }

    /// User id and process id behind the daemon's connection, as the bus says.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub(crate) async fn credentials(&self) -> Result<(u32, u32), Error> {
        let name = || self.owner.clone().into();
        let uid = answer(self.bus.get_connection_unix_user(name())).await?;
        Ok((uid, answer(self.bus.get_connection_unix_process_id(name())).await?))
    }

    /// A stream whose first item says that the daemon has left the bus.
    ///
    /// # Errors
    /// When the bus does not answer.
    pub(crate) async fn departure(&self) -> Result<NameOwnerChangedStream, Error> {
        let name = [(0, self.owner.as_str())];
        answer(self.bus.receive_name_owner_changed_with_args(&name)).await
    }

    /// Waits for `work`; Ctrl-C or a termination signal stops the daemon's part of it.
    ///
    /// # Errors
    /// Those of `work`, or [`Error::Interrupted`].
    pub(crate) async fn interruptible<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.interruptible_by(&mut Stop::listen()?, work).await
    }

    /// The same, by a signal that may have come already.
    ///
    /// # Errors
    /// Those of `work`, or [`Error::Interrupted`].
    pub(crate) async fn interruptible_by<T>(
        &self,
        stop: &mut Stop,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            result = work => result,
            () = stop.raised() => {
                if let Ok(verification) = self.verification().await {
                    // Leaving the bus ends the attempt too, should this call be lost.
                    let _ = timeout(FAREWELL, verification.cancel()).await;
                }
                Err(Error::Interrupted)
            }
        }
    }
}

/// Hears when the user or the system asks this program to stop, from the moment it is made.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Stop {
    /// Begins to listen; from then on the signals do not end the program by themselves.
    ///
    /// # Errors
    /// When signals cannot be received.
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Returns when one of the signals has come.
    pub(crate) async fn raised(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// Returns when the user or the system asks this program to stop.
///
/// # Errors
/// When signals cannot be received.
pub(crate) async fn interruption() -> Result<(), Error> {
    Stop::listen()?.raised().await;
    Ok(())
}

/// Bounds a call that needs no camera.
///
/// # Errors
/// The call's own as [`Error`], or [`Error::DaemonSilent`].
pub(crate) async fn answer<T, E: Into<Error>>(
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    within(ANSWER, call).await
}

/// Bounds a call by `limit`.
///
/// # Errors
/// The call's own as [`Error`], or [`Error::DaemonSilent`].
pub(crate) async fn within<T, E: Into<Error>>(
    limit: Duration,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    timeout(limit, call).await.map_err(|_| Error::DaemonSilent)?.map_err(Into::into)
}

/// The unique name behind the daemon's bus name; the bus starts the daemon when nobody owns it.
async fn owner(bus: &DBusProxy<'_>) -> Result<OwnedUniqueName, Error> {
    let name = WellKnownName::from_static_str(names::BUS_NAME)?;
    let lookup = || answer(async { Ok::<_, Error>(bus.get_name_owner(name.clone().into()).await) });
    match lookup().await? {
        Ok(owner) => return Ok(owner),
        Err(fdo::Error::NameHasNoOwner(_)) => {}
        Err(error) => return Err(error.into()),
    }
    within(START, bus.start_service_by_name(name.clone(), 0)).await?;
    lookup().await?.map_err(|_| Error::DaemonAbsent)
}

/// Whether the account may own the daemon's name: root or the daemon's own user.
fn may_be_the_daemon(uid: Uid) -> Result<bool, Error> {
    if uid.is_root() {
        return Ok(true);
    }
    let account = User::from_name(names::DAEMON_USER).map_err(Error::UserDatabase)?;
    Ok(account.is_some_and(|account| account.uid.as_raw() == uid.0))
}
