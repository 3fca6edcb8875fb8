//! What the rule judges: where the caller's process is, and who is at the camera's seat.

use fpass_proto::Uid;

/// Where a process belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A login session.
    Session(Session),
    /// The manager of a user's services, which outlives the sessions of that user.
    UserManager(Uid),
    /// A service of the system.
    Service(String),
    /// None of these: a container, a scope that is no session.
    Elsewhere,
}

/// A session as logind describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Whose session it is.
    pub(crate) uid: Uid,
    /// Whether it was opened from another machine.
    pub(crate) remote: bool,
    /// Whether it is in the foreground of its seat.
    pub(crate) active: bool,
    /// How far it is in its life.
    pub(crate) state: SessionState,
    /// Whether its seat is the camera's.
    pub(crate) at_camera: bool,
    /// What it is for.
    pub(crate) class: SessionClass,
    /// Whether a person sits at what it is displayed on.
    pub(crate) displayed: bool,
    /// Whether its screen is locked, as far as its desktop says so.
    pub(crate) locked: bool,
}

/// How far a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// In the foreground.
    Active,
    /// Logged out, with processes left.
    Closing,
    /// Opening, in the background, or unknown.
    Other,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionClass {
    /// A person works in it.
    User,
    /// A greeter or a lock screen.
    LoginScreen,
    /// Background work, a user's manager, or unknown.
    Other,
}

/// Who is in the foreground of the camera's seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForegroundSession {
    /// The session.
    pub(crate) session: Session,
    /// Whether its user has another session that is remote, an ended one with processes included.
    pub(crate) remote_elsewhere: bool,
}

/// Everything that is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatFacts {
    /// Where the caller's process is.
    pub(crate) origin: Origin,
    /// The foreground of the camera's seat. Looked up only for a caller outside any session.
    pub(crate) foreground: Option<ForegroundSession>,
}

/// What the caller wants a look at the camera for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CameraUse<'a> {
    /// A verdict for a PAM service; empty for a test of one's own.
    Verdict(&'a str),
    /// The camera, ahead of a verdict; the service is not known yet.
    Prewarm,
    /// A test or an enrolment of one's own.
    Own,
}

/// A call to be judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeatRequest<'a> {
    /// User of the caller.
    pub(crate) caller: Uid,
    /// Whose face is looked for.
    pub(crate) subject: Uid,
    /// What for.
    pub(crate) camera_use: CameraUse<'a>,
}
