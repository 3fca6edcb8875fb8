//! Every way in which a call to this module can end.

use fpass_proto::{RecoveryAllowed, Refusal, Verdict};

/// How a call ended. What libpam is told follows from [`Code::of`](crate::code::Code::of) alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The person in front of the camera is the user.
    Match,
    /// A face was compared and is not the user's.
    NoMatch,
    /// The daemon gave no verdict.
    Refused(Refusal),
    /// The daemon accepted a recovery code, on a line with `recovery`.
    Recovered(RecoveryAllowed),
    /// The line does not serve this PAM service.
    ServiceNotAllowed,
    /// `PAM_RHOST` names a remote host.
    RemoteHost,
    /// The user database has no such user.
    UnknownUser,
    /// The user database may know the user, but F-pass does not support such a name.
    UnsupportedUserName,
    /// The user database did not answer.
    AccountsUnavailable,
    /// No password was typed earlier in this transaction.
    NoPassword,
    /// The arguments of the PAM line are wrong.
    BadArguments,
    /// The line is under a facility that this module does not serve.
    WrongFacility,
    /// libpam did not return an item that it must have.
    ItemUnavailable,
    /// The conversation failed, is missing, or was cancelled in the application.
    ConversationFailed,
    /// A signal asked the application to stop.
    Interrupted,
    /// The system bus cannot be reached.
    NoBus,
    /// Nobody owns the daemon's name, and the daemon could not be started.
    NoDaemon,
    /// The name belongs to an account other than the daemon's and root.
    WrongOwner,
    /// The name got another owner during the attempt.
    OwnerChanged,
    /// The daemon left the bus, or the connection broke.
    ConnectionLost,
    /// The daemon does not speak this version of the contract.
    VersionSkew,
    /// The `timeout` of the PAM line has expired.
    DeadlinePassed,
    /// The process has no descriptors or other resources left.
    NoResources,
    /// An allocation failed.
    OutOfMemory,
    /// The module panicked.
    Panicked,
    /// A `prewarm` line is done. It judges nobody.
    Prewarmed,
}

impl Outcome {
    /// The word for the log.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no-match",
            Self::Recovered(_) => "recovered",
            Self::Refused(refusal) => refusal.error_name().rsplit('.').next().unwrap_or("Refused"),
            Self::ServiceNotAllowed => "service-not-allowed",
            Self::RemoteHost => "remote-host",
            Self::UnknownUser => "unknown-user",
            Self::UnsupportedUserName => "unsupported-user-name",
            Self::AccountsUnavailable => "accounts-unavailable",
            Self::NoPassword => "no-password",
            Self::BadArguments => "bad-arguments",
            Self::WrongFacility => "wrong-facility",
            Self::ItemUnavailable => "item-unavailable",
            Self::ConversationFailed => "conversation-failed",
            Self::Interrupted => "interrupted",
            Self::NoBus => "no-bus",
            Self::NoDaemon => "no-daemon",
            Self::WrongOwner => "wrong-owner",
            Self::OwnerChanged => "owner-changed",
            Self::ConnectionLost => "connection-lost",
            Self::VersionSkew => "version-skew",
            Self::DeadlinePassed => "deadline-passed",
            Self::NoResources => "no-resources",
            Self::OutOfMemory => "out-of-memory",
            Self::Panicked => "panicked",
            Self::Prewarmed => "prewarmed",
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Match => Self::Match,
            Verdict::NoMatch => Self::NoMatch,
        }
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
