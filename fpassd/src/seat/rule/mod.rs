//! The pure rule that decides from facts whether a caller is at this machine.

use fpass_proto::{SeatConfig, ServiceName, Uid};

use super::{
    facts::{
        CameraUse, FarSession, LastInput, Origin, SeatFacts, SeatPlace, SeatRequest, Session,
        SessionClass, SessionIdentity, SessionState, Typists,
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

/// Whether the caller is at this machine, and at which place.
///
/// # Errors
/// The first reason why not.
pub(super) fn judge(
    facts: &SeatFacts,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<SeatPlace, NotLocal> {
    let SeatFacts { origin, foreground, typists, lid_closed: _ } = facts;
    let foreground = foreground.as_ref();
    match origin {
        Origin::Session(session) => in_session(session, typists, request, config),
        Origin::UserManager(owner) => {
            if !config.user_manager {
                return Err(NotLocal::UserManager);
            }
            let session = at_work(*owner, foreground, request)?;
            as_person(session, typists, request)
        }
        Origin::Service(unit) => {
            in_service(unit, foreground, typists, request, config).map(|()| SeatPlace::Elsewhere)
        }
        Origin::Elsewhere => Err(NotLocal::Elsewhere),
    }
}

/// The unlocked session of `request.subject` that an admitted caller asks from for a program of
/// root; `None` for a greeter, a lock screen or a self-test.
pub(super) fn work_session(
    facts: &SeatFacts,
    request: &SeatRequest<'_>,
) -> Option<SessionIdentity> {
    let session = match &facts.origin {
        Origin::Session(session) => session,
        Origin::UserManager(_) | Origin::Service(_) => facts.foreground.as_ref()?,
        Origin::Elsewhere => return None,
    };
    let is_at_work = match request.camera_use {
        CameraUse::Verdict(service) => request.caller.is_root() && !service.is_user_locker(),
        CameraUse::Prewarm | CameraUse::Own => false,
    };
    let is_own = session.class == SessionClass::User && session.uid == request.subject;
    let is_open = require_attended(session).is_ok() && !session.locked;
    session.identity.clone().filter(|_| is_at_work && is_own && is_open)
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
    typists: &Typists,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<SeatPlace, NotLocal> {
    require_attended(session)?;
    let root = request.caller.is_root();
    match session.class {
        SessionClass::User if root || request.caller == session.uid => {
            as_person(session, typists, request)
        }
        SessionClass::User => Err(NotLocal::OtherUser),
        SessionClass::LoginScreen if !root => Err(NotLocal::NotRoot),
        SessionClass::LoginScreen if EntryPath::LoginScreen.admits(request.camera_use, config) => {
            Ok(SeatPlace::Elsewhere)
        }
        SessionClass::LoginScreen => Err(NotLocal::ServiceNotListed),
        SessionClass::Other => Err(NotLocal::UnknownClass),
    }
}

/// Whether the caller may ask as the person who sits at this session.
fn as_person(
    session: &Session,
    typists: &Typists,
    request: &SeatRequest<'_>,
) -> Result<SeatPlace, NotLocal> {
    let root = request.caller.is_root();
    let locker = match request.camera_use {
        CameraUse::Verdict(service) => service.is_user_locker(),
        CameraUse::Prewarm | CameraUse::Own => false,
    };
    // A lock screen reads the keyboard of its seat, and lets nobody in but the person there.
    if locker {
        let proven = session.locked && !root;
        return Ok(if proven { SeatPlace::UserLocker } else { SeatPlace::Elsewhere });
    }
    // Behind a locked screen nobody uses another program that asks as root.
    if root && session.locked {
        return Err(NotLocal::Locked);
    }
    require_typing_here(typists)?;
    Ok(SeatPlace::Elsewhere)
}

/// Checks that nobody types at the caller from elsewhere.
fn require_typing_here(typists: &Typists) -> Result<(), NotLocal> {
    if typists.at_own_console {
        return Ok(());
    }
    match &typists.far_sessions {
        Ok(sessions) if sessions.iter().copied().any(may_be_typed_at) => Err(NotLocal::FarSession),
        Ok(_) => Ok(()),
        Err(reason) => Err(reason.clone()),
    }
}

/// Whether somebody may be typing in a session from elsewhere.
fn may_be_typed_at(session: FarSession) -> bool {
    match (session.input, session.closing) {
        (LastInput::Recent, _) => true,
        (LastInput::LongAgo, _) => false,
        // An open connection can carry commands without a terminal; one that has ended cannot.
        (LastInput::Unknown, closing) => !closing,
    }
}

/// The foreground session, if a person sits at it, it belongs to `uid`, and `uid` or root calls.
fn at_work<'a>(
    uid: Uid,
    foreground: Option<&'a Session>,
    request: &SeatRequest<'_>,
) -> Result<&'a Session, NotLocal> {
    if !request.caller.is_root() && request.caller != uid {
        return Err(NotLocal::OtherUser);
    }
    let session = foreground.ok_or(NotLocal::NobodyThere)?;
    require_attended(session)?;
    if session.class != SessionClass::User {
        Err(NotLocal::NobodyThere)
    } else if session.uid != uid {
        Err(NotLocal::OtherUser)
    } else {
        Ok(session)
    }
}

fn in_service(
    unit: &str,
    foreground: Option<&Session>,
    typists: &Typists,
    request: &SeatRequest<'_>,
    config: &SeatConfig,
) -> Result<(), NotLocal> {
    if !request.caller.is_root() {
        return Err(NotLocal::NotRoot);
    }
    let mut outcome = Err(NotLocal::ServiceNotListed);
    for path in EntryPath::ALL.into_iter().filter(|path| path.admits(request.camera_use, config)) {
        outcome = by_path(path, unit, foreground, typists, request);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn by_path(
    path: EntryPath,
    unit: &str,
    foreground: Option<&Session>,
    typists: &Typists,
    request: &SeatRequest<'_>,
) -> Result<(), NotLocal> {
    match path {
        EntryPath::Console if !unit::is_console(unit) => Err(NotLocal::OtherUnit(unit.to_owned())),
        EntryPath::Console => match foreground {
            None => Ok(()),
            // Left by the previous login.
            Some(session) if session.state == SessionState::Closing => Ok(()),
            Some(_) => Err(NotLocal::SeatTaken),
        },
        EntryPath::LoginScreen => {
            let session = foreground.ok_or(NotLocal::NobodyThere)?;
            require_attended(session)?;
            match session.class {
                SessionClass::LoginScreen => Ok(()),
                SessionClass::User if session.uid != request.subject => Err(NotLocal::OtherUser),
                // GDM serves logins from other machines with the same process and PAM service. The
                // owner of an unlocked session has nothing to log in to here.
                SessionClass::User if !session.locked => Err(NotLocal::NothingToUnlock),
                SessionClass::User => Ok(()),
                SessionClass::Other => Err(NotLocal::UnknownClass),
            }
        }
        EntryPath::Agent => {
            let other = || NotLocal::OtherUnit(unit.to_owned());
            let peer = unit::peer_of(unit).ok_or_else(other)?;
            let session = at_work(peer, foreground, request)?;
            if session.locked {
                return Err(NotLocal::Locked);
            }
            require_typing_here(typists)
        }
    }
}

#[cfg(test)]
mod tests;
