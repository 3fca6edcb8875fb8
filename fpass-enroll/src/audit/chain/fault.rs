//! What can be wrong with a chain, as the sentences that people read.

use std::fmt;

/// One fault. Places count from 1 within a chain, positions from 1 among the records read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// These are not among the records.
    Missing { first: u64, last: u64 },
    /// These are not among the records, and nothing follows them.
    TailMissing { first: u64, last: u64 },
    /// Its hash does not belong to its fields.
    Altered { sequence: Option<u64> },
    /// It stands elsewhere than its place.
    Moved { sequence: u64 },
    /// It is there more than once.
    Duplicated { sequence: u64 },
    /// Another record has its place, or it follows another one than the record before.
    Inserted { sequence: u64 },
    /// A chain begins in the middle.
    Restarted { position: u64 },
    /// It has no place: the store failed, or somebody put it there.
    Unchained { position: u64 },
    /// The record of this place is not the one whose hash was expected.
    HeadDiffers { sequence: u64 },
    /// The expected head is older than all records.
    HeadUnseen { sequence: u64 },
    /// A line that is no journal entry.
    Unreadable { line: u64 },
}

impl Fault {
    /// The word that `--json` has for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::TailMissing { .. } => "tail-missing",
            Self::Altered { .. } => "altered",
            Self::Moved { .. } => "moved",
            Self::Duplicated { .. } => "duplicated",
            Self::Inserted { .. } => "inserted",
            Self::Restarted { .. } => "restarted",
            Self::Unchained { .. } => "unchained",
            Self::HeadDiffers { .. } => "head-differs",
            Self::HeadUnseen { .. } => "head-unseen",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// The place that it is about, the first of several.
    pub(crate) const fn sequence(self) -> Option<u64> {
        match self {
            Self::Missing { first, .. } | Self::TailMissing { first, .. } => Some(first),
            Self::Altered { sequence } => sequence,
            Self::Moved { sequence }
            | Self::Duplicated { sequence }
            | Self::Inserted { sequence }
            | Self::HeadDiffers { sequence }
            | Self::HeadUnseen { sequence } => Some(sequence),
            Self::Restarted { .. } | Self::Unchained { .. } | Self::Unreadable { .. } => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { first, last } if first == last => {
                write!(f, "record {first} is missing")
            }
            Self::Missing { first, last } => write!(f, "records {first} to {last} are missing"),
            Self::TailMissing { first, last } if first == last => {
                write!(f, "record {first}, the last one, is missing")
            }
            Self::TailMissing { first, last } => {
                write!(f, "records {first} to {last}, the last ones, are missing")
            }
            Self::Altered { sequence: Some(sequence) } => {
                write!(f, "record {sequence} was altered")
            }
            Self::Altered { sequence: None } => f.write_str("a record was altered, its place too"),
            Self::Moved { sequence } => write!(f, "record {sequence} stands in another place"),
            Self::Duplicated { sequence } => write!(f, "record {sequence} is there twice"),
            Self::Inserted { sequence } => write!(
                f,
                "record {sequence} does not follow the one before it; one of the two was put there"
            ),
            Self::Restarted { position } => write!(
                f,
                "the chain begins anew with the {position}. record; the head in the store was damaged \
                 or removed"
            ),
            Self::Unchained { position } => write!(
                f,
                "the {position}. record has no place in the chain; the store failed, or it was put \
                 there"
            ),
            Self::HeadDiffers { sequence } => {
                write!(f, "record {sequence} is not the one that the head names")
            }
            Self::HeadUnseen { sequence } => {
                write!(f, "the head names record {sequence}, which is not among these")
            }
            Self::Unreadable { line } => write!(f, "line {line} is no journal entry"),
        }
    }
}
