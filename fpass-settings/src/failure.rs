//! Why something could not be done, as a sentence for the person at the window.

use fpass_language::Wording;
use fpass_proto::{Refusal, Uid, names};
use zbus::fdo;

use crate::language::{spoken, told};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The daemon refuses.
    Refused(Refusal),
    /// The person stopped it.
    Stopped,
    /// Root runs the window, which manages the F-pass of who runs it.
    Root,
    /// The user who runs this program has no name, or one that F-pass does not support.
    Nameless(Uid),
    /// The system bus does not answer.
    BusUnreachable,
    /// The policy of the bus rejects the call.
    BusDenied,
    /// The daemon does not run and the bus cannot start it.
    DaemonAbsent,
    /// Another account than root or the daemon's owns the bus name.
    DaemonForeign(Uid),
    /// The daemon does not answer in time.
    DaemonSilent,
    /// The daemon left the bus during the call.
    DaemonGone,
    /// The answer of the daemon is unknown to this version.
    VersionSkew,
}

impl Failure {
    /// What happened, and what to do.
    pub(crate) fn sentence(&self) -> Wording {
        match self {
            Self::Refused(refusal) => refusal.text().wording(spoken()),
            Self::Stopped => told!("Stopped. Nothing was changed."),
            Self::Root => {
                told!("This window is for your own F-pass: start it as yourself, not as root.")
            }
            Self::Nameless(uid) => told!(
                "Your user id {uid} has no name on this machine; log in again or ask an administrator.",
                uid = uid
            ),
            Self::BusUnreachable => told!(
                "The system bus cannot be reached; check that the dbus service runs (systemctl status dbus)."
            ),
            Self::BusDenied => told!(
                "The system bus does not let you talk to fpassd; reinstall the F-pass package or ask an administrator to check its D-Bus policy."
            ),
            Self::DaemonAbsent => told!(
                "fpassd is not running and could not be started; see systemctl status fpassd."
            ),
            Self::DaemonForeign(uid) => told!(
                "The program that calls itself fpassd runs as user id {uid}, not as root or {account}, and is not trusted; tell an administrator.",
                account = names::DAEMON_USER,
                uid = uid
            ),
            Self::DaemonSilent => told!(
                "fpassd does not answer; try again, and if that does not help, see systemctl status fpassd."
            ),
            Self::DaemonGone => told!(
                "fpassd stopped while it was working; see its journal (journalctl -u fpassd), then try again."
            ),
            Self::VersionSkew => told!(
                "fpassd and this window are of different versions; update both, then restart fpassd."
            ),
        }
    }

    /// Whether the daemon cannot be used at all, so that nothing known about it holds.
    pub(crate) const fn is_absence(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Stopped => false,
            Self::Root
            | Self::Nameless(_)
            | Self::BusUnreachable
            | Self::BusDenied
            | Self::DaemonAbsent
            | Self::DaemonForeign(_)
            | Self::DaemonSilent
            | Self::DaemonGone
            | Self::VersionSkew => true,
        }
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, _, _) => {
                Refusal::from_error_name(name.as_str()).map_or(Self::VersionSkew, Self::Refused)
            }
            zbus::Error::FDO(error) => (*error).into(),
            zbus::Error::Connection(..)
            | zbus::Error::InputOutput(_)
            | zbus::Error::Handshake(_) => Self::BusUnreachable,
            _ => Self::VersionSkew,
        }
    }
}

impl From<fdo::Error> for Failure {
    fn from(error: fdo::Error) -> Self {
        match error {
            fdo::Error::ZBus(error) => error.into(),
            fdo::Error::AccessDenied(_) | fdo::Error::AuthFailed(_) => Self::BusDenied,
            fdo::Error::NoReply(_) => Self::DaemonGone,
            fdo::Error::Timeout(_) | fdo::Error::TimedOut(_) => Self::DaemonSilent,
            fdo::Error::UnknownMethod(_)
            | fdo::Error::UnknownObject(_)
            | fdo::Error::UnknownInterface(_)
            | fdo::Error::InvalidArgs(_) => Self::VersionSkew,
            fdo::Error::Disconnected(_) | fdo::Error::NoServer(_) => Self::BusUnreachable,
            _ => Self::DaemonAbsent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bus_errors_are_told_apart() {
        for (error, expected) in [
            (fdo::Error::AccessDenied(String::new()), Failure::BusDenied),
            (fdo::Error::NoReply(String::new()), Failure::DaemonGone),
            (fdo::Error::TimedOut(String::new()), Failure::DaemonSilent),
            (fdo::Error::UnknownMethod(String::new()), Failure::VersionSkew),
            (fdo::Error::Disconnected(String::new()), Failure::BusUnreachable),
            (fdo::Error::ServiceUnknown(String::new()), Failure::DaemonAbsent),
            (fdo::Error::SpawnExecFailed(String::new()), Failure::DaemonAbsent),
        ] {
            assert_eq!(Failure::from(error), expected);
        }
    }

    #[test]
    fn a_refusal_keeps_its_sentence_and_leaves_the_pages() {
        for refusal in Refusal::ALL {
            let failure = Failure::Refused(*refusal);
            assert_eq!(failure.sentence().as_str(), refusal.sentence());
            assert!(!failure.is_absence());
        }
    }
}
