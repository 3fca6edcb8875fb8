//! The last attempts of one user: when, for which service, and how they ended. Nothing biometric.

use fpass_proto::{
    PastAttempt, Refusal, RefusalClass, ServiceName, Uid, Verdict, limits::PAST_ATTEMPTS,
};
use serde::{Deserialize, Serialize};

/// Attempts of one user, the newest first. At most [`PAST_ATTEMPTS`] entries: attempts of the same
/// service with the same end, one after the other, are one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttemptHistory {
    entries: Vec<HistoryEntry>,
}

/// Attempts in a row that ended in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HistoryEntry {
    /// When the last of them ended, in seconds since the Unix epoch.
    ended: u64,
    /// PAM service; empty for a self-test.
    service: String,
    /// A verdict word, or the D-Bus error name of a refusal.
    result: String,
    /// How many they are.
    count: u32,
}

/// An attempt that has just ended.
#[derive(Clone, Debug)]
pub(crate) struct EndedAttempt {
    /// When, in seconds since the Unix epoch.
    pub(crate) ended: u64,
    /// PAM service; `None` for a self-test.
    pub(crate) service: Option<ServiceName>,
    /// What the caller was told.
    pub(crate) outcome: Result<Verdict, Refusal>,
}

impl AttemptHistory {
    /// Adds an attempt; the oldest entry may be dropped for it.
    pub(crate) fn add(&mut self, attempt: &EndedAttempt) {
        let service = attempt.service.as_ref().map_or("", ServiceName::as_str);
        let result = word(attempt.outcome);
        if let Some(newest) = self.entries.first_mut()
            && newest.service == service
            && newest.result == result
        {
            newest.ended = attempt.ended;
            newest.count = newest.count.saturating_add(1);
            return;
        }
        let (service, result) = (service.to_owned(), result.to_owned());
        self.entries.truncate(PAST_ATTEMPTS - 1);
        self.entries.insert(0, HistoryEntry { ended: attempt.ended, service, result, count: 1 });
    }

    /// What the user is told, the newest first.
    pub(crate) fn report(&self) -> Vec<PastAttempt> {
        let report = |entry: &HistoryEntry| PastAttempt {
            ended: entry.ended,
            service: entry.service.clone(),
            result: entry.result.clone(),
            count: entry.count,
        };
        self.entries.iter().map(report).collect()
    }

    /// Encodes the history for the store.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        postcard::to_allocvec(self).ok()
    }

    /// Reads an encoded history. `None` unless a daemon of this version could have written it.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (history, rest) = postcard::take_from_bytes::<Self>(bytes).ok()?;
        let is_whole = rest.is_empty() && history.entries.len() <= PAST_ATTEMPTS;
        (is_whole && history.entries.iter().all(HistoryEntry::is_plausible)).then_some(history)
    }
}

impl HistoryEntry {
    fn is_plausible(&self) -> bool {
        let is_service = self.service.is_empty() || ServiceName::parse(&self.service).is_ok();
        let is_result = Verdict::parse(&self.result).is_some()
            || Refusal::from_error_name(&self.result).is_some();
        is_service && is_result && self.count > 0
    }
}

/// Whether an attempt belongs into the history of `uid`: root or the user made it, and the user has
/// an F-pass or had one.
///
/// Attempts of anybody else are refused before this user is looked up. They would push out those
/// that the user asks about.
pub(crate) fn belongs(caller: Uid, uid: Uid, outcome: Result<Verdict, Refusal>) -> bool {
    let is_about_the_user = match outcome {
        Ok(_) => true,
        Err(refusal) => match refusal.class() {
            RefusalClass::Permission
            | RefusalClass::Usage
            | RefusalClass::Naming
            | RefusalClass::Bundle => false,
            RefusalClass::Enrolment => refusal != Refusal::NeverEnrolled,
            RefusalClass::Locality
            | RefusalClass::Store
            | RefusalClass::Camera
            | RefusalClass::View
            | RefusalClass::Mismatch
            | RefusalClass::Lockout
            | RefusalClass::Daemon
            | RefusalClass::Cancellation => true,
        },
    };
    is_about_the_user && (caller.is_root() || caller == uid)
}

fn word(outcome: Result<Verdict, Refusal>) -> &'static str {
    match outcome {
        Ok(verdict) => verdict.as_str(),
        Err(refusal) => refusal.error_name(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALICE: Uid = Uid(1000);

    fn attempt(ended: u64, service: &str, outcome: Result<Verdict, Refusal>) -> EndedAttempt {
        EndedAttempt { ended, service: ServiceName::parse(service).ok(), outcome }
    }

    #[test]
    fn the_newest_is_first_and_equal_ones_in_a_row_are_one_entry() {
        let mut history = AttemptHistory::default();
        let dark = Err(Refusal::TooDark);
        history.add(&attempt(10, "sudo", dark));
        history.add(&attempt(20, "sudo", dark));
        history.add(&attempt(30, "", dark));
        history.add(&attempt(40, "sudo", Ok(Verdict::Match)));
        let entry = |ended, service: &str, result: &str, count| PastAttempt {
            ended,
            service: service.to_owned(),
            result: result.to_owned(),
            count,
        };
        let wanted = [
            entry(40, "sudo", "match", 1),
            entry(30, "", Refusal::TooDark.error_name(), 1),
            entry(20, "sudo", Refusal::TooDark.error_name(), 2),
        ];
        assert_eq!(history.report(), wanted);
    }

    #[test]
    fn the_number_of_entries_and_their_bytes_are_bounded() {
        let mut history = AttemptHistory::default();
        let outcomes = Refusal::ALL.iter().map(|refusal| Err(*refusal));
        let services = ["a".repeat(64), "b".repeat(64)];
        for (number, outcome) in (0..).zip(outcomes.chain([Ok(Verdict::NoMatch)])) {
            for service in &services {
                history.add(&attempt(u64::MAX - number, service, outcome));
            }
        }
        assert_eq!(history.report().len(), PAST_ATTEMPTS);
        // One slot of a file that is written in place.
        assert!(history.encode().unwrap().len() < 3500);
    }

    #[test]
    fn only_attempts_of_root_and_of_the_user_who_has_an_f_pass_belong() {
        for (caller, outcome, wanted) in [
            (Uid::ROOT, Ok(Verdict::NoMatch), true),
            (ALICE, Ok(Verdict::Match), true),
            (ALICE, Err(Refusal::TooDark), true),
            (Uid::ROOT, Err(Refusal::LockedOut), true),
            (Uid::ROOT, Err(Refusal::Removed), true),
            (Uid::ROOT, Err(Refusal::NeverEnrolled), false),
            (ALICE, Err(Refusal::NotAuthorized), false),
            (Uid::ROOT, Err(Refusal::UnknownUser), false),
            (Uid::ROOT, Err(Refusal::InvalidArgument), false),
            (Uid(1001), Ok(Verdict::Match), false),
            (Uid(1001), Err(Refusal::RemoteSession), false),
        ] {
            assert_eq!(belongs(caller, ALICE, outcome), wanted, "{caller} {outcome:?}");
        }
    }

    #[test]
    fn what_no_daemon_wrote_is_not_read() {
        let mut history = AttemptHistory::default();
        history.add(&attempt(1, "sudo", Ok(Verdict::Match)));
        let bytes = history.encode().unwrap();
        assert_eq!(AttemptHistory::decode(&bytes), Some(history.clone()));
        assert_eq!(AttemptHistory::decode(&[bytes.as_slice(), b"x"].concat()), None);
        let changed = |change: fn(&mut HistoryEntry)| {
            let mut history = history.clone();
            history.entries.iter_mut().for_each(change);
            AttemptHistory::decode(&history.encode().unwrap())
        };
        assert_eq!(changed(|entry| entry.result = "admitted".to_owned()), None);
        assert_eq!(changed(|entry| entry.service = "\u{1b}[2J".to_owned()), None);
        assert_eq!(changed(|entry| entry.count = 0), None);
        let entries = vec![history.entries[0].clone(); PAST_ATTEMPTS + 1];
        let long = AttemptHistory { entries };
        assert_eq!(AttemptHistory::decode(&long.encode().unwrap()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            AttemptHistory::decode(&bytes);
        }
    }
}
