//! Why the store refuses, and what the caller on the bus is told.

use fpass_proto::Refusal;
use thiserror::Error;

use crate::folder::FolderError;
use crate::recovery::HashError;

/// Why the store did not do what was asked.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("the store directory is not usable: {0}")]
    Directory(#[source] FolderError),
    #[error("another fpassd uses it; stop that one first, by systemctl stop fpassd")]
    InUse,
    #[error("the key is not usable: {0}")]
    Key(#[source] FolderError),
    #[error("the key is not one of 32 bytes")]
    KeyLength,
    #[error("there is no key file")]
    KeyMissing,
    #[error("the key is being rotated; finish that first, by fpassd --rotate-key")]
    Rotating,
    #[error("{0} records could not be opened and stay as they are; clear them, then try again")]
    Unopened(usize),
    #[error("the record is not usable: {0}")]
    Record(#[source] FolderError),
    #[error("the record is cut short")]
    Truncated,
    #[error("the record fails its authentication")]
    Altered,
    #[error("the record was sealed with a key that is not here")]
    ForeignKey,
    #[error("other networks computed the record; the user must enrol again")]
    OtherModels,
    #[error("the record belongs to another user")]
    Swapped,
    #[error("the record has an unknown format")]
    UnknownFormat,
    #[error("the record's content is malformed")]
    Malformed,
    #[error("the recovery codes are not usable: {0}")]
    Codes(#[source] FolderError),
    #[error("the recovery codes are damaged or those of another user")]
    CodesMalformed,
    #[error("the history of attempts is not usable: {0}")]
    History(#[source] FolderError),
    #[error("there are no recovery codes")]
    NoCodes,
    #[error("the recovery code is wrong or was used before")]
    CodeRefused,
    #[error("nobody waits for the recovery code any more")]
    CodeAbandoned,
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error("the record could not be written: {0}")]
    Write(#[source] FolderError),
    #[error("the system gave no random bytes")]
    NoRandomness,
    #[error("the user was never enrolled")]
    NeverEnrolled,
    #[error("the user's templates were removed")]
    Removed,
    #[error("the record was changed meanwhile")]
    Changed,
    #[error("the user has or had an F-pass here")]
    Occupied,
    #[error("a template is too close to other people")]
    Indistinct,
    #[error("the label is taken")]
    LabelTaken,
    #[error("no template has this label")]
    NoSuchTemplate,
    #[error("the user holds as many templates as allowed")]
    TooManyTemplates,
}

impl StoreError {
    /// What the caller on the bus is told.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Key(_) | Self::KeyLength | Self::KeyMissing => Refusal::KeyUnreadable,
            Self::Record(FolderError::Irregular) => Refusal::TemplateIrregular,
            Self::Record(FolderError::Misowned) => Refusal::TemplateMisowned,
            Self::InUse | Self::Rotating | Self::Unopened(_) => Refusal::StorageFailed,
            Self::Directory(_) | Self::Record(FolderError::TooLarge | FolderError::Io(_)) => {
                Refusal::TemplateUnreadable
            }
            Self::Truncated => Refusal::TemplateTruncated,
            Self::Altered | Self::ForeignKey | Self::Malformed => Refusal::TemplateAltered,
            Self::OtherModels => Refusal::TemplateModels,
            Self::Swapped => Refusal::TemplateSwapped,
            Self::UnknownFormat => Refusal::TemplateUnknownFormat,
            Self::Codes(_) | Self::CodesMalformed => Refusal::RecoveryUnreadable,
            Self::NoCodes => Refusal::NoRecoveryCodes,
            Self::CodeRefused => Refusal::RecoveryRefused,
            Self::CodeAbandoned => Refusal::Cancelled,
            Self::Hash(_) => Refusal::Internal,
            Self::History(_) | Self::Write(_) | Self::NoRandomness => Refusal::StorageFailed,
            Self::NeverEnrolled => Refusal::NeverEnrolled,
            Self::Removed => Refusal::Removed,
            Self::Changed => Refusal::Cancelled,
            Self::Occupied => Refusal::EnrolledAlready,
            Self::Indistinct => Refusal::Indistinct,
            Self::LabelTaken => Refusal::LabelTaken,
            Self::NoSuchTemplate => Refusal::NoSuchTemplate,
            Self::TooManyTemplates => Refusal::TooManyTemplates,
        }
    }
}
