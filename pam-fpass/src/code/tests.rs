//! The complete tables: what every outcome and every refusal means to libpam.

use fpass_proto::PamArguments;

use super::*;

/// Every outcome that is not a refusal, with the code that the contract gives it.
const TABLE: &[(Outcome, PamError)] = &[
    (Outcome::Match, PamError::SUCCESS),
    (Outcome::NoMatch, PamError::AUTH_ERR),
    (Outcome::ServiceNotAllowed, PamError::AUTH_ERR),
    (Outcome::RemoteHost, PamError::AUTHINFO_UNAVAIL),
    (Outcome::UnknownUser, PamError::USER_UNKNOWN),
    (Outcome::UnsupportedUserName, PamError::AUTHINFO_UNAVAIL),
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

/// Every refusal, with the code that the contract gives it on a line without `nullok`.
const REFUSALS: &[(Refusal, PamError)] = &[
    (Refusal::NotAuthorized, PamError::AUTHINFO_UNAVAIL),
    (Refusal::AuthenticationNeeded, PamError::AUTHINFO_UNAVAIL),
    (Refusal::AuthorityUnavailable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::FaceNotConfirmed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::PasswordNeeded, PamError::AUTHINFO_UNAVAIL),
    (Refusal::InvalidArgument, PamError::AUTHINFO_UNAVAIL),
    (Refusal::MalformedUserName, PamError::AUTHINFO_UNAVAIL),
    (Refusal::UnknownUser, PamError::AUTHINFO_UNAVAIL),
    (Refusal::UserMismatch, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NeverEnrolled, PamError::AUTHINFO_UNAVAIL),
    (Refusal::Removed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::EnrolledAlready, PamError::AUTHINFO_UNAVAIL),
    (Refusal::BundleRefused, PamError::AUTHINFO_UNAVAIL),
    (Refusal::BundleModels, PamError::AUTHINFO_UNAVAIL),
    (Refusal::BundleOfAnotherUser, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateUnreadable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateTruncated, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateAltered, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateModels, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateSwapped, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateMisowned, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateIrregular, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TemplateUnknownFormat, PamError::AUTHINFO_UNAVAIL),
    (Refusal::KeyUnreadable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CounterUnreadable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NoRecoveryCodes, PamError::AUTHINFO_UNAVAIL),
    (Refusal::RecoveryRefused, PamError::AUTH_ERR),
    (Refusal::RecoveryUnreadable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::StorageFailed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::RemoteSession, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NoCamera, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraBusy, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraFailed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraSilent, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraFrozen, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraUnsuitable, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraCovered, PamError::AUTHINFO_UNAVAIL),
    (Refusal::LidClosed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraBandwidth, PamError::AUTHINFO_UNAVAIL),
    (Refusal::CameraNeedsBridge, PamError::AUTHINFO_UNAVAIL),
    (Refusal::OtherCamera, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TooDark, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NoFace, PamError::AUTHINFO_UNAVAIL),
    (Refusal::SeveralFaces, PamError::AUTH_ERR),
    (Refusal::TooFar, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TooNear, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TooBright, PamError::AUTHINFO_UNAVAIL),
    (Refusal::Unclear, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TooSlow, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NotUpright, PamError::AUTHINFO_UNAVAIL),
    (Refusal::Indistinct, PamError::AUTHINFO_UNAVAIL),
    (Refusal::AnotherPerson, PamError::AUTHINFO_UNAVAIL),
    (Refusal::AttackSuspected, PamError::AUTH_ERR),
    (Refusal::LockedOut, PamError::MAXTRIES),
    (Refusal::QueueFull, PamError::AUTHINFO_UNAVAIL),
    (Refusal::Cancelled, PamError::AUTHINFO_UNAVAIL),
    (Refusal::DeadlinePassed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NotReady, PamError::AUTHINFO_UNAVAIL),
    (Refusal::EngineFailed, PamError::AUTHINFO_UNAVAIL),
    (Refusal::Internal, PamError::AUTHINFO_UNAVAIL),
    (Refusal::LabelTaken, PamError::AUTHINFO_UNAVAIL),
    (Refusal::NoSuchTemplate, PamError::AUTHINFO_UNAVAIL),
    (Refusal::TooManyTemplates, PamError::AUTHINFO_UNAVAIL),
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
fn a_recovery_succeeds_and_only_a_line_with_recovery_can_make_one() {
    let line = PamArguments::parse_auth(&["recovery"]).unwrap().recovery.unwrap();
    for nullok in [false, true] {
        assert_eq!(PamError::from(Code::of(Outcome::Recovered(line), nullok)), PamError::SUCCESS);
    }
}

#[test]
fn every_refusal_has_its_code_with_and_without_nullok() {
    let listed: Vec<Refusal> = REFUSALS.iter().map(|(refusal, _)| *refusal).collect();
    assert_eq!(listed, Refusal::ALL, "the table lists every refusal, in order");
    for &(refusal, expected) in REFUSALS {
        let code = |nullok| PamError::from(Code::of(Outcome::Refused(refusal), nullok));
        assert_eq!(code(false), expected, "{refusal:?}");
        let with_nullok = match refusal {
            Refusal::NeverEnrolled => PamError::IGNORE,
            _ => expected,
        };
        assert_eq!(code(true), with_nullok, "{refusal:?}");
    }
}

#[test]
fn every_set_up_requirement_has_its_code() {
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
