//! How the attempts with one clip ended.

use std::fmt;

use fpass_face::liveness::{LivenessFailure, NeutralIssue};
use serde::{Deserialize, Serialize};

use crate::cache::{CacheEntry, MAGIC_LENGTH};

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$about:meta])+ $variant:ident = $word:literal,)+ })+) => { $(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $name { $($(#[$about])+ $variant,)+ }

        impl $name {
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
    /// How an attempt ended.
    AttemptEnd {
        /// A solid head did what the prompts ask.
        Accepted = "accepted",
        /// It turned to the other side.
        WrongWay = "wrong way",
        /// It moved though it had to be still.
        Moved = "moved",
        /// No turn of a solid head in time.
        NoTurn = "no turn",
        /// Another person turned.
        AnotherPerson = "another person",
        /// Too few frames in a second.
        TooFewFrames = "too few frames",
        /// The frames could not be compared with the neutral one.
        NotComparable = "not comparable",
        /// The face was lost, jumped, or there was a second one.
        Interrupted = "interrupted",
        /// No neutral frame.
        NoNeutral = "no neutral frame",
        /// The clip ended first.
        ClipOver = "clip over",
    }
    /// What keeps frames from being neutral.
    NeutralObstacle {
        /// No face, or several.
        NotOneFace = "not one face",
        /// A face of which the detector is not sure.
        Uncertain = "uncertain",
        /// Too far away.
        TooSmall = "too small",
        /// Too near the border.
        NearBorder = "near the border",
        /// Turned to a side.
        Turned = "turned",
        /// Tilted to a shoulder.
        Tilted = "tilted",
        /// Nodded up or down.
        Nodded = "nodded",
        /// In motion.
        Moving = "moving",
    }
}

impl From<NeutralIssue> for NeutralObstacle {
    fn from(issue: NeutralIssue) -> Self {
        match issue {
            NeutralIssue::NotOneFace => Self::NotOneFace,
            NeutralIssue::Uncertain => Self::Uncertain,
            NeutralIssue::TooSmall => Self::TooSmall,
            NeutralIssue::NearBorder => Self::NearBorder,
            NeutralIssue::Turned => Self::Turned,
            NeutralIssue::Tilted => Self::Tilted,
            NeutralIssue::Nodded => Self::Nodded,
            NeutralIssue::Moving => Self::Moving,
        }
    }
}

impl From<LivenessFailure> for AttemptEnd {
    fn from(failure: LivenessFailure) -> Self {
        match failure {
            LivenessFailure::WrongWay => Self::WrongWay,
            LivenessFailure::Moved => Self::Moved,
            LivenessFailure::NoTurn => Self::NoTurn,
            LivenessFailure::AnotherPerson => Self::AnotherPerson,
            LivenessFailure::TooFewFrames => Self::TooFewFrames,
            LivenessFailure::NotComparable => Self::NotComparable,
            LivenessFailure::Interrupted(_) => Self::Interrupted,
            LivenessFailure::NoNeutral => Self::NoNeutral,
        }
    }
}

/// The person's own side to which a turn was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// One attempt with one clip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AttemptResult {
    /// The side that every prompt asked for.
    pub(crate) side: Side,
    /// How it ended.
    pub(crate) end: AttemptEnd,
    /// Prompts until then.
    pub(crate) prompts: u8,
    /// Seconds from the start to the first neutral frame; none without one.
    pub(crate) first_neutral: Option<f64>,
    /// Seconds from the first neutral frame to the end.
    pub(crate) seconds: Option<f64>,
    /// What kept most frames from being neutral, when none was.
    pub(crate) issue: Option<NeutralObstacle>,
}

impl AttemptResult {
    /// Whether it was accepted, with the first prompt only or also with a later one.
    pub(crate) fn is_accepted(&self, prompts: Prompts) -> bool {
        let in_time = match prompts {
            Prompts::One => self.prompts <= 1,
            Prompts::All => true,
        };
        in_time && self.end == AttemptEnd::Accepted
    }
}

/// Which prompts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompts {
    /// The first one.
    One,
    /// Those of a whole attempt, with its retry.
    All,
}

/// Every attempt with one clip.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClipResult {
    /// Why the clip cannot be read; then there are no attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unreadable: Option<String>,
    /// One attempt for each side that was asked for.
    #[serde(default)]
    pub(crate) attempts: Vec<AttemptResult>,
}

impl ClipResult {
    /// Whether an attempt was accepted.
    pub(crate) fn is_accepted(&self, prompts: Prompts) -> bool {
        self.attempts.iter().any(|attempt| attempt.is_accepted(prompts))
    }

    /// Whether there was a neutral frame.
    pub(crate) fn has_neutral(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.first_neutral.is_some())
    }

    /// Seconds from the first neutral frame to the acceptance, that of the first side.
    pub(crate) fn seconds(&self) -> Option<f64> {
        let accepted = self.attempts.iter().find(|attempt| attempt.is_accepted(Prompts::All));
        accepted.and_then(|attempt| attempt.seconds)
    }
}

impl CacheEntry for ClipResult {
    const MAGIC: &'static [u8; MAGIC_LENGTH] = b"FPASSPD1";

    /// TOML.
    fn write(&self, bytes: &mut Vec<u8>) {
        // What cannot be written is not read back, and computed again.
        bytes.extend(toml::to_string(self).unwrap_or_default().bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let read: Self = toml::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
        (!read.attempts.is_empty()).then_some(read)
    }
}
