//! Everything that can go wrong in this program, as the sentences that its user reads.

use std::io;
use std::path::PathBuf;

use fpass_proto::{Refusal, Uid, UserName, names};
use thiserror::Error;
use zbus::fdo;

use crate::evaluate::EvaluateError;
use crate::exit_code::ExitCode;
use crate::fetch::FetchError;
use crate::peers::PeerError;
use crate::printable::Printable;
use crate::stacks::StackError;

/// Why a command did not succeed.
#[derive(Debug, Error)]
pub enum Error {
    /// The daemon declined.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Root enrols someone, so it must say whom.
    #[error(
        "You are root; name the user whose F-pass you mean with --user, even if it is root itself."
    )]
    UserNeeded,
    /// Only root may do this.
    #[error("Only root can do this; run it with sudo.")]
    RootNeeded,
    /// There is such an account already.
    #[error(
        "There is a user {name} already; choose another name, or set up that user's F-pass with fpass-enroll add --user.",
        name = Printable(.0.as_str())
    )]
    UserTaken(UserName),
    /// No password can be had.
    #[error(
        "A password is needed and there is no terminal to ask on; pipe it in and add --password-stdin."
    )]
    PasswordSource,
    /// The list of the owner's machines, or one of them, cannot be used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A bundle could not be written or read.
    #[error("{path} cannot be used ({cause}); check the path and try again.", path = path.display())]
    BundleFile {
        /// Which one.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Nobody was named, and nobody is enrolled.
    #[error("There is nobody to export; name users with --user, or set up an F-pass first.")]
    NobodyToExport,
    /// A program of the system could not be started.
    #[error("{program} could not be started ({cause}); install the package that brings it.")]
    ProgramMissing {
        /// Which one.
        program: &'static str,
        /// Why.
        cause: io::Error,
    },
    /// A program of the system did not do what it was asked for.
    #[error("{0} did not succeed; see what it said above, and try again.")]
    Program(&'static str),
    /// An account could not be removed again.
    #[error(
        "The account {name} could not be removed again; remove it with userdel --remove.",
        name = Printable(.0.as_str())
    )]
    AccountStays(UserName),
    /// The user database does not know this name.
    #[error("This machine has no user {name}; check the name given with --user.", name = Printable(.0.as_str()))]
    UnknownUser(UserName),
    /// The user database does not know who runs this program, or has a name that cannot be used.
    #[error(
        "Your user id {0} has no usable name on this machine; log in again or ask an administrator."
    )]
    UnknownSelf(Uid),
    /// The user database could not be read.
    #[error("The user database cannot be read ({0}); try again or ask an administrator.")]
    UserDatabase(#[source] nix::Error),
    /// Nobody is there to answer a question.
    #[error(
        "This removes every template and there is no terminal to ask on; add --yes if you mean it."
    )]
    ConfirmationNeeded,
    /// The question was answered with no.
    #[error("Nothing was removed; answer with y to remove, or add --yes.")]
    Declined,
    /// Codes would become void, and nobody is there to answer a question.
    #[error(
        "This makes recovery codes void and there is no terminal to ask on; add --yes if you mean it."
    )]
    CodesConfirmationNeeded,
    /// The question about them was answered with no.
    #[error("The recovery codes stay as they are; answer with y to go on, or add --yes.")]
    CodesKept,
    /// Ctrl-C or a termination signal.
    #[error("Stopped; start it again when you are ready.")]
    Interrupted,
    /// The system bus does not answer.
    #[error(
        "The system bus cannot be reached; check that the dbus service runs (systemctl status dbus)."
    )]
    BusUnreachable,
    /// The policy of the bus rejects the call.
    #[error(
        "The system bus does not let you talk to fpassd; reinstall the F-pass package or ask an administrator to check its D-Bus policy."
    )]
    BusDenied,
    /// Nobody owns the daemon's name and the bus cannot start it.
    #[error("fpassd is not running and could not be started; see systemctl status fpassd.")]
    DaemonAbsent,
    /// The daemon's name belongs to an account that must not have it.
    #[error(
        "The program that calls itself fpassd runs as user id {0}, neither root nor {account}; it is not trusted: tell an administrator.",
        account = names::DAEMON_USER
    )]
    DaemonForeign(Uid),
    /// The daemon does not answer in time.
    #[error("fpassd does not answer; try again, and if it stays so see systemctl status fpassd.")]
    DaemonSilent,
    /// The daemon left the bus while it worked for us.
    #[error(
        "fpassd stopped while it was working; see its journal (journalctl -u fpassd), then try again."
    )]
    DaemonGone,
    /// The daemon said something that this version does not know.
    #[error("fpassd and fpass-enroll are of different versions; update both, then restart fpassd.")]
    VersionSkew,
    /// The terminal or the file behind it does not take the output.
    #[error("The output could not be written ({0}); check where it goes and try again.")]
    Output(#[from] io::Error),
    /// Models could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Models do not pass their checks.
    #[error(transparent)]
    Models(#[from] fpass_face::ModelError),
    /// The journal, or what was given in its place, cannot be read.
    #[error("The journal cannot be read ({0}); run this as root, or check the file.")]
    Journal(#[source] io::Error),
    /// journalctl says no.
    #[error("journalctl failed; run this as root, and see what it says by itself.")]
    JournalFailed,
    /// More records than this program takes.
    #[error("There are more than two million records; give a part of them with --file.")]
    JournalTooLarge,
    /// Not the output of journalctl.
    #[error("This is not what journalctl --output=json writes; check the file.")]
    JournalForeign,
    /// Nothing to check.
    #[error(
        "No audit record is here; run this as root, and see whether the journal keeps what fpassd writes (journalctl -u fpassd)."
    )]
    NoRecords,
    /// Recognition could not be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// PAM stacks could not be looked at or changed.
    #[error(transparent)]
    Stack(#[from] StackError),
}

impl Error {
    /// The exit code that belongs to the error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(refusal) => (*refusal).into(),
            Self::UserNeeded
            | Self::ConfirmationNeeded
            | Self::CodesConfirmationNeeded
            | Self::PasswordSource => ExitCode::Usage,
            Self::UnknownUser(_) | Self::UnknownSelf(_) | Self::UserTaken(_) => ExitCode::Naming,
            Self::Declined
            | Self::CodesKept
            | Self::Interrupted
            | Self::Fetch(FetchError::Interrupted) => ExitCode::Interrupted,
            Self::BusUnreachable
            | Self::DaemonAbsent
            | Self::DaemonForeign(_)
            | Self::DaemonSilent
            | Self::DaemonGone
            | Self::VersionSkew => ExitCode::Unreachable,
            Self::Peer(_) | Self::BundleFile { .. } => ExitCode::Bundle,
            Self::NobodyToExport => ExitCode::NotEnrolled,
            Self::BusDenied | Self::RootNeeded => ExitCode::Refused,
            Self::UserDatabase(_)
            | Self::ProgramMissing { .. }
            | Self::Program(_)
            | Self::AccountStays(_) => ExitCode::Failed,
            Self::Output(_) => ExitCode::Output,
            Self::Journal(_)
            | Self::JournalFailed
            | Self::JournalTooLarge
            | Self::JournalForeign
            | Self::NoRecords => ExitCode::Trail,
            Self::Fetch(_) | Self::Models(_) => ExitCode::Models,
            Self::Evaluate(error) => error.into(),
            Self::Stack(error) => error.into(),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use zbus::message::Message;
    use zbus::names::ErrorName;

    use super::*;

    fn reply(name: &'static str) -> zbus::Error {
        let call = Message::method_call("/", "Verify").build(&()).unwrap();
        let message = Message::error(&call.header(), name).build(&("raw text",)).unwrap();
        let name = ErrorName::try_from(name).unwrap();
        zbus::Error::MethodError(name.into(), Some("raw text".to_owned()), message)
    }

    #[test]
    fn an_error_of_the_daemon_becomes_its_sentence() {
        for refusal in Refusal::ALL {
            let error = Error::from(reply(refusal.error_name()));
            assert_eq!(error.to_string(), refusal.sentence());
            assert_eq!(error.exit_code(), ExitCode::from(*refusal));
        }
    }

    #[test]
    fn an_unknown_error_name_never_reaches_the_user_raw() {
        let error = Error::from(reply("org.fpass.Fpass1.Error.FromTheFuture"));
        assert!(matches!(error, Error::VersionSkew));
        assert!(!error.to_string().contains("raw text"));
    }

    #[test]
    fn bus_errors_are_told_apart() {
        for (error, code) in [
            (fdo::Error::ServiceUnknown(String::new()), ExitCode::Unreachable),
            (fdo::Error::SpawnChildExited(String::new()), ExitCode::Unreachable),
            (fdo::Error::AccessDenied(String::new()), ExitCode::Refused),
            (fdo::Error::NoReply(String::new()), ExitCode::Unreachable),
        ] {
            let error = Error::from(zbus::Error::FDO(Box::new(error)));
            assert_eq!(error.exit_code(), code, "{error}");
        }
    }
}
