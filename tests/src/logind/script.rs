//! The script of the fake.

use std::collections::HashMap;

/// A session as logind describes it. By default a user is at seat0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `User`; `None` means the caller.
    pub uid: Option<u32>,
    /// `Remote`
    pub remote: bool,
    /// `Active`
    pub active: bool,
    /// `State`
    pub state: String,
    /// `Seat`
    pub seat: String,
    /// `Class`
    pub class: String,
    /// `Type`
    pub kind: String,
    /// `LockedHint`
    pub locked: bool,
    /// `TTY`
    pub tty: String,
    /// `TimestampMonotonic`, in microseconds
    pub began_us: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            uid: None,
            remote: false,
            active: true,
            state: "active".to_owned(),
            seat: "seat0".to_owned(),
            class: "user".to_owned(),
            kind: "wayland".to_owned(),
            locked: false,
            tty: String::new(),
            began_us: 60_000_000,
        }
    }
}

impl Session {
    /// Of this user.
    #[must_use]
    pub fn of(uid: u32) -> Self {
        Self { uid: Some(uid), ..Self::default() }
    }

    /// A greeter.
    #[must_use]
    pub fn greeter() -> Self {
        Self { class: "greeter".to_owned(), ..Self::of(61118) }
    }

    /// A session from another machine.
    #[must_use]
    pub fn from_afar() -> Self {
        Self { remote: true, seat: String::new(), kind: "tty".to_owned(), ..Self::default() }
    }
}

/// Where the asking process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a session of its own, which is another one for each process.
    Session(Session),
    /// In the session in the foreground.
    Front,
    /// In a unit of the service manager and in no session.
    Unit(String),
    /// In neither.
    Nowhere,
}

/// A failure of the fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never answers.
    Hangs,
    /// It answers every call with an error.
    Errs,
    /// It answers every call with a number.
    Babbles,
    /// This property of sessions has another type.
    Lies(&'static str),
    /// This property of sessions is missing.
    Omits(&'static str),
    /// It names an object that is not a session.
    Misleads,
}

/// All answers of the fake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogindScript {
    /// Where the asking process is.
    pub place: Place,
    /// The foreground of seat0.
    pub front: Option<Session>,
    /// A further session that every user has.
    pub elsewhere: Option<Session>,
    /// `LidClosed`
    pub lid_closed: bool,
    /// The failure, if any.
    pub fault: Option<Fault>,
}

impl Default for LogindScript {
    fn default() -> Self {
        Self {
            place: Place::Session(Session::default()),
            front: None,
            elsewhere: None,
            lid_closed: false,
            fault: None,
        }
    }
}

/// An event at the seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another virtual terminal comes to the foreground; both the session and the seat say so.
    SwitchedAway,
    /// The same, and only the seat says so.
    SeatSwitched,
    /// The session is asked to lock its screen.
    Lock,
    /// The session's screen is locked.
    Locked,
    /// The session is gone.
    Removed,
    /// The machine is about to sleep.
    Sleep,
    /// The user has not typed for a while.
    Idle,
}

/// The sessions that it has reported.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// By object path, with the user.
    pub(super) sessions: HashMap<String, Session>,
    /// Path of the last session of a process, or of the foreground.
    pub(super) last: String,
    /// How often a process was asked about.
    pub(super) times: usize,
}
