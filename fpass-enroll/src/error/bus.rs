//! What an error of the bus or of the daemon means.

use fpass_proto::Refusal;
use zbus::fdo;

use super::Error;

impl From<zbus::Error> for Error {
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

impl From<fdo::Error> for Error {
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
