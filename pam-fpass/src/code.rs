//! The one table from outcome to PAM code.

use fpass_proto::Refusal;
use pamsm::PamError;

use crate::outcome::Outcome;
use crate::requirement::SetupRequirement;

/// A PAM code that this module may return. [`Code::of`] and [`Code::of_requirement`] are its only sources.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Code(PamError);

impl Code {
    /// The code for an outcome, on a line with or without `nullok`.
    ///
    /// Both matches are exhaustive on purpose: a new outcome or refusal does not compile until
    /// somebody has decided what it means.
    pub(crate) const fn of(outcome: Outcome, nullok: bool) -> Self {
        Self(match outcome {
            Outcome::Match | Outcome::Recovered(_) => PamError::SUCCESS,
            Outcome::NoMatch | Outcome::ServiceNotAllowed | Outcome::NoPassword => {
                PamError::AUTH_ERR
            }
            Outcome::Refused(refusal) => of_refusal(refusal, nullok),
            Outcome::UnknownUser => PamError::USER_UNKNOWN,
            Outcome::RemoteHost
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

    /// The code with which an `account` or `password` line ends when nothing went wrong. Neither of
    /// them judges anybody: to get in, a user has passed the `auth` lines before.
    pub(crate) const fn of_requirement(requirement: SetupRequirement) -> Self {
        Self(match requirement {
            SetupRequirement::Met => PamError::SUCCESS,
            SetupRequirement::Unmet => PamError::NEW_AUTHTOK_REQD,
            SetupRequirement::NotApplicable => PamError::IGNORE,
        })
    }

    /// Whether libpam will leave this line out of its judgement.
    pub(crate) fn is_ignore(self) -> bool {
        self.0 == PamError::IGNORE
    }
}

impl From<Code> for PamError {
    fn from(code: Code) -> Self {
        code.0
    }
}

const fn of_refusal(refusal: Refusal, nullok: bool) -> PamError {
    match refusal {
        // Proven by the daemon, and asked for by the administrator: the one way past this line.
        Refusal::NeverEnrolled if nullok => PamError::IGNORE,
        Refusal::SeveralFaces | Refusal::AttackSuspected | Refusal::RecoveryRefused => {
            PamError::AUTH_ERR
        }
        Refusal::LockedOut => PamError::MAXTRIES,
        Refusal::UnknownUser | Refusal::MalformedUserName => PamError::USER_UNKNOWN,
        Refusal::NeverEnrolled
        | Refusal::Removed
        | Refusal::NotAuthorized
        | Refusal::AuthenticationNeeded
        | Refusal::AuthorityUnavailable
        | Refusal::FaceNotConfirmed
        | Refusal::PasswordNeeded
        | Refusal::EnrolledAlready
        | Refusal::BundleRefused
        | Refusal::BundleModels
        | Refusal::InvalidArgument
        | Refusal::UserMismatch
        | Refusal::TemplateUnreadable
        | Refusal::TemplateTruncated
        | Refusal::TemplateAltered
        | Refusal::TemplateSwapped
        | Refusal::TemplateMisowned
        | Refusal::TemplateIrregular
        | Refusal::TemplateUnknownFormat
        | Refusal::KeyUnreadable
        | Refusal::CounterUnreadable
        | Refusal::NoRecoveryCodes
        | Refusal::RecoveryUnreadable
        | Refusal::StorageFailed
        | Refusal::RemoteSession
        | Refusal::NoCamera
        | Refusal::CameraBusy
        | Refusal::CameraFailed
        | Refusal::CameraSilent
        | Refusal::CameraFrozen
        | Refusal::CameraUnsuitable
        | Refusal::OtherCamera
        | Refusal::TooDark
        | Refusal::NoFace
        | Refusal::Unclear
        | Refusal::AnotherPerson
        | Refusal::QueueFull
        | Refusal::Cancelled
        | Refusal::DeadlinePassed
        | Refusal::NotReady
        | Refusal::EngineFailed
        | Refusal::LabelTaken
        | Refusal::NoSuchTemplate
        | Refusal::TooManyTemplates => PamError::AUTHINFO_UNAVAIL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    /// Every outcome that is not a refusal, with the code that the contract gives it.
    const TABLE: &[(Outcome, PamError)] = &[
        (Outcome::Match, PamError::SUCCESS),
        (Outcome::NoMatch, PamError::AUTH_ERR),
        (Outcome::ServiceNotAllowed, PamError::AUTH_ERR),
        (Outcome::RemoteHost, PamError::AUTHINFO_UNAVAIL),
        (Outcome::UnknownUser, PamError::USER_UNKNOWN),
        (Outcome::AccountsUnavailable, PamError::AUTHINFO_UNAVAIL),
        (Outcome::NoPassword, PamError::AUTH_ERR),
        (Outcome::BadArguments, PamError::SERVICE_ERR),
        (Outcome::WrongFacility, PamError::SERVICE_ERR),
        (Outcome::ItemUnavailable, PamError::SERVICE_ERR),
        (Outcome::ConversationFailed, PamError::CONV_ERR),
        (Outcome::Interrupted, PamError::CONV_ERR),
        (Outcome::NoBus, PamError::AUTHINFO_UNAVAIL),
        (Outcome::NoDaemon, PamError::AUTHINFO_UNAVAIL),
        (Outcome::WrongOwner, PamError::AUTHINFO_UNAVAIL),
        (Outcome::OwnerChanged, PamError::AUTHINFO_UNAVAIL),
        (Outcome::ConnectionLost, PamError::AUTHINFO_UNAVAIL),
        (Outcome::VersionSkew, PamError::AUTHINFO_UNAVAIL),
        (Outcome::DeadlinePassed, PamError::AUTHINFO_UNAVAIL),
        (Outcome::NoResources, PamError::AUTHINFO_UNAVAIL),
        (Outcome::OutOfMemory, PamError::BUF_ERR),
        (Outcome::Panicked, PamError::ABORT),
        (Outcome::Prewarmed, PamError::IGNORE),
    ];

    #[test]
    fn every_local_outcome_has_its_code_with_and_without_nullok() {
        for &(outcome, code) in TABLE {
            for nullok in [false, true] {
                assert_eq!(PamError::from(Code::of(outcome, nullok)), code, "{outcome:?}");
            }
        }
    }

    #[test]
    fn a_recovery_succeeds_on_a_line_that_says_so_and_there_is_no_other() {
        let line = Options::parse(&["recovery"]).unwrap().recovery.unwrap();
        for nullok in [false, true] {
            assert_eq!(
                PamError::from(Code::of(Outcome::Recovered(line), nullok)),
                PamError::SUCCESS
            );
        }
    }

    #[test]
    fn every_refusal_has_its_code_with_and_without_nullok() {
        for &refusal in Refusal::ALL {
            let code = |nullok| PamError::from(Code::of(Outcome::Refused(refusal), nullok));
            let expected = match refusal {
                Refusal::SeveralFaces | Refusal::AttackSuspected | Refusal::RecoveryRefused => {
                    PamError::AUTH_ERR
                }
                Refusal::LockedOut => PamError::MAXTRIES,
                Refusal::UnknownUser | Refusal::MalformedUserName => PamError::USER_UNKNOWN,
                _ => PamError::AUTHINFO_UNAVAIL,
            };
            assert_eq!(code(false), expected, "{refusal:?}");
            let with_nullok = match refusal {
                Refusal::NeverEnrolled => PamError::IGNORE,
                _ => expected,
            };
            assert_eq!(code(true), with_nullok, "{refusal:?}");
        }
    }

    #[test]
    fn every_duty_has_its_code() {
        for (requirement, code) in [
            (SetupRequirement::Met, PamError::SUCCESS),
            (SetupRequirement::Unmet, PamError::NEW_AUTHTOK_REQD),
            (SetupRequirement::NotApplicable, PamError::IGNORE),
        ] {
            assert_eq!(PamError::from(Code::of_requirement(requirement)), code, "{requirement:?}");
        }
    }

    #[test]
    fn no_refusal_succeeds_and_only_a_match_does() {
        for nullok in [false, true] {
            for &refusal in Refusal::ALL {
                let code = Code::of(Outcome::Refused(refusal), nullok);
                assert_ne!(PamError::from(code), PamError::SUCCESS, "{refusal:?}");
                assert_eq!(code.is_ignore(), nullok && refusal == Refusal::NeverEnrolled);
            }
            for &(outcome, _) in TABLE {
                let success = PamError::from(Code::of(outcome, nullok)) == PamError::SUCCESS;
                assert_eq!(success, outcome == Outcome::Match, "{outcome:?}");
            }
        }
    }
}
