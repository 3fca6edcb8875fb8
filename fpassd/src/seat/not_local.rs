//! Why a caller does not count as being at this machine. These reasons are for the journal; the
//! caller hears the same sentence for all of them.

use thiserror::Error;

/// Why a caller does not count as being at this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum NotLocal {
    #[error("the bus names no process for the caller; it left, or connected from elsewhere")]
    NoProcess,
    #[error("the caller's process ended or left the bus during the look-up; nothing needs doing")]
    ProcessGone,
    #[error("logind or the service manager gave no answer; check that both run: {0}")]
    Unanswered(String),
    #[error("logind or the service manager did not answer in time; check that both run")]
    TimedOut,
    #[error("the answer about {0} is invalid; check which program owns org.freedesktop.login1")]
    Invalid(&'static str),
    #[error("the session changed during the look-up; the caller may try again")]
    Revoked,
    #[error("the session is remote; log in to it without a face")]
    Remote,
    #[error("the session is not on the camera's seat; only seat0 has the camera")]
    OtherSeat,
    #[error("the session is not in the foreground or is ending; switch to it first")]
    Inactive,
    #[error("nobody sits at a session of this type; see [seat] in fpassd.toml(5)")]
    UnknownType,
    #[error("nobody sits at a session of this class; see [seat] in fpassd.toml(5)")]
    UnknownClass,
    #[error("the session belongs to another user than the caller; log in as the caller")]
    OtherUser,
    #[error(
        "the user also has a session from elsewhere, at which somebody may type; close it, or leave \
         it idle for ten minutes"
    )]
    FarSession,
    #[error("/proc does not show the caller's terminal; mount it without hidepid: {0}")]
    TreeUnknown(String),
    #[error("the session is locked; unlock it first")]
    Locked,
    #[error("the session is not locked, so there is nothing to unlock; nothing needs doing")]
    NothingToUnlock,
    #[error("nobody is logged in at seat0; log in there first")]
    NobodyThere,
    #[error("seat0 already shows a session; a console login needs a seat without one")]
    SeatTaken,
    #[error("processes of user managers are not admitted; see [seat] in fpassd.toml(5)")]
    UserManager,
    #[error("the service may not ask from outside a session; see [seat] in fpassd.toml(5)")]
    ServiceNotListed,
    #[error("only root may ask from outside a session; ask from a session")]
    NotRoot,
    #[error("this service does not run in unit {0}; see [seat] in fpassd.toml(5)")]
    OtherUnit(String),
    #[error("the caller is neither in a session nor in a service; ask from a session")]
    Elsewhere,
}
