//! Facts from org.freedesktop.login1, and from org.freedesktop.systemd1 for processes in no
//! session.

use fpass_proto::Uid;
use serde::Serialize;
use zbus::{
    Connection, DeserializeDict, DynamicType, OwnedObjectPath, OwnedVariant, Proxy, Type, fdo,
    proxy::{CacheProperties, MethodFlags},
    wire::DynamicDeserialize,
};

use super::{
    facts::{Origin, Session, SessionClass, SessionIdentity, SessionState},
    leases::SeatLease,
    not_local::NotLocal,
    process::Endpoint,
    recent::{RecentSessions, SESSION_PATHS},
    terminal::Terminal,
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
/// Name of the camera's seat.
const SEAT_NAME: &str = "seat0";
/// Errors of logind for a process in no session, and for a session that has ended.
const NO_SESSION: &str = "org.freedesktop.login1.NoSessionForPID";
const ENDED: &str = "org.freedesktop.login1.NoSuchSession";
/// The service manager.
const UNITS: &str = "org.freedesktop.systemd1";
const UNITS_PATH: &str = "/org/freedesktop/systemd1";
/// Interfaces of the service manager.
const UNIT_MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
/// Error of the service manager for a process in no unit.
const NO_UNIT: &str = "org.freedesktop.systemd1.NoUnitForPID";

/// Asks logind about the process of one caller.
pub(crate) struct Logind<'a> {
    pub(super) connection: &'a Connection,
    pub(super) caller: &'a Endpoint,
    pub(super) recent: &'a RecentSessions,
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
    #[zbus(rename = "TTY")]
    terminal: Option<String>,
    /// When it began, in microseconds.
    timestamp_monotonic: Option<u64>,
}

/// A session in the list of all sessions.
#[derive(Clone, Debug)]
pub(super) struct ListedSession {
    pub(super) id: String,
    pub(super) uid: Uid,
    /// Path of its object.
    pub(super) path: String,
}

/// A session, and how it is used.
#[derive(Clone, Debug)]
pub(super) struct LoginSession {
    /// The session, as the rule judges it.
    pub(super) session: Session,
    /// Its first terminal.
    pub(super) terminal: Option<Terminal>,
    /// Whether it is used at terminals only.
    pub(super) is_text: bool,
}

impl LoginSession {
    /// The virtual console of a session at a text console.
    pub(super) fn console(&self) -> Option<u32> {
        match self.terminal {
            Some(Terminal::Console(number)) if self.is_text => Some(number),
            _ => None,
        }
    }
}

impl LoginSession {
    /// The session with the object at `path`.
    fn at(path: &str, properties: &Properties) -> Self {
        // 0 is that of a session which logind has not begun.
        let began_us = properties.timestamp_monotonic.filter(|began| *began > 0);
        let identity = |began_us| SessionIdentity { path: path.to_owned(), began_us };
        let session = Session {
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
            identity: began_us.map(identity),
        };
        let terminal = properties.terminal.as_deref().and_then(Terminal::from_name);
        Self { session, terminal, is_text: properties.kind == "tty" }
    }
}

impl<'a> Logind<'a> {
    /// For the process of `caller`. `recent` is asked about ahead.
    pub(crate) fn new(
        connection: &'a Connection,
        caller: &'a Endpoint,
        recent: &'a RecentSessions,
    ) -> Self {
        Self { connection, caller, recent }
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
    pub(super) async fn session(&self, path: &str) -> Result<LoginSession, NotLocal> {
        self.properties(path).await?.map_err(unanswered)
    }

    /// The properties of a session, or none if it has ended.
    pub(super) async fn session_if_any(
        &self,
        path: &str,
    ) -> Result<Option<LoginSession>, NotLocal> {
        match self.properties(path).await? {
            Ok(session) => Ok(Some(session)),
            Err(error) if has_ended(&error) => Ok(None),
            Err(error) => Err(unanswered(error)),
        }
    }

    async fn properties(&self, path: &str) -> Result<zbus::Result<LoginSession>, NotLocal> {
        if !path.starts_with(SESSION_PATHS) {
            return Err(NotLocal::Invalid("the path of a session"));
        }
        let answer: zbus::Result<Properties> =
            self.call((LOGIN, path), PROPERTIES, "GetAll", &(SESSION,)).await;
        Ok(answer.map(|properties| LoginSession::at(path, &properties)))
    }

    /// The object path of the session with this id, or none if it has ended.
    pub(super) async fn session_path(&self, id: &str) -> Result<Option<String>, NotLocal> {
        let answer: zbus::Result<OwnedObjectPath> =
            self.call((LOGIN, LOGIN_PATH), MANAGER, "GetSession", &(id,)).await;
        match answer {
            Ok(path) => Ok(Some(path.as_str().to_owned())),
            Err(error) if has_ended(&error) => Ok(None),
            Err(error) => Err(unanswered(error)),
        }
    }

    /// Every session.
    pub(super) async fn sessions(&self) -> Result<Vec<ListedSession>, NotLocal> {
        type Row = (String, u32, String, String, OwnedObjectPath);
        let rows: Vec<Row> = self
            .call((LOGIN, LOGIN_PATH), MANAGER, "ListSessions", &())
            .await
            .map_err(unanswered)?;
        let listed = |(id, uid, _, _, path): Row| {
            let path = path.as_str().to_owned();
            ListedSession { id, uid: Uid(uid), path }
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// The session that a process is in.
    pub(super) async fn session_of(
        &self,
        process: u32,
    ) -> Result<Option<OwnedObjectPath>, NotLocal> {
        let answer: zbus::Result<OwnedObjectPath> =
            self.call((LOGIN, LOGIN_PATH), MANAGER, "GetSessionByPID", &(process,)).await;
        match answer {
            Ok(path) => Ok(Some(path)),
            Err(error) if is_named(&error, NO_SESSION) => Ok(None),
            Err(error) => Err(unanswered(error)),
        }
    }

    /// The session in the foreground of the camera's seat.
    pub(super) async fn foreground(&self, lease: &SeatLease) -> Result<Option<Session>, NotLocal> {
        let (id, path): (String, OwnedObjectPath) =
            self.property((LOGIN, SEAT_PATH), SEAT, "ActiveSession").await?;
        if id.is_empty() {
            return Ok(None);
        }
        lease.depend_on(path.as_str());
        Ok(Some(self.session(path.as_str()).await?.session))
    }

    /// Where a process in no session runs.
    pub(super) async fn outside(&self, process: u32) -> Result<Origin, NotLocal> {
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

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn unanswered(error: zbus::Error) -> NotLocal {
    NotLocal::Unanswered(error.to_string())
}

/// Whether an error says that a session has ended. Its object is gone then.
fn has_ended(error: &zbus::Error) -> bool {
    match error {
        zbus::Error::FDO(error) => matches!(**error, fdo::Error::UnknownObject(_)),
        error => is_named(error, ENDED),
    }
}

fn is_named(error: &zbus::Error, name: &str) -> bool {
    matches!(error, zbus::Error::MethodError(given, _, _) if given.as_str() == name)
}
