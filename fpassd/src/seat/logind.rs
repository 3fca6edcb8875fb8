//! Facts from org.freedesktop.login1, and from org.freedesktop.systemd1 for processes in no
//! session.

use std::collections::HashSet;

use fpass_proto::Uid;
use serde::Serialize;
use zbus::{
    Connection, DeserializeDict, DynamicType, OwnedObjectPath, OwnedVariant, Proxy, Type,
    fdo::DBusProxy,
    names::UniqueName,
    proxy::{CacheProperties, MethodFlags},
    wire::DynamicDeserialize,
};

use super::{
    Sessions,
    facts::{ForegroundSession, Origin, SeatFacts, Session, SessionClass, SessionState},
    leases::SeatLease,
    not_local::NotLocal,
    process::PeerProcess,
    unit,
};

/// Bus name of logind.
pub(super) const LOGIN: &str = "org.freedesktop.login1";
/// Root of its objects.
pub(super) const LOGIN_PATH: &str = "/org/freedesktop/login1";
/// Object of the camera's seat. logind assigns no cameras to seats, so it is the first seat.
pub(super) const SEAT_PATH: &str = "/org/freedesktop/login1/seat/seat0";
/// Interfaces.
pub(super) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(super) const SEAT: &str = "org.freedesktop.login1.Seat";
pub(super) const SESSION: &str = "org.freedesktop.login1.Session";
pub(super) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Prefix of the objects of sessions.
const SESSION_PATHS: &str = "/org/freedesktop/login1/session/";
/// Name of the camera's seat.
const SEAT_NAME: &str = "seat0";
/// Error of logind for a process in no session.
const NO_SESSION: &str = "org.freedesktop.login1.NoSessionForPID";
/// The service manager.
const UNITS: &str = "org.freedesktop.systemd1";
const UNITS_PATH: &str = "/org/freedesktop/systemd1";
/// Interfaces of the service manager.
const UNIT_MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
/// Error of the service manager for a process in no unit.
const NO_UNIT: &str = "org.freedesktop.systemd1.NoUnitForPID";
/// Most sessions of one user that are examined.
const SESSIONS_MAX: usize = 64;

/// Asks logind about the process that owns one bus connection.
pub(crate) struct Logind<'a> {
    connection: &'a Connection,
    caller: &'a UniqueName<'a>,
}

/// The needed properties of a session, as logind sends them.
#[derive(DeserializeDict, Type)]
#[zbus(signature = "dict", rename_all = "PascalCase")]
struct Properties {
    user: (u32, OwnedObjectPath),
    remote: bool,
    active: bool,
    state: String,
    seat: (String, OwnedObjectPath),
    class: String,
    #[zbus(rename = "Type")]
    kind: String,
    locked_hint: bool,
}

impl From<Properties> for Session {
    fn from(properties: Properties) -> Self {
        Self {
            uid: Uid(properties.user.0),
            remote: properties.remote,
            active: properties.active,
            state: match properties.state.as_str() {
                "active" => SessionState::Active,
                "closing" => SessionState::Closing,
                _ => SessionState::Other,
            },
            at_camera: properties.seat.0 == SEAT_NAME,
            class: match properties.class.as_str() {
                "user" | "user-early" | "user-light" | "user-early-light" => SessionClass::User,
                "greeter" | "lock-screen" => SessionClass::LoginScreen,
                _ => SessionClass::Other,
            },
            displayed: matches!(properties.kind.as_str(), "tty" | "x11" | "wayland" | "mir"),
            locked: properties.locked_hint,
        }
    }
}

impl<'a> Logind<'a> {
    /// For the process that owns the connection `caller`.
    pub(crate) fn new(connection: &'a Connection, caller: &'a UniqueName<'a>) -> Self {
        Self { connection, caller }
    }

    /// Calls a method without starting the service that should answer.
    async fn call<B, R>(
        &self,
        (destination, path): (&str, &str),
        interface: &str,
        member: &str,
        body: &B,
    ) -> zbus::Result<R>
    where
        B: Serialize + DynamicType + Sync,
        R: for<'d> DynamicDeserialize<'d>,
    {
        let proxy: Proxy<'_> = zbus::proxy::Builder::new(self.connection)
            .destination(destination)
            .path(path)
            .interface(interface)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let reply = proxy.call_with_flags(member, MethodFlags::NO_AUTO_START, body).await?;
        reply.ok_or_else(|| zbus::Error::Failure("a reply was not asked for".to_owned()))
    }

    /// One property of an object.
    async fn property<T>(
        &self,
        object: (&str, &str),
        interface: &str,
        name: &'static str,
    ) -> Result<T, NotLocal>
    where
        T: TryFrom<OwnedVariant>,
    {
        let value: OwnedVariant =
            self.call(object, PROPERTIES, "Get", &(interface, name)).await.map_err(unanswered)?;
        T::try_from(value).map_err(|_| NotLocal::Invalid(name))
    }

    /// The properties of a session.
    async fn session(&self, path: &str) -> Result<Session, NotLocal> {
        if !path.starts_with(SESSION_PATHS) {
            return Err(NotLocal::Invalid("the path of a session"));
        }
        let properties: Properties = self
            .call((LOGIN, path), PROPERTIES, "GetAll", &(SESSION,))
            .await
            .map_err(unanswered)?;
        Ok(properties.into())
    }

    /// The session that a process is in.
    async fn session_of(&self, process: u32) -> Result<Option<OwnedObjectPath>, NotLocal> {
        let answer: zbus::Result<OwnedObjectPath> =
            self.call((LOGIN, LOGIN_PATH), MANAGER, "GetSessionByPID", &(process,)).await;
        match answer {
            Ok(path) => Ok(Some(path)),
            Err(error) if is_named(&error, NO_SESSION) => Ok(None),
            Err(error) => Err(unanswered(error)),
        }
    }

    /// The session in the foreground of the camera's seat.
    async fn foreground(&self, lease: &SeatLease) -> Result<Option<ForegroundSession>, NotLocal> {
        let (id, path): (String, OwnedObjectPath) =
            self.property((LOGIN, SEAT_PATH), SEAT, "ActiveSession").await?;
        if id.is_empty() {
            return Ok(None);
        }
        lease.depend_on(path.as_str());
        let session = self.session(path.as_str()).await?;
        let remote_elsewhere = self.has_remote(session.uid, path.as_str()).await?;
        Ok(Some(ForegroundSession { session, remote_elsewhere }))
    }

    /// Whether a user has another session than this one that is remote.
    async fn has_remote(&self, uid: Uid, this: &str) -> Result<bool, NotLocal> {
        let user: OwnedObjectPath = self
            .call((LOGIN, LOGIN_PATH), MANAGER, "GetUser", &(uid.0,))
            .await
            .map_err(unanswered)?;
        let sessions: Vec<(String, OwnedObjectPath)> = self
            .property((LOGIN, user.as_str()), "org.freedesktop.login1.User", "Sessions")
            .await?;
        let paths: HashSet<&str> = sessions.iter().map(|(_, path)| path.as_str()).collect();
        if paths.len() > SESSIONS_MAX {
            return Err(NotLocal::Invalid("the number of sessions"));
        }
        for path in paths.into_iter().filter(|path| *path != this) {
            if self.session(path).await?.remote {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where a process in no session runs.
    async fn outside(&self, process: u32) -> Result<Origin, NotLocal> {
        let answer: zbus::Result<OwnedObjectPath> =
            self.call((UNITS, UNITS_PATH), UNIT_MANAGER, "GetUnitByPID", &(process,)).await;
        let path = match answer {
            Ok(path) => path,
            Err(error) if is_named(&error, NO_UNIT) => return Ok(Origin::Elsewhere),
            Err(error) => return Err(unanswered(error)),
        };
        let name: String = self.property((UNITS, path.as_str()), UNIT, "Id").await?;
        Ok(match unit::manager_of(&name) {
            Some(owner) => Origin::UserManager(owner),
            None if unit::is_service(&name) => Origin::Service(name),
            None => Origin::Elsewhere,
        })
    }
}

impl Sessions for Logind<'_> {
    async fn facts(&self, lease: &SeatLease) -> Result<SeatFacts, NotLocal> {
        let bus = DBusProxy::new(self.connection).await.map_err(unanswered)?;
        let process = PeerProcess::of(&bus, self.caller).await?;
        let facts = match self.session_of(process.id()).await? {
            Some(path) => {
                lease.depend_on(path.as_str());
                SeatFacts {
                    origin: Origin::Session(self.session(path.as_str()).await?),
                    foreground: None,
                }
            }
            None => {
                let origin = self.outside(process.id()).await?;
                SeatFacts { origin, foreground: self.foreground(lease).await? }
            }
        };
        process.confirm(&bus, self.caller).await?;
        Ok(facts)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unanswered(error: zbus::Error) -> NotLocal {
    NotLocal::Unanswered(error.to_string())
}

fn is_named(error: &zbus::Error, name: &str) -> bool {
    matches!(error, zbus::Error::MethodError(given, _, _) if given.as_str() == name)
}
