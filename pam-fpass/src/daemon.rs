//! Calls to the daemon, each within one deadline: over the system bus, or for a verdict over the
//! daemon's socket for root.
//!
//! Runtime, connection and signal descriptor are made for one call and closed when it returns. The
//! daemon notices the end of the connection and frees the camera.

mod recovery;
mod root_socket;
mod set_up;
mod verification;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use fpass_proto::proxy::VerificationProxy;
use fpass_proto::{
    EnrolmentState, Guidance, Prompt, Refusal, Strength, Uid, Verdict, limits, names,
};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;
use tokio::time::{Instant, timeout_at};
use zbus::fdo::{self, DBusProxy, NameOwnerChangedStream};
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};
use zbus::proxy::{self, CacheProperties};
use zbus::{Connection, connection};

use crate::interrupt::SignalWatch;
use crate::outcome::Outcome;
use crate::preflight::Subject;
use crate::socket::BusSocket;
use crate::users;

/// Most connections to the socket for root in one call. A daemon that ends before it has read the
/// request has begun no attempt, so its successor is asked once.
const CONNECTIONS: usize = 2;

/// The daemon, as the module uses it.
pub(crate) trait Daemon {
    /// Whether the person in front of the camera is the subject. `limit` bounds the whole call.
    /// `show` gets the prompts.
    ///
    /// # Errors
    /// Every result but a verdict, including the errors of `show`.
    fn verify(
        &self,
        subject: &Subject,
        limit: Duration,
        show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
    ) -> Result<Verdict, Outcome>;

    /// Starts the camera ahead of an attempt for this user.
    ///
    /// # Errors
    /// Every result but success. No result is a verdict.
    fn prewarm(&self, uid: Uid, limit: Duration) -> Result<(), Outcome>;

    /// Whether the user has an F-pass.
    ///
    /// # Errors
    /// Every result but a state.
    fn state(&self, uid: Uid, limit: Duration) -> Result<EnrolmentState, Outcome>;

    /// Sets up the first F-pass of the subject. `report` gets the hints.
    ///
    /// # Errors
    /// Every result but a set-up, including the errors of `report`.
    fn set_up(
        &self,
        subject: &Subject,
        limit: Duration,
        report: &mut dyn FnMut(Hint) -> Result<(), Outcome>,
    ) -> Result<Strength, Outcome>;

    /// Number of recovery codes that the subject has left.
    ///
    /// # Errors
    /// Every result but a number.
    fn recovery_codes(&self, subject: &Subject, limit: Duration) -> Result<u32, Outcome>;

    /// Uses up a recovery code. Only `Ok` means that it was right.
    ///
    /// # Errors
    /// Every other result.
    fn recover(&self, subject: &Subject, code: &str, limit: Duration) -> Result<(), Outcome>;
}

/// What the daemon tells the person during an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// What the person should do for the check that they are no picture.
    Prompt(Prompt),
    /// How far the enrolment is.
    Progress(Progress),
}

/// Progress of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Frames taken so far.
    pub(crate) taken: u32,
    /// Frames needed.
    pub(crate) wanted: u32,
    /// What the person should do next.
    pub(crate) guidance: Guidance,
}

/// `fpassd` on this computer.
pub(crate) struct SystemDaemon;

impl Daemon for SystemDaemon {
    fn verify(
        &self,
        subject: &Subject,
        limit: Duration,
        show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
    ) -> Result<Verdict, Outcome> {
        let deadline = Instant::now() + limit;
        let account = users::daemon();
        run_until(deadline, async {
            for _ in 0..CONNECTIONS {
                let Some(stream) = root_socket::connect().await else {
                    let verify = async |session: &Session| {
                        verification::verify(session, subject, show).await
                    };
                    return on_bus(deadline, account, verify).await;
                };
                let verdict = root_socket::verify(stream, account, subject, deadline, show);
                if let Some(verdict) = verdict.await? {
                    return Ok(verdict);
                }
            }
            Err(Outcome::ConnectionLost)
        })
    }

    fn prewarm(&self, uid: Uid, limit: Duration) -> Result<(), Outcome> {
        with_daemon(limit, async |session| {
            let proxy = session.proxy(VerificationProxy::builder(&session.bus)).await?;
            proxy.prewarm(uid.0).await.map_err(|error| call_error(&error))
        })
    }

    fn state(&self, uid: Uid, limit: Duration) -> Result<EnrolmentState, Outcome> {
        with_daemon(limit, async |session| set_up::state(session, uid).await)
    }

    fn set_up(
        &self,
        subject: &Subject,
        limit: Duration,
        report: &mut dyn FnMut(Hint) -> Result<(), Outcome>,
    ) -> Result<Strength, Outcome> {
        with_daemon(limit, async |session| set_up::set_up(session, subject, report).await)
    }

    fn recovery_codes(&self, subject: &Subject, limit: Duration) -> Result<u32, Outcome> {
        recovery::count(subject, limit)
    }

    fn recover(&self, subject: &Subject, code: &str, limit: Duration) -> Result<(), Outcome> {
        with_daemon(limit, async |session| recovery::redeem(session, subject, code).await)
    }
}

/// One call to the daemon: the connection, the daemon's unique name and the deadline.
struct Session {
    bus: Connection,
    owner: OwnedUniqueName,
    deadline: Instant,
}

impl Session {
    /// Builds the proxy of an interface of the daemon.
    async fn proxy<T>(&self, builder: proxy::Builder<'static, T>) -> Result<T, Outcome>
    where
        T: From<zbus::Proxy<'static>> + zbus::proxy::Defaults,
    {
        builder
            .destination(self.owner.clone())
            .cache_properties(CacheProperties::No)
            .build()
            .await
            .map_err(|error| call_error(&error))
    }

    /// Milliseconds left for the daemon.
    fn remaining_ms(&self) -> Result<u32, Outcome> {
        remaining_ms(self.deadline)
    }
}

/// Milliseconds left for the daemon. It gives up before our own deadline, so that its reason
/// arrives.
fn remaining_ms(deadline: Instant) -> Result<u32, Outcome> {
    let left = deadline
        .saturating_duration_since(Instant::now())
        .checked_sub(limits::DEADLINE_MARGIN)
        .ok_or(Outcome::DeadlinePassed)?;
    Ok(u32::try_from(left.as_millis()).unwrap_or(u32::MAX))
}

/// Makes one call over the bus within the limit.
fn with_daemon<T>(
    limit: Duration,
    call: impl AsyncFnOnce(&Session) -> Result<T, Outcome>,
) -> Result<T, Outcome> {
    let deadline = Instant::now() + limit;
    run_until(deadline, on_bus(deadline, users::daemon(), call))
}

/// Makes one call over the bus. The same connection must own the daemon's name before and after it.
async fn on_bus<T>(
    deadline: Instant,
    account: Option<Uid>,
    call: impl AsyncFnOnce(&Session) -> Result<T, Outcome>,
) -> Result<T, Outcome> {
    let bus = connect().await?;
    let mut daemon = DaemonOwner::find(&bus, account).await?;
    let session = Session { bus, owner: daemon.owner.clone(), deadline };
    daemon.unchanged_during(call(&session)).await
}

/// Runs `work` on this thread until it is done, the deadline passes or a signal asks to stop.
fn run_until<T>(
    deadline: Instant,
    work: impl Future<Output = Result<T, Outcome>>,
) -> Result<T, Outcome> {
    let watch = SignalWatch::start()?;
    // This flavour runs on the caller's thread and starts no other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| io_error(&error, Outcome::NoResources))?;
    let result = runtime.block_on(async {
        let bounded = pin!(timeout_at(deadline, work));
        match select(pin!(watch.signalled()), bounded).await {
            Either::Left((outcome, _)) => Err(outcome),
            Either::Right((answer, _)) => answer.unwrap_or(Err(Outcome::DeadlinePassed)),
        }
    });
    // Closes the connection while the signals are still blocked.
    drop(runtime);
    drop(watch);
    result
}

async fn connect() -> Result<Connection, Outcome> {
    // The address is fixed: a user who runs sudo controls the environment.
    let path = names::SYSTEM_BUS_ADDRESS.strip_prefix("unix:path=").ok_or(Outcome::NoBus)?;
    let socket =
        BusSocket::connect(path).await.map_err(|error| io_error(&error, Outcome::NoBus))?;
    connection::Builder::socket(socket).build().await.map_err(|error| match error {
        zbus::Error::InputOutput(error) => io_error(&error, Outcome::NoBus),
        _ => Outcome::NoBus,
    })
}

/// The connection that owns the daemon's name and runs under an allowed account.
struct DaemonOwner {
    owner: OwnedUniqueName,
    bus: DBusProxy<'static>,
    changes: NameOwnerChangedStream,
}

impl DaemonOwner {
    /// Finds the owner, starting the daemon if nobody owns the name, and checks its account.
    async fn find(connection: &Connection, account: Option<Uid>) -> Result<Self, Outcome> {
        let bus = DBusProxy::builder(connection)
            .cache_properties(CacheProperties::No)
            .build()
            .await
            .map_err(|_| Outcome::NoBus)?;
        // Subscribed before the owner is looked up, so that no change is missed.
        let changes = bus
            .receive_name_owner_changed_with_args(&[(0, names::BUS_NAME)])
            .await
            .map_err(|_| Outcome::NoBus)?;
        let owner = match owner(&bus).await {
            Err(fdo::Error::NameHasNoOwner(_)) => {
                start(&bus).await?;
                owner(&bus).await
            }
            found => found,
        }
        .map_err(|_| Outcome::NoDaemon)?;
        let uid = bus
            .get_connection_unix_user(BusName::Unique(owner.as_ref()))
            .await
            .map_err(|_| Outcome::ConnectionLost)?;
        if !names::may_own_bus_name(Uid(uid), account) {
            return Err(Outcome::WrongOwner);
        }
        Ok(Self { owner, bus, changes })
    }

    /// Waits for an answer and accepts it only if the owner of the name is still the same. Refusals
    /// are checked too: with `nullok` one of them lets the user past.
    async fn unchanged_during<T>(
        &mut self,
        answer: impl Future<Output = Result<T, Outcome>>,
    ) -> Result<T, Outcome> {
        let changed = pin!(changed(&mut self.changes, &self.owner));
        let answer = match select(changed, pin!(answer)).await {
            Either::Left((outcome, _)) => return Err(outcome),
            Either::Right((answer, _)) => answer,
        };
        match owner(&self.bus).await {
            Ok(owner) if owner == self.owner => answer,
            Ok(_) => Err(Outcome::OwnerChanged),
            Err(_) => Err(Outcome::ConnectionLost),
        }
    }
}

async fn owner(bus: &DBusProxy<'_>) -> fdo::Result<OwnedUniqueName> {
    bus.get_name_owner(BusName::WellKnown(daemon_name())).await
}

async fn start(bus: &DBusProxy<'_>) -> Result<(), Outcome> {
    match bus.start_service_by_name(daemon_name(), 0).await {
        Ok(_) => Ok(()),
        Err(fdo::Error::NoMemory(_)) => Err(Outcome::OutOfMemory),
        Err(_) => Err(Outcome::NoDaemon),
    }
}

fn daemon_name() -> WellKnownName<'static> {
    WellKnownName::from_static_str_unchecked(names::BUS_NAME)
}

/// Completes when another connection, or none, owns the name.
async fn changed(changes: &mut NameOwnerChangedStream, owner: &OwnedUniqueName) -> Outcome {
    while let Some(change) = changes.next().await {
        let Ok(change) = change.args() else {
            return Outcome::VersionSkew;
        };
        match change.new_owner().as_ref() {
            Some(new) if *new == *owner => {}
            Some(_) => return Outcome::OwnerChanged,
            None => return Outcome::ConnectionLost,
        }
    }
    Outcome::ConnectionLost
}

/// The outcome for an error of a call to the daemon.
fn call_error(error: &zbus::Error) -> Outcome {
    match error {
        zbus::Error::MethodError(name, _, _) => {
            Refusal::from_error_name(name.as_str()).map_or(Outcome::VersionSkew, Outcome::Refused)
        }
        zbus::Error::FDO(error) => match **error {
            fdo::Error::NoMemory(_) => Outcome::OutOfMemory,
            fdo::Error::UnknownMethod(_)
            | fdo::Error::UnknownInterface(_)
            | fdo::Error::UnknownObject(_)
            | fdo::Error::InvalidArgs(_) => Outcome::VersionSkew,
            _ => Outcome::ConnectionLost,
        },
        zbus::Error::InputOutput(error) => io_error(error, Outcome::ConnectionLost),
        // The other errors mean a body that does not fit the contract.
        _ => Outcome::VersionSkew,
    }
}

fn io_error(error: &io::Error, otherwise: Outcome) -> Outcome {
    match error.kind() {
        io::ErrorKind::OutOfMemory => Outcome::OutOfMemory,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests;
