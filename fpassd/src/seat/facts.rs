//! What the rule judges: where the caller's process runs, and who is at the camera's seat.

use fpass_proto::{ServiceName, Uid};

use super::not_local::NotLocal;

/// Where the caller's process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In a login session.
    Session(Session),
    /// Below the service manager of a user, which outlives the sessions of that user.
    UserManager(Uid),
    /// In a system service, with the name of its unit.
    Service(String),
    /// Anywhere else, such as a container or a scope without a session.
    Elsewhere,
}

/// A session as logind describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// User of the session.
    pub(crate) uid: Uid,
    /// Whether it was opened from another machine.
    pub(crate) remote: bool,
    /// Whether it is in the foreground of its seat.
    pub(crate) active: bool,
    /// Its state.
    pub(crate) state: SessionState,
    /// Whether it is on the seat that has the camera.
    pub(crate) at_camera: bool,
    /// Its class.
    pub(crate) class: SessionClass,
    /// Whether its type is one that a person sits at: a terminal or a desktop.
    pub(crate) displayed: bool,
    /// Whether its desktop reports that the screen is locked.
    pub(crate) locked: bool,
    /// Which session it is; `None` if logind does not tell when it began.
    pub(crate) identity: Option<SessionIdentity>,
}

/// One session, and no later one with the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionIdentity {
    /// Path of its object, which is made from its id.
    pub(crate) path: String,
    /// When it began, in microseconds since the machine started.
    pub(crate) began_us: u64,
}

/// State of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// In the foreground.
    Active,
    /// Logged out, with processes left.
    Closing,
    /// Opening, in the background, or unknown.
    Other,
}

/// Class of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionClass {
    /// A person works in it.
    User,
    /// A greeter or a lock screen.
    LoginScreen,
    /// Background work, the service manager of a user, or unknown.
    Other,
}

/// When somebody last typed at the terminals of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastInput {
    /// Within the last minutes.
    Recent,
    /// Earlier.
    LongAgo,
    /// The session has no terminal that tells.
    Unknown,
}

/// A session from elsewhere, through which somebody may reach the programs of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FarSession {
    /// Whether it was logged out, with processes left.
    pub(crate) closing: bool,
    /// The last input at its terminals.
    pub(crate) input: LastInput,
}

/// Who may be typing at the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typists {
    /// Whether the caller's controlling terminal is the virtual console of its own session. Only
    /// the keyboard of the machine feeds that.
    pub(crate) at_own_console: bool,
    /// The sessions from elsewhere of the users who can type at the caller, or why they are not
    /// known.
    pub(crate) far_sessions: Result<Vec<FarSession>, NotLocal>,
}

/// Everything that the rule judges about a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatFacts {
    /// Where the caller's process runs.
    pub(crate) origin: Origin,
    /// The session in the foreground of the camera's seat. Looked up only for a caller outside any
    /// session.
    pub(crate) foreground: Option<Session>,
    /// Who may be typing.
    pub(crate) typists: Typists,
    /// Whether the lid of the machine is closed. The rule does not judge it.
    pub(crate) lid_closed: bool,
}

/// The place at which a caller was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeatPlace {
    /// The lock screen of a session that reports that it is locked, which asks as its user.
    UserLocker,
    /// Any other.
    Elsewhere,
}

impl SeatPlace {
    /// Whether a caller at this place asks for the PAM service that it names: root does, and a lock
    /// screen. Any other program of a user may name any service.
    pub(crate) fn proves_service(self, caller: Uid) -> bool {
        caller.is_root() || self == Self::UserLocker
    }
}

/// What the caller wants to use the camera for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CameraUse<'a> {
    /// A verdict for a PAM service.
    Verdict(&'a ServiceName),
    /// To start the camera before a verdict is asked for. The service is not known yet.
    Prewarm,
    /// A self-test or an enrolment.
    Own,
}

impl<'a> CameraUse<'a> {
    /// A verdict for this service, or a self-test without one.
    pub(crate) fn verdict(service: Option<&'a ServiceName>) -> Self {
        service.map_or(Self::Own, Self::Verdict)
    }
}

/// A call to be judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeatRequest<'a> {
    /// User of the caller.
    pub(crate) caller: Uid,
    /// User whose face is searched for.
    pub(crate) subject: Uid,
    /// What the camera is used for.
    pub(crate) camera_use: CameraUse<'a>,
}
