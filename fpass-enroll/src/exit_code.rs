//! The exit codes: one table, from which `--help` and the man page are written too.

use fpass_proto::{Refusal, RefusalClass};

fpass_terminal::exit_codes! {
    /// Done, or the face matches.
    Done = 0, "done; with verify: the face matches";
    /// A face was compared and not accepted.
    NoMatch = 1, "the face does not match; with a change: not the face of the enrolled person; with qualify: not strong enough";
    /// The command line or a name in it is wrong. `clap` uses this code too.
    Usage = 2, "the command line is wrong";
    /// No F-pass, or no recovery codes, are set up.
    NotEnrolled = 3, "no F-pass is set up for this user, or no recovery codes";
    /// The daemon does not allow it.
    Refused = 4, "fpassd does not allow it: another user's F-pass, not confirmed, a remote session, locked out";
    /// No camera, or no usable face in its pictures.
    Conditions = 5, "the camera or its picture: no camera, too dark, no face, several faces";
    /// No trusted daemon answers.
    Unreachable = 6, "fpassd cannot be reached or does not answer";
    /// The face models are missing, altered, or could not be fetched.
    Models = 7, "the face models are missing, wrong or could not be fetched";
    /// A user or template that does not exist, or a label or place that is taken.
    Naming = 8, "no such user or template, label already in use, or too many templates";
    /// The daemon cannot read or write its store.
    Storage = 9, "the stored F-pass or its key cannot be read or written";
    /// The daemon could not work on the request.
    Failed = 10, "fpassd is too busy, or it or this program failed";
    /// Standard output or a file could not be written.
    Output = 11, "the output could not be written";
    /// Pictures, pairs, groups or clips that cannot be evaluated.
    Dataset = 12, "evaluate: the pictures, pairs, groups or clips cannot be read or are too few";
    /// A PAM stack lets somebody in without password or face, or lets nobody in.
    StackBroken = 20, "check-pam, pam: a stack lets somebody in without password or face, or lets nobody in";
    /// A PAM stack has faults, so nothing is proven about it.
    StackUnreadable = 21, "check-pam, pam: a stack has faults or cannot be read; nothing is proven";
    /// A named PAM service has no line of pam_fpass.
    StackUnprotected = 22, "check-pam, pam status: a named service does not ask for the face";
    /// Nobody could get in without a working face check.
    NoWayBack = 23, "check-pam, pam: nobody could log in without a working face check";
    /// A PAM file was not changed.
    StackUnchanged = 24, "pam enable, pam disable: the file was not changed, for the reason given";
    /// A record of the audit log is missing, altered, moved or inserted.
    AuditLogBroken = 30, "audit verify: a record is missing, altered, moved or inserted";
    /// The audit log cannot be read.
    AuditLog = 31, "audit: the journal cannot be read or has no record";
    /// A bundle of templates cannot be read or made.
    Bundle = 40, "import, export: the bundle or the other machine's identity cannot be used";
    /// The machine may have a problem.
    Doubtful = 50, "doctor: something may be wrong, or could not be checked";
    /// The machine has a problem.
    Unwell = 51, "doctor: something is wrong";
    /// Ctrl-C, a signal, or "no" to a question.
    Interrupted = 130, "interrupted, or answered with no";
}

impl From<Refusal> for ExitCode {
    fn from(refusal: Refusal) -> Self {
        match refusal.class() {
            RefusalClass::Mismatch => Self::NoMatch,
            RefusalClass::Usage => Self::Usage,
            RefusalClass::Enrolment => Self::NotEnrolled,
            RefusalClass::Permission | RefusalClass::Locality | RefusalClass::Lockout => {
                Self::Refused
            }
            RefusalClass::Camera | RefusalClass::View => Self::Conditions,
            RefusalClass::Naming => Self::Naming,
            RefusalClass::Store => Self::Storage,
            RefusalClass::Bundle => Self::Bundle,
            RefusalClass::Daemon => Self::Failed,
            RefusalClass::Cancellation => Self::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_refusal_looks_like_success() {
        for refusal in Refusal::ALL {
            assert_ne!(ExitCode::from(*refusal), ExitCode::Done, "{refusal:?}");
        }
    }

    #[test]
    fn numbers_are_distinct_and_ascending() {
        let numbers: Vec<u8> = ExitCode::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }

    #[test]
    fn each_row_of_the_table_is_as_documented() {
        let rows: &[(u8, &[Refusal])] = &[
            (
                1,
                &[
                    Refusal::AttackSuspected,
                    Refusal::AnotherPerson,
                    Refusal::FaceNotConfirmed,
                    Refusal::RecoveryRefused,
                ],
            ),
            (40, &[Refusal::BundleRefused, Refusal::BundleModels, Refusal::BundleOfAnotherUser]),
            (2, &[Refusal::InvalidArgument, Refusal::MalformedUserName]),
            (3, &[Refusal::NeverEnrolled, Refusal::Removed, Refusal::NoRecoveryCodes]),
            (
                4,
                &[
                    Refusal::NotAuthorized,
                    Refusal::AuthenticationNeeded,
                    Refusal::PasswordNeeded,
                    Refusal::AuthorityUnavailable,
                    Refusal::UserMismatch,
                    Refusal::RemoteSession,
                    Refusal::LockedOut,
                ],
            ),
            (
                5,
                &[
                    Refusal::NoCamera,
                    Refusal::CameraBusy,
                    Refusal::CameraFailed,
                    Refusal::CameraSilent,
                    Refusal::CameraFrozen,
                    Refusal::CameraUnsuitable,
                    Refusal::CameraCovered,
                    Refusal::LidClosed,
                    Refusal::CameraBandwidth,
                    Refusal::CameraNeedsBridge,
                    Refusal::OtherCamera,
                    Refusal::TooDark,
                    Refusal::NoFace,
                    Refusal::SeveralFaces,
                    Refusal::TooFar,
                    Refusal::TooNear,
                    Refusal::TooBright,
                    Refusal::Unclear,
                    Refusal::TooSlow,
                    Refusal::NotUpright,
                    Refusal::Indistinct,
                    Refusal::DeadlinePassed,
                ],
            ),
            (
                8,
                &[
                    Refusal::UnknownUser,
                    Refusal::EnrolledAlready,
                    Refusal::LabelTaken,
                    Refusal::NoSuchTemplate,
                    Refusal::TooManyTemplates,
                ],
            ),
            (
                9,
                &[
                    Refusal::TemplateUnreadable,
                    Refusal::TemplateTruncated,
                    Refusal::TemplateAltered,
                    Refusal::TemplateModels,
                    Refusal::TemplateSwapped,
                    Refusal::TemplateMisowned,
                    Refusal::TemplateIrregular,
                    Refusal::TemplateUnknownFormat,
                    Refusal::KeyUnreadable,
                    Refusal::CounterUnreadable,
                    Refusal::RecoveryUnreadable,
                    Refusal::StorageFailed,
                ],
            ),
            (
                10,
                &[Refusal::QueueFull, Refusal::NotReady, Refusal::EngineFailed, Refusal::Internal],
            ),
            (130, &[Refusal::Cancelled]),
        ];
        for refusal in Refusal::ALL {
            let listed: Vec<u8> = rows
                .iter()
                .filter(|(_, refusals)| refusals.contains(refusal))
                .map(|(number, _)| *number)
                .collect();
            assert_eq!(listed, [ExitCode::from(*refusal).number()], "{refusal:?}");
        }
    }
}
