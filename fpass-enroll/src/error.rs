//! Every failure of this program, as the sentence that its user reads.

mod bus;

use std::io;
use std::path::PathBuf;

use fpass_language::Wording;
use fpass_proto::{IdentifierError, Refusal, Uid, UserName, names};
use fpass_terminal::Printable;
use thiserror::Error;

use crate::exit_code::ExitCode;
use crate::language::{spoken, told};
use crate::peers::PeerError;
use crate::stacks::StackError;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum Error {
    /// The daemon declined.
    #[error("{}", (.0).text().wording(spoken()))]
    Refused(#[from] Refusal),
    /// Root must name the user.
    #[error(
        "{}",
        told!(
            "You are root; name the user with --user, even if it is root."
        )
    )]
    UserNeeded,
    /// Only root may do this.
    #[error(
        "{}",
        told!(
            "Only root can do this; run it with sudo."
        )
    )]
    RootNeeded,
    /// The account exists already.
    #[error(
        "{}",
        told!(
            "The user {name} exists already; choose another name, or set up an F-pass with fpass-enroll add --user.",
            name = Printable(.0.as_str())
        )
    )]
    UserTaken(UserName),
    /// There is no source for the password.
    #[error(
        "{}",
        told!(
            "A password is needed, but there is no terminal; pipe it in and add --password-stdin."
        )
    )]
    PasswordSource,
    /// The list of machines, or one of them, cannot be used.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A bundle could not be written or read.
    #[error(
        "{}",
        told!(
            "{path} cannot be used ({cause}); check the path and try again.",
            path = path.display(),
            cause = cause
        )
    )]
    BundleFile {
        /// Which one.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// No user was named, and no user is enrolled.
    #[error(
        "{}",
        told!(
            "No user has an F-pass to export; name users with --user, or set up an F-pass first."
        )
    )]
    NobodyToExport,
    /// A program of the system could not be started.
    #[error(
        "{}",
        told!(
            "{program} could not be started ({cause}); install the package that contains it.",
            program = program,
            cause = cause
        )
    )]
    ProgramMissing {
        /// Which one.
        program: &'static str,
        /// Why.
        cause: io::Error,
    },
    /// A program of the system failed.
    #[error(
        "{}",
        told!(
            "{program} failed; see its message above, and try again.",
            program = (.0)
        )
    )]
    Program(&'static str),
    /// An account could not be removed again.
    #[error(
        "{}",
        told!(
            "The account {name} could not be removed again; remove it with userdel --remove.",
            name = Printable(.0.as_str())
        )
    )]
    AccountStays(UserName),
    /// The user database does not know this name.
    #[error(
        "{}",
        told!(
            "This machine has no user {name}; check the name given with --user.",
            name = Printable(.0.as_str())
        )
    )]
    UnknownUser(UserName),
    /// The user who runs this program has no name.
    #[error(
        "{}",
        told!(
            "Your user id {uid} has no name on this machine; log in again or ask an administrator.",
            uid = (.0)
        )
    )]
    UnknownSelf(Uid),
    /// The user who runs this program has a name that F-pass does not support.
    #[error(
        "{}",
        told!(
            "F-pass does not support the user name {name}: {reason}; ask an administrator for another one.",
            name = Printable(.name),
            reason = rule(*reason)
        )
    )]
    UnsupportedUserName {
        /// The name.
        name: String,
        /// The rule that it breaks.
        reason: IdentifierError,
    },
    /// The user database could not be read.
    #[error(
        "{}",
        told!(
            "The user database cannot be read ({cause}); try again or ask an administrator.",
            cause = (.0)
        )
    )]
    UserDatabase(#[source] nix::Error),
    /// There is no terminal to ask on.
    #[error(
        "{}",
        told!(
            "This removes every template, and there is no terminal to ask on; add --yes to confirm."
        )
    )]
    ConfirmationNeeded,
    /// The user answered no.
    #[error(
        "{}",
        told!(
            "Nothing was removed; answer y to remove, or add --yes."
        )
    )]
    Declined,
    /// Codes would become void, and there is no terminal to ask on.
    #[error(
        "{}",
        told!(
            "This makes recovery codes void, and there is no terminal to ask on; add --yes to confirm."
        )
    )]
    CodesConfirmationNeeded,
    /// The user answered no to the question about codes.
    #[error(
        "{}",
        told!(
            "The recovery codes did not change; answer y to continue, or add --yes."
        )
    )]
    CodesKept,
    /// Ctrl-C or a termination signal.
    #[error(
        "{}",
        told!(
            "Stopped; run it again when you are ready."
        )
    )]
    Interrupted,
    /// The setup asks questions, and nobody can answer.
    #[error(
        "{}",
        told!("The setup asks questions, but there is no terminal; run it on one, or add --yes.")
    )]
    SetupNeedsTerminal,
    /// The system bus does not answer.
    #[error(
        "{}",
        told!(
            "The system bus cannot be reached; check that the dbus service runs (systemctl status dbus)."
        )
    )]
    BusUnreachable,
    /// The policy of the bus rejects the call.
    #[error(
        "{}",
        told!(
            "The system bus does not let you talk to fpassd; reinstall the F-pass package or ask an administrator to check its D-Bus policy."
        )
    )]
    BusDenied,
    /// The daemon does not run and the bus cannot start it.
    #[error(
        "{}",
        told!(
            "fpassd is not running and could not be started; see systemctl status fpassd."
        )
    )]
    DaemonAbsent,
    /// Another account than root or the daemon's owns the bus name.
    #[error(
        "{}",
        told!(
            "The program that calls itself fpassd runs as user id {uid}, not as root or {account}, and is not trusted; tell an administrator.",
            account = names::DAEMON_USER,
            uid = (.0)
        )
    )]
    DaemonForeign(Uid),
    /// The daemon does not answer in time.
    #[error(
        "{}",
        told!(
            "fpassd does not answer; try again, and if that does not help, see systemctl status fpassd."
        )
    )]
    DaemonSilent,
    /// The daemon left the bus during the call.
    #[error(
        "{}",
        told!(
            "fpassd stopped while it was working; see its journal (journalctl -u fpassd), then try again."
        )
    )]
    DaemonGone,
    /// The answer of the daemon is unknown to this version.
    #[error(
        "{}",
        told!(
            "fpassd and fpass-enroll are of different versions; update both, then restart fpassd."
        )
    )]
    VersionSkew,
    /// Standard output cannot be written.
    #[error(
        "{}",
        told!(
            "The output could not be written ({cause}); check its target and try again.",
            cause = (.0)
        )
    )]
    Output(#[from] io::Error),
    /// A program that belongs next to this one could not be started.
    #[error(
        "{}",
        told!(
            "{program} could not be started ({cause}); install the package fpass again.",
            program = program,
            cause = cause
        )
    )]
    NotInstalled {
        /// Which one.
        program: &'static str,
        /// Why.
        cause: io::Error,
    },
    /// The journal, or the file given instead, cannot be read.
    #[error(
        "{}",
        told!(
            "The journal cannot be read ({cause}); run this as root, or check the file.",
            cause = (.0)
        )
    )]
    Journal(#[source] io::Error),
    /// journalctl failed.
    #[error(
        "{}",
        told!(
            "journalctl failed; run this as root, or run journalctl -u fpassd to see why."
        )
    )]
    JournalFailed,
    /// There are too many records.
    #[error(
        "{}",
        told!(
            "There are more than two million records; give some of them with --file."
        )
    )]
    JournalTooLarge,
    /// The file is not the output of journalctl.
    #[error(
        "{}",
        told!(
            "The input is not the output of journalctl --output=json; check the file."
        )
    )]
    JournalForeign,
    /// There are no records.
    #[error(
        "{}",
        told!(
            "No audit record was found; run this as root, and check that the journal keeps the records of fpassd (journalctl -u fpassd)."
        )
    )]
    NoRecords,
    /// PAM stacks could not be read or changed.
    #[error(transparent)]
    Stack(#[from] StackError),
}

/// The rule that a name breaks.
fn rule(reason: IdentifierError) -> Wording {
    match reason {
        IdentifierError::Empty => told!("it is empty"),
        IdentifierError::TooLong(most) => told!("it is longer than {most} bytes", most = most),
        IdentifierError::Character => told!("it contains a character that is not allowed"),
    }
}

impl Error {
    /// The exit code that belongs to the error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(refusal) => (*refusal).into(),
            Self::UserNeeded
            | Self::SetupNeedsTerminal
            | Self::ConfirmationNeeded
            | Self::CodesConfirmationNeeded
            | Self::PasswordSource => ExitCode::Usage,
            Self::UnknownUser(_)
            | Self::UnknownSelf(_)
            | Self::UnsupportedUserName { .. }
            | Self::UserTaken(_) => ExitCode::Naming,
            Self::Declined | Self::CodesKept | Self::Interrupted => ExitCode::Interrupted,
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
            | Self::NotInstalled { .. }
            | Self::Program(_)
            | Self::AccountStays(_) => ExitCode::Failed,
            Self::Output(_) => ExitCode::Output,
            Self::Journal(_)
            | Self::JournalFailed
            | Self::JournalTooLarge
            | Self::JournalForeign
            | Self::NoRecords => ExitCode::AuditLog,
            Self::Stack(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use zbus::fdo;
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
