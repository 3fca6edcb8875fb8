//! The result for a picture.

use std::fmt;

use fpass_face::{Features, QualityIssue};

/// The result of the recogniser for one picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The subject's features, and the limit of quality that the face misses.
    Enrolled(Features, Option<Remark>),
    /// No features.
    Failed(Failure),
}

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { $($variant:ident = $word:literal,)+ })+) => { $(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum $name { $($variant,)+ }

        impl $name {
            /// Every one, in the order of their codes.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in reports.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+ };
}

words! {
    /// Why a picture gave no features.
    Failure {
        Unreadable = "file unreadable",
        NoPicture = "no JPEG or PNG",
        Size = "too large or too small",
        NoFace = "no face",
        CutOff = "face cut off",
        Featureless = "face without contrast",
        Network = "network without result",
    }
    /// Which limit of quality a face misses. The daemon would wait for a better frame; here the
    /// picture is compared.
    Remark {
        TooSmall = "too small",
        TooLarge = "too large",
        CutOff = "cut off",
        TooDark = "too dark",
        TooBright = "too bright",
        OffPose = "turned away",
        Blurred = "blurred",
    }
}

impl From<QualityIssue> for Remark {
    fn from(flaw: QualityIssue) -> Self {
        match flaw {
            QualityIssue::TooSmall => Self::TooSmall,
            QualityIssue::TooLarge => Self::TooLarge,
            QualityIssue::CutOff => Self::CutOff,
            QualityIssue::TooDark => Self::TooDark,
            QualityIssue::TooBright => Self::TooBright,
            QualityIssue::OffPose { .. } => Self::OffPose,
            QualityIssue::Blurred => Self::Blurred,
        }
    }
}
