//! Why a caller is not held to be at this machine. The caller hears one sentence for all of these;
//! these are for the journal.

use thiserror::Error;

/// Why a caller is not held to be at this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum NotLocal {
    #[error("the bus names no process for the caller; it left, or connected from elsewhere")]
    NoProcess,
    #[error("the caller's process ended or left the bus meanwhile; nothing is to be done")]
    ProcessGone,
    #[error("logind or the service manager cannot be asked; check that both run: {0}")]
    Unanswered(String),
    #[error("logind or the service manager did not answer in time; check that both run")]
    Silent,
    #[error("the answer about {0} makes no sense; check what owns org.freedesktop.login1")]
    Nonsense(&'static str),
    #[error("the session changed during the look-up; the caller may try again")]
    Revoked,
    #[error("the session is remote; it has to be logged in to from afar without a face")]
    Remote,
    #[error("the session is not on the camera's seat; only seat0 has the camera")]
    OtherSeat,
    #[error("the session is not in the foreground or is ending; switch to it first")]
    Inactive,
    #[error("the session's type is none that a person sits at; see [seat] in fpassd.toml(5)")]
    UnknownType,
    #[error("the session's class is none that a person sits at; see [seat] in fpassd.toml(5)")]
    UnknownClass,
    #[error("the session belongs to another user than the caller; log in as the caller")]
    OtherUser,
    #[error("the user has a remote session too; close it, or use a session's own terminal")]
    RemoteElsewhere,
    #[error("the session is locked; unlock it first")]
    Locked,
    #[error("the session is not locked, so that there is nothing to unlock; nothing is to be done")]
    NothingToUnlock,
    #[error("nobody is logged in at seat0; log in there first")]
    NobodyThere,
    #[error("seat0 shows a session; a console login happens where there is none yet")]
    SeatTaken,
    #[error("processes of user managers are not admitted; see [seat] in fpassd.toml(5)")]
    UserManager,
    #[error("the service may not ask from outside a session; see [seat] in fpassd.toml(5)")]
    ServiceNotListed,
    #[error("only root may ask from outside a session; ask from a session")]
    NotRoot,
    #[error("unit {0} is none that this service runs in; see [seat] in fpassd.toml(5)")]
    OtherUnit(String),
    #[error("the caller is neither in a session nor in a service; ask from a session")]
    NoPlace,
}
