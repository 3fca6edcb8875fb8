//! Replies and signals of the fake, as logind and the service manager send them.

use std::{collections::HashMap, fs};

use zbus::{Message, ObjectPath, Variant};

use super::{
    LogindState,
    script::{Event, Fault, Place, Session},
};

const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const SEAT: &str = "org.freedesktop.login1.Seat";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const LOGIN_PATH: &str = "/org/freedesktop/login1";
const SEAT_PATH: &str = "/org/freedesktop/login1/seat/seat0";
const FRONT: &str = "/org/freedesktop/login1/session/front";
const ELSEWHERE: &str = "/org/freedesktop/login1/session/elsewhere";

type Answered = zbus::Result<Option<Message>>;

/// The answer to a call, or none.
pub(super) fn reply(call: &Message, state: &mut LogindState) -> Answered {
    let header = call.header();
    let member = header.member().map(|member| member.as_str()).unwrap_or_default();
    if member == "GetSessionByPID" {
        state.spoken.times += 1;
    }
    match state.script.fault {
        Some(Fault::Hangs) => return Ok(None),
        Some(Fault::Errs) => return error(call, "org.freedesktop.DBus.Error.Failed"),
        Some(Fault::Babbles) => return answer(call, &7_u64),
        _ => {}
    }
    match member {
        "GetSessionByPID" => session_by_process(call, state),
        "GetUnitByPID" => match &state.script.place {
            Place::Unit(_) => answer(call, &path("/org/freedesktop/systemd1/unit/one")?),
            _ => error(call, "org.freedesktop.systemd1.NoUnitForPID"),
        },
        "ListSessions" => sessions(call, state),
        "Get" => property(call, state),
        "GetAll" => properties(call, state),
        _ => error(call, "org.freedesktop.DBus.Error.UnknownMethod"),
    }
}

fn session_by_process(call: &Message, state: &mut LogindState) -> Answered {
    if let (Place::Front, Some(front)) = (&state.script.place, state.script.front.clone()) {
        FRONT.clone_into(&mut state.spoken.last);
        state.spoken.sessions.insert(FRONT.to_owned(), front);
        return answer(call, &path(FRONT)?);
    }
    let Place::Session(session) = state.script.place.clone() else {
        return error(call, "org.freedesktop.login1.NoSessionForPID");
    };
    if state.script.fault == Some(Fault::Misleads) {
        return answer(call, &path("/org/freedesktop/login1/user/one")?);
    }
    let (process,): (u32,) = call.body().deserialize()?;
    let Some(uid) = session.uid.or_else(|| uid_of(process)) else {
        return error(call, "org.freedesktop.login1.NoSessionForPID");
    };
    let at = format!("/org/freedesktop/login1/session/p{process}");
    state.spoken.last.clone_from(&at);
    state.spoken.sessions.insert(at.clone(), Session { uid: Some(uid), ..session });
    answer(call, &path(&at)?)
}

/// All sessions: the last one that a process was found in, the one in the foreground, and the one
/// from elsewhere. That one is of the same user unless the script says otherwise.
fn sessions(call: &Message, state: &mut LogindState) -> Answered {
    let own = state.spoken.last.clone();
    let user = match &state.script.place {
        Place::Unit(unit) => user_of(unit),
        _ => state.spoken.sessions.get(&own).and_then(|session| session.uid),
    };
    let user = user.unwrap_or_default();
    let mut rows = Vec::new();
    if own.starts_with("/org/freedesktop/login1/session/p") {
        rows.push(("own", user, "name", "seat0", path(&own)?));
    }
    let front = state.script.front.as_ref().and_then(|front| front.uid).unwrap_or(user);
    rows.push(("front", front, "name", "seat0", path(FRONT)?));
    if let Some(elsewhere) = state.script.elsewhere.clone() {
        rows.push(("elsewhere", elsewhere.uid.unwrap_or(user), "name", "", path(ELSEWHERE)?));
        state.spoken.sessions.insert(ELSEWHERE.to_owned(), elsewhere);
    }
    answer(call, &rows)
}

/// The user of a user manager, or of the process that started a helper of polkit's agent: the last
/// number in the name of the unit.
fn user_of(unit: &str) -> Option<u32> {
    let (_, instance) = unit.strip_suffix(".service")?.split_once('@')?;
    instance.rsplit('-').next()?.parse().ok()
}

fn property(call: &Message, state: &mut LogindState) -> Answered {
    let (_, name): (String, String) = call.body().deserialize()?;
    match name.as_str() {
        "ActiveSession" => {
            let front = state.script.front.clone();
            let (id, at) = if front.is_some() { ("front", FRONT) } else { ("", "/") };
            if let Some(front) = front {
                FRONT.clone_into(&mut state.spoken.last);
                state.spoken.sessions.insert(FRONT.to_owned(), front);
            }
            answer(call, &Variant::new((id, path(at)?)))
        }
        "LidClosed" => answer(call, &Variant::from(state.script.lid_closed)),
        "Id" => match &state.script.place {
            Place::Unit(unit) => answer(call, &Variant::from(unit.as_str())),
            _ => error(call, "org.freedesktop.DBus.Error.UnknownObject"),
        },
        _ => error(call, "org.freedesktop.DBus.Error.UnknownProperty"),
    }
}

fn properties(call: &Message, state: &LogindState) -> Answered {
    let header = call.header();
    let at = header.path().map(|path| path.as_str()).unwrap_or_default();
    let Some(session) = state.spoken.sessions.get(at) else {
        return error(call, "org.freedesktop.DBus.Error.UnknownObject");
    };
    let user = (session.uid.unwrap_or_default(), path("/org/freedesktop/login1/user/one")?);
    let seat = if session.seat.is_empty() { "/" } else { SEAT_PATH };
    let mut all = HashMap::from([
        ("Id", Variant::from("one")),
        ("User", Variant::new(user)),
        ("Remote", Variant::from(session.remote)),
        ("Active", Variant::from(session.active)),
        ("State", Variant::from(session.state.as_str())),
        ("Seat", Variant::new((session.seat.as_str(), path(seat)?))),
        ("Class", Variant::from(session.class.as_str())),
        ("Type", Variant::from(session.kind.as_str())),
        ("LockedHint", Variant::from(session.locked)),
        ("TTY", Variant::from(session.tty.as_str())),
        ("TimestampMonotonic", Variant::from(session.began_us)),
    ]);
    match state.script.fault {
        Some(Fault::Lies(property)) => {
            all.insert(property, Variant::from(7_u64));
        }
        Some(Fault::Omits(property)) => {
            all.remove(property);
        }
        _ => {}
    }
    answer(call, &all)
}

/// The signals of an event of the session at `session`.
pub(super) fn signals(event: Event, session: &str) -> Vec<zbus::Result<Message>> {
    let changed = |name: &'static str, value: bool| {
        let values = HashMap::from([(name, Variant::from(value))]);
        changed(session, SESSION, values)
    };
    let seat = || {
        let none = Variant::new(("", path("/")?));
        changed_at_seat(none)
    };
    match event {
        Event::SwitchedAway => vec![changed("Active", false), seat()],
        Event::SeatSwitched => vec![seat()],
        Event::Lock => vec![signal(session, SESSION, "Lock", &())],
        Event::Locked => vec![changed("LockedHint", true)],
        Event::Removed => vec![
            path(session)
                .and_then(|at| signal(LOGIN_PATH, MANAGER, "SessionRemoved", &("one", at))),
        ],
        Event::Sleep => vec![signal(LOGIN_PATH, MANAGER, "PrepareForSleep", &true)],
        Event::Idle => vec![changed("IdleHint", true)],
    }
}

fn changed_at_seat(active: Variant<'_>) -> zbus::Result<Message> {
    changed(SEAT_PATH, SEAT, HashMap::from([("ActiveSession", active)]))
}

fn changed(at: &str, interface: &str, values: HashMap<&str, Variant<'_>>) -> zbus::Result<Message> {
    signal(at, PROPERTIES, "PropertiesChanged", &(interface, values, Vec::<String>::new()))
}

fn signal<B>(at: &str, interface: &str, member: &str, body: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    Message::signal(at, interface, member).build(body)
}

fn answer<B>(call: &Message, body: &B) -> Answered
where
    B: serde::Serialize + zbus::DynamicType,
{
    Message::method_return(&call.header()).build(body).map(Some)
}

fn error(call: &Message, name: &str) -> Answered {
    Message::error(&call.header(), name).build(&("scripted",)).map(Some)
}

fn path(raw: &str) -> zbus::Result<ObjectPath<'_>> {
    ObjectPath::try_from(raw)
}

/// The user that a process runs as.
fn uid_of(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().next()?.parse().ok()
}
