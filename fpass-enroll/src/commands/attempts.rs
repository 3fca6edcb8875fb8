//! A user's failed attempts, as sentences.

use fpass_language::Wording;
use fpass_proto::{AttemptsReport, CounterReport, Refusal};

use crate::error::Error;
use crate::language::told;

/// A user's failed attempts, as far as they are known.
#[derive(Debug)]
pub(super) enum AttemptCounts {
    /// The daemon was not asked.
    Unasked,
    /// The counts are damaged. The rest of the status is shown.
    Damaged,
    /// The counts.
    Known(AttemptsReport),
}

impl AttemptCounts {
    /// Reads the answer of the daemon.
    ///
    /// # Errors
    /// Every error except damaged counts.
    pub(super) fn of(answer: Result<AttemptsReport, Error>) -> Result<Self, Error> {
        match answer {
            Ok(report) => Ok(Self::Known(report)),
            Err(Error::Refused(Refusal::CounterUnreadable)) => Ok(Self::Damaged),
            Err(error) => Err(error),
        }
    }

    /// The counts, when they are known.
    pub(super) const fn report(&self) -> Option<&AttemptsReport> {
        match self {
            Self::Unasked | Self::Damaged => None,
            Self::Known(report) => Some(report),
        }
    }
}

/// The count of one kind of attempts, and what to do.
pub(super) fn sentence(bucket: Option<&CounterReport>) -> Wording {
    let Some(CounterReport { failures, wait_s, disabled }) = bucket else {
        return told!(
            "the count cannot be read; an administrator resets it with fpass-enroll unlock"
        );
    };
    let failed = match failures {
        0 => return told!("no failed attempts"),
        1 => told!("1 failed attempt"),
        more => told!("{more} failed attempts in a row", more = more),
    };
    if *disabled {
        told!("{failed}; disabled until an administrator runs fpass-enroll unlock", failed = failed)
    } else if *wait_s > 0 {
        told!("{failed}; locked for {seconds} s", failed = failed, seconds = wait_s)
    } else {
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_counts_are_no_error_but_other_refusals_are() {
        let refused = |refusal| AttemptCounts::of(Err(Error::Refused(refusal)));
        assert!(matches!(refused(Refusal::CounterUnreadable).unwrap(), AttemptCounts::Damaged));
        assert!(refused(Refusal::NotAuthorized).is_err());
    }

    #[test]
    fn the_sentence_gives_the_count_and_the_lock() {
        let read = |failures, wait_s, disabled| {
            sentence(Some(&CounterReport { failures, wait_s, disabled })).to_string()
        };
        assert!(sentence(None).as_str().contains("fpass-enroll unlock"));
        assert!(read(20, 0, true).contains("fpass-enroll unlock"));
        assert_eq!(read(5, 30, false), "5 failed attempts in a row; locked for 30 s");
        assert_eq!(read(1, 0, false), "1 failed attempt");
        assert_eq!(read(0, 0, false), "no failed attempts");
    }
}
