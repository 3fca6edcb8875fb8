//! The pure rule that decides from facts whether a caller is at this machine.

use fpass_proto::{SeatConfig, ServiceName, Uid};

use super::{
    facts::{
        CameraUse, ForegroundSession, Origin, SeatFacts, SeatRequest, Session, SessionClass,
        SessionState,
    },
    not_local::NotLocal,
    unit,
};

/// How a person at this machine reaches the daemon from outside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryPath {
    /// `login` at a virtual console, before a session exists.
    Console,
    /// The process of a display manager that serves a greeter or a lock screen.
    LoginScreen,
    /// A service that an agent in the session of a user started.
    Agent,
}

impl EntryPath {
    const ALL: [Self; 3] = [Self::Console, Self::LoginScreen, Self::Agent];

    /// The services that may use this path.
    fn services(self, config: &SeatConfig) -> &[ServiceName] {
        match self {
            Self::Console => &config.console_services,
            Self::LoginScreen => &config.login_screen_services,
            Self::Agent => &config.agent_services,
        }
    }

    /// Whether a call with this use of the camera may take this path.
    fn admits(self, camera_use: CameraUse<'_>, config: &SeatConfig) -> bool {
        let services = self.services(config);
        match camera_use {
            CameraUse::Verdict(service) => services.contains(service),
            CameraUse::Prewarm => !services.is_empty(),
            CameraUse::Own => false,
        }
    }
}

/// Whether the caller is at this machine.
///
/// # Errors
/// The first reason why not.
pub(super) fn judge(
    facts: &SeatFacts,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<(), NotLocal> {
    let foreground = facts.foreground.as_ref();
    match &facts.origin {
        Origin::Session(session) => in_session(session, request, config),
        Origin::UserManager(owner) => in_user_manager(*owner, foreground, request, config),
        Origin::Service(unit) => in_service(unit, foreground, request, config),
        Origin::Elsewhere => Err(NotLocal::Elsewhere),
    }
}

/// Checks that a person sits at the session, in front of the camera.
fn require_attended(session: &Session) -> Result<(), NotLocal> {
    if session.remote {
        Err(NotLocal::Remote)
    } else if !session.at_camera {
        Err(NotLocal::OtherSeat)
    } else if !session.active || session.state != SessionState::Active {
        Err(NotLocal::Inactive)
    } else if !session.displayed {
        Err(NotLocal::UnknownType)
    } else {
        Ok(())
    }
}

fn in_session(
    session: &Session,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<(), NotLocal> {
    require_attended(session)?;
    let root = request.caller.is_root();
    match session.class {
        SessionClass::User if root || request.caller == session.uid => Ok(()),
        SessionClass::User => Err(NotLocal::OtherUser),
        SessionClass::LoginScreen if !root => Err(NotLocal::NotRoot),
        SessionClass::LoginScreen if EntryPath::LoginScreen.admits(request.camera_use, config) => {
            Ok(())
        }
        SessionClass::LoginScreen => Err(NotLocal::ServiceNotListed),
        SessionClass::Other => Err(NotLocal::UnknownClass),
    }
}

/// A desktop starts its terminals through the service manager of the user, and a remote login can
/// do the same. The caller counts as the person at the seat if the user has no remote session.
fn in_user_manager(
    owner: Uid,
    foreground: Option<&ForegroundSession>,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<(), NotLocal> {
    if !config.user_manager {
        return Err(NotLocal::UserManager);
    }
    let root = request.caller.is_root();
    if !root && request.caller != owner {
        return Err(NotLocal::OtherUser);
    }
    let session = at_work(owner, foreground)?;
    // The lock screen of a desktop asks as its user. Behind a locked screen nobody uses a program
    // that asks as root.
    if root && session.locked { Err(NotLocal::Locked) } else { Ok(()) }
}

/// The foreground session, if it belongs to `uid` and that user has no remote session.
fn at_work(uid: Uid, foreground: Option<&ForegroundSession>) -> Result<&Session, NotLocal> {
    let ForegroundSession { session, remote_elsewhere } =
        foreground.ok_or(NotLocal::NobodyThere)?;
    require_attended(session)?;
    if session.class != SessionClass::User {
        Err(NotLocal::NobodyThere)
    } else if session.uid != uid {
        Err(NotLocal::OtherUser)
    } else if *remote_elsewhere {
        Err(NotLocal::RemoteElsewhere)
    } else {
        Ok(session)
    }
}

fn in_service(
    unit: &str,
    foreground: Option<&ForegroundSession>,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<(), NotLocal> {
    if !request.caller.is_root() {
        return Err(NotLocal::NotRoot);
    }
    let mut outcome = Err(NotLocal::ServiceNotListed);
    for path in EntryPath::ALL.into_iter().filter(|path| path.admits(request.camera_use, config)) {
        outcome = by_path(path, unit, foreground, request);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn by_path(
    path: EntryPath,
    unit: &str,
    foreground: Option<&ForegroundSession>,
    request: &SeatRequest<'_>,
) -> Result<(), NotLocal> {
    match path {
        EntryPath::Console if !unit::is_console(unit) => Err(NotLocal::OtherUnit(unit.to_owned())),
        EntryPath::Console => match foreground {
            None => Ok(()),
            // Left by the previous login.
            Some(foreground) if foreground.session.state == SessionState::Closing => Ok(()),
            Some(_) => Err(NotLocal::SeatTaken),
        },
        EntryPath::LoginScreen => {
            let ForegroundSession { session, .. } = foreground.ok_or(NotLocal::NobodyThere)?;
            require_attended(session)?;
            match session.class {
                SessionClass::LoginScreen => Ok(()),
                SessionClass::User if session.uid != request.subject => Err(NotLocal::OtherUser),
                // Prewarm names no service, so it is allowed only while the session reports that it
                // is locked.
                SessionClass::User
                    if request.camera_use == CameraUse::Prewarm && !session.locked =>
                {
                    Err(NotLocal::NothingToUnlock)
                }
                SessionClass::User => Ok(()),
                SessionClass::Other => Err(NotLocal::UnknownClass),
            }
        }
        EntryPath::Agent => {
            let other = || NotLocal::OtherUnit(unit.to_owned());
            let peer = unit::peer_of(unit).ok_or_else(other)?;
            let session = at_work(peer, foreground)?;
            if session.locked { Err(NotLocal::Locked) } else { Ok(()) }
        }
    }
}

#[cfg(test)]
mod tests;
