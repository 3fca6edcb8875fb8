//! The only table from outcome to PAM code.

use fpass_proto::{Refusal, RefusalClass};
use pamsm::PamError;

use crate::outcome::Outcome;
use crate::requirement::SetupRequirement;

/// A PAM code that this module may return. [`Code::of`] and [`Code::of_requirement`] are its only
/// sources.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Code(PamError);

impl Code {
    /// The code for an outcome, on a line with or without `nullok`.
    ///
    /// Both matches are exhaustive on purpose: a new outcome, and a new class of refusals, does not
    /// compile until somebody has decided what it means. The tests list every refusal.
    pub(crate) const fn of(outcome: Outcome, nullok: bool) -> Self {
        Self(match outcome {
            Outcome::Match | Outcome::Recovered(_) => PamError::SUCCESS,
            Outcome::NoMatch | Outcome::ServiceNotAllowed | Outcome::NoPassword => {
                PamError::AUTH_ERR
            }
            Outcome::Refused(refusal) => of_refusal(refusal, nullok),
            Outcome::UnknownUser => PamError::USER_UNKNOWN,
            Outcome::RemoteHost
            | Outcome::UnsupportedUserName
            | Outcome::AccountsUnavailable
            | Outcome::NoBus
            | Outcome::NoDaemon
            | Outcome::WrongOwner
            | Outcome::OwnerChanged
            | Outcome::ConnectionLost
            | Outcome::VersionSkew
            | Outcome::DeadlinePassed
            | Outcome::NoResources => PamError::AUTHINFO_UNAVAIL,
            Outcome::BadArguments | Outcome::WrongFacility | Outcome::ItemUnavailable => {
                PamError::SERVICE_ERR
            }
            Outcome::ConversationFailed | Outcome::Interrupted => PamError::CONV_ERR,
            Outcome::OutOfMemory => PamError::BUF_ERR,
            Outcome::Panicked => PamError::ABORT,
            Outcome::Prewarmed => PamError::IGNORE,
        })
    }

    /// The code of an `account` or `password` line when no error occurred. These lines judge
    /// nobody: the user has passed the `auth` lines before.
    pub(crate) const fn of_requirement(requirement: SetupRequirement) -> Self {
        Self(match requirement {
            SetupRequirement::Met => PamError::SUCCESS,
            SetupRequirement::Unmet => PamError::NEW_AUTHTOK_REQD,
            SetupRequirement::NotApplicable => PamError::IGNORE,
        })
    }

    /// Whether libpam ignores this line.
    pub(crate) fn is_ignore(self) -> bool {
        self.0 == PamError::IGNORE
    }
}

impl From<Code> for PamError {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// No refusal is `PAM_USER_UNKNOWN`: the module asks only about users whom this process's user
/// database knows, even if the daemon's does not.
const fn of_refusal(refusal: Refusal, nullok: bool) -> PamError {
    use RefusalClass as Class;

    match refusal.class() {
        // The daemon has proven it and the administrator has asked for it: the only refusal that
        // does not deny.
        Class::Enrolment if nullok && matches!(refusal, Refusal::NeverEnrolled) => PamError::IGNORE,
        Class::View if matches!(refusal, Refusal::SeveralFaces) => PamError::AUTH_ERR,
        Class::Mismatch
            if matches!(refusal, Refusal::AttackSuspected | Refusal::RecoveryRefused) =>
        {
            PamError::AUTH_ERR
        }
        Class::Lockout => PamError::MAXTRIES,
        Class::Permission
        | Class::Locality
        | Class::Usage
        | Class::Naming
        | Class::Enrolment
        | Class::Bundle
        | Class::Store
        | Class::Camera
        | Class::View
        | Class::Mismatch
        | Class::Daemon
        | Class::Cancellation => PamError::AUTHINFO_UNAVAIL,
    }
}

#[cfg(test)]
mod tests;
