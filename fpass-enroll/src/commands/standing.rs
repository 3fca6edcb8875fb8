//! How a user's attempts stand, for people to read.

use fpass_proto::{AttemptsReport, BucketReport, Refusal};

use crate::error::Error;

/// What is known about a user's attempts.
#[derive(Debug)]
pub(super) enum Counts {
    /// Nobody asked.
    Unasked,
    /// They are damaged: the rest of what was asked for is shown all the same.
    Damaged,
    /// How they stand.
    Known(AttemptsReport),
}

impl Counts {
    /// What the daemon's answer says.
    ///
    /// # Errors
    /// Every refusal but that of damaged counts.
    pub(super) fn of(answer: Result<AttemptsReport, Error>) -> Result<Self, Error> {
        match answer {
            Ok(report) => Ok(Self::Known(report)),
            Err(Error::Refused(Refusal::CounterUnreadable)) => Ok(Self::Damaged),
            Err(error) => Err(error),
        }
    }

    /// How they stand, when that is known.
    pub(super) const fn report(&self) -> Option<&AttemptsReport> {
        match self {
            Self::Unasked | Self::Damaged => None,
            Self::Known(report) => Some(report),
        }
    }
}

/// What one kind of attempts stands at, and what to do about it.
pub(super) fn sentence(bucket: Option<&BucketReport>) -> String {
    let Some(BucketReport { failures, wait_s, disabled }) = bucket else {
        return "the count cannot be read; an administrator resets it with fpass-enroll unlock"
            .to_owned();
    };
    let failed = match failures {
        0 => return "no failed attempts".to_owned(),
        1 => "1 failed attempt".to_owned(),
        more => format!("{more} failed attempts in a row"),
    };
    if *disabled {
        format!("{failed}; disabled, an administrator unlocks with fpass-enroll unlock")
    } else if *wait_s > 0 {
        format!("{failed}; locked for {wait_s} s")
    } else {
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_count_hides_nothing_else_and_other_refusals_stay() {
        let refused = |refusal| Counts::of(Err(Error::Refused(refusal)));
        assert!(matches!(refused(Refusal::CounterUnreadable).unwrap(), Counts::Damaged));
        assert!(refused(Refusal::NotAuthorized).is_err());
    }

    #[test]
    fn whoever_is_locked_out_reads_for_how_long() {
        let read = |failures, wait_s, disabled| {
            sentence(Some(&BucketReport { failures, wait_s, disabled }))
        };
        assert!(sentence(None).contains("fpass-enroll unlock"));
        assert!(read(20, 0, true).contains("fpass-enroll unlock"));
        assert_eq!(read(5, 30, false), "5 failed attempts in a row; locked for 30 s");
        assert_eq!(read(1, 0, false), "1 failed attempt");
        assert_eq!(read(0, 0, false), "no failed attempts");
    }
}
