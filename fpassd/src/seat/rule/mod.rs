//! The pure table from the facts about a caller to an admission.

use fpass_proto::Uid;

use super::{
    config::SeatConfig,
    facts::{Class, Facts, Front, Place, Purpose, Request, Session, State},
    not_here::NotHere,
    unit,
};

/// Ways in which somebody at this machine reaches the daemon from outside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// `login` at a virtual console, before there is a session.
    Console,
    /// The process of a display manager that stands behind a greeter or a lock screen.
    LoginScreen,
    /// A service that was started by an agent in somebody's session.
    Agent,
}

impl Door {
    const ALL: [Self; 3] = [Self::Console, Self::LoginScreen, Self::Agent];

    /// The services that come this way.
    fn services(self, config: &SeatConfig) -> &[String] {
        match self {
            Self::Console => &config.console_services,
            Self::LoginScreen => &config.login_screen_services,
            Self::Agent => &config.agent_services,
        }
    }

    /// Whether a call with this purpose may come this way.
    fn opens_to(self, purpose: Purpose<'_>, config: &SeatConfig) -> bool {
        let services = self.services(config);
        match purpose {
            Purpose::Verdict(service) => services.iter().any(|listed| listed == service),
            Purpose::Prewarm => !services.is_empty(),
            Purpose::Own => false,
        }
    }
}

/// Whether the caller is at this machine.
///
/// # Errors
/// The first reason why not.
pub(super) fn judge(
    facts: &Facts,
    request: &Request<'_>,
    config: &SeatConfig,
) -> Result<(), NotHere> {
    let front = facts.front.as_ref();
    match &facts.place {
        Place::Session(session) => in_session(session, request, config),
        Place::UserManager(owner) => in_user_manager(*owner, front, request, config),
        Place::Service(unit) => in_service(unit, front, request, config),
        Place::Elsewhere => Err(NotHere::NoPlace),
    }
}

/// A session counts when a person sits at it, at the camera.
fn attended(session: &Session) -> Result<(), NotHere> {
    if session.remote {
        Err(NotHere::Remote)
    } else if !session.at_camera {
        Err(NotHere::OtherSeat)
    } else if !session.active || session.state != State::Active {
        Err(NotHere::Inactive)
    } else if !session.displayed {
        Err(NotHere::UnknownType)
    } else {
        Ok(())
    }
}

fn in_session(
    session: &Session,
    request: &Request<'_>,
    config: &SeatConfig,
) -> Result<(), NotHere> {
    attended(session)?;
    let root = request.caller.is_root();
    match session.class {
        Class::User if root || request.caller == session.uid => Ok(()),
        Class::User => Err(NotHere::OtherUser),
        Class::LoginScreen if !root => Err(NotHere::NotRoot),
        Class::LoginScreen if Door::LoginScreen.opens_to(request.purpose, config) => Ok(()),
        Class::LoginScreen => Err(NotHere::ServiceNotListed),
        Class::Other => Err(NotHere::UnknownClass),
    }
}

/// A desktop starts its terminals through the user's manager, and so does anything that came in from
/// afar. The caller counts as the person at the seat when nothing of that user is remote.
fn in_user_manager(
    owner: Uid,
    front: Option<&Front>,
    request: &Request<'_>,
    config: &SeatConfig,
) -> Result<(), NotHere> {
    if !config.user_manager {
        return Err(NotHere::UserManager);
    }
    let root = request.caller.is_root();
    if !root && request.caller != owner {
        return Err(NotHere::OtherUser);
    }
    let session = at_work(owner, front)?;
    // A lock screen of the desktop itself asks as its user; anything that asks as root does not
    // belong to a person who sits there.
    if root && session.locked { Err(NotHere::Locked) } else { Ok(()) }
}

/// The session in which `uid` works at the seat, and at no other machine.
fn at_work(uid: Uid, front: Option<&Front>) -> Result<&Session, NotHere> {
    let Front { session, remote_elsewhere } = front.ok_or(NotHere::NobodyThere)?;
    attended(session)?;
    if session.class != Class::User {
        Err(NotHere::NobodyThere)
    } else if session.uid != uid {
        Err(NotHere::OtherUser)
    } else if *remote_elsewhere {
        Err(NotHere::RemoteElsewhere)
    } else {
        Ok(session)
    }
}

fn in_service(
    unit: &str,
    front: Option<&Front>,
    request: &Request<'_>,
    config: &SeatConfig,
) -> Result<(), NotHere> {
    if !request.caller.is_root() {
        return Err(NotHere::NotRoot);
    }
    let mut outcome = Err(NotHere::ServiceNotListed);
    for door in Door::ALL.into_iter().filter(|door| door.opens_to(request.purpose, config)) {
        outcome = through(door, unit, front, request);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn through(
    door: Door,
    unit: &str,
    front: Option<&Front>,
    request: &Request<'_>,
) -> Result<(), NotHere> {
    match door {
        Door::Console if !unit::is_console(unit) => Err(NotHere::OtherUnit(unit.to_owned())),
        Door::Console => match front {
            None => Ok(()),
            // Left behind by the login before.
            Some(front) if front.session.state == State::Closing => Ok(()),
            Some(_) => Err(NotHere::SeatTaken),
        },
        Door::LoginScreen => {
            let Front { session, .. } = front.ok_or(NotHere::NobodyThere)?;
            attended(session)?;
            match session.class {
                Class::LoginScreen => Ok(()),
                Class::User if session.uid != request.subject => Err(NotHere::OtherUser),
                // Whoever starts the camera ahead names no service: only a screen that says that it
                // is locked tells that it is being unlocked.
                Class::User if request.purpose == Purpose::Prewarm && !session.locked => {
                    Err(NotHere::NothingToUnlock)
                }
                Class::User => Ok(()),
                Class::Other => Err(NotHere::UnknownClass),
            }
        }
        Door::Agent => {
            let other = || NotHere::OtherUnit(unit.to_owned());
            let peer = unit::peer_of(unit).ok_or_else(other)?;
            let session = at_work(peer, front)?;
            if session.locked { Err(NotHere::Locked) } else { Ok(()) }
        }
    }
}

#[cfg(test)]
mod tests;
