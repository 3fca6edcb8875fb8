//! What the fake says.

use std::collections::HashMap;

/// A session as logind describes it. By default somebody sits in it, at seat0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `User`; `None` is whoever asks.
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

    /// One that was opened from another machine.
    #[must_use]
    pub fn from_afar() -> Self {
        Self { remote: true, seat: String::new(), kind: "tty".to_owned(), ..Self::default() }
    }
}

/// Where the asking process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a session.
    Session(Session),
    /// In a unit of the service manager and in no session.
    Unit(String),
    /// In neither.
    Nowhere,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never answers.
    Hangs,
    /// It answers every call with an error.
    Errs,
    /// It answers every call with a number.
    Babbles,
    /// It gives this property of sessions another type.
    Lies(&'static str),
    /// It leaves this property of sessions out.
    Omits(&'static str),
    /// It names an object that is no session.
    Misleads,
}

/// Everything that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Where the asking process is.
    pub place: Place,
    /// The foreground of seat0.
    pub front: Option<Session>,
    /// Whether every user has a remote session besides.
    pub remote_elsewhere: bool,
    /// How it fails, if it does.
    pub fault: Option<Fault>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            place: Place::Session(Session::default()),
            front: None,
            remote_elsewhere: false,
            fault: None,
        }
    }
}

/// Something that happens at the seat.
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

/// The sessions that it has spoken of.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// By object path, with the user filled in.
    pub(super) sessions: HashMap<String, Session>,
    /// Path of the last one that a process was found in, or of the foreground.
    pub(super) last: String,
    /// How often a process was asked about.
    pub(super) times: usize,
}
