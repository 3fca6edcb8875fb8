//! The faults of a chain, as sentences.

use std::fmt;

/// One fault. Numbers count from 1 in a chain, positions from 1 among the records read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainFault {
    /// These records were not found.
    Missing { first: u64, last: u64 },
    /// These records were not found, and none follows them.
    TailMissing { first: u64, last: u64 },
    /// The hash of the record does not match its fields.
    Altered { sequence: Option<u64> },
    /// The record is out of order.
    Moved { sequence: u64 },
    /// The record was found more than once.
    Duplicated { sequence: u64 },
    /// Another record has its number, or it does not follow the previous record.
    Inserted { sequence: u64 },
    /// Another chain begins.
    Restarted { position: u64 },
    /// The record has no place: the store failed, or somebody inserted it.
    Unchained { position: u64 },
    /// The record of this number does not have the expected hash.
    HeadDiffers { sequence: u64 },
    /// The expected head is older than all records.
    HeadUnseen { sequence: u64 },
    /// A line that is not a journal entry.
    Unreadable { line: u64 },
}

impl ChainFault {
    /// The word in the output of `--json`.
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

    /// The number of the record, the first of several.
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

impl fmt::Display for ChainFault {
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
            Self::Altered { sequence: None } => {
                f.write_str("a record was altered, including its number")
            }
            Self::Moved { sequence } => write!(f, "record {sequence} is out of order"),
            Self::Duplicated { sequence } => write!(f, "record {sequence} was found twice"),
            Self::Inserted { sequence } => write!(
                f,
                "record {sequence} does not follow the previous record; one of the two was inserted"
            ),
            Self::Restarted { position } => write!(
                f,
                "another chain begins with entry {position}; the head in the store was damaged or \
                 removed"
            ),
            Self::Unchained { position } => write!(
                f,
                "entry {position} has no place in the chain; the store failed, or it was inserted"
            ),
            Self::HeadDiffers { sequence } => {
                write!(f, "record {sequence} is not the one that the head names")
            }
            Self::HeadUnseen { sequence } => {
                write!(f, "the head names record {sequence}, which was not found")
            }
            Self::Unreadable { line } => write!(f, "line {line} is not a journal entry"),
        }
    }
}
