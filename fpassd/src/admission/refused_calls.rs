//! Numbers of refused calls that have no audit record of their own.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use fpass_proto::Uid;

/// Most users that are counted each; the calls of further ones are counted together.
const USERS_MAX: usize = 32;

/// Numbers of refused calls by user. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefusedCalls(Arc<Mutex<RefusedTally>>);

/// Numbers of refused calls in one period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RefusedTally {
    by_user: BTreeMap<u32, u64>,
    /// Calls of further users, and of callers that left before their user was known.
    others: u64,
}

impl RefusedCalls {
    /// Adds one call; `None` for a caller whose user is not known.
    pub(crate) fn add(&self, user: Option<Uid>) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match user {
            Some(user)
                if tally.by_user.len() < USERS_MAX || tally.by_user.contains_key(&user.0) =>
            {
                *tally.by_user.entry(user.0).or_default() += 1;
            }
            Some(_) | None => tally.others += 1,
        }
    }

    /// The numbers since the last time, or `None` if no call was refused.
    pub(crate) fn take(&self) -> Option<RefusedTally> {
        let tally = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (tally.total() > 0).then_some(tally)
    }
}

impl RefusedTally {
    /// Number of calls.
    pub(crate) fn total(&self) -> u64 {
        self.by_user.values().sum::<u64>() + self.others
    }

    /// `uid=calls` for each user, then `others=calls`.
    pub(crate) fn by_user(&self) -> String {
        let users = self.by_user.iter().map(|(user, calls)| format!("{user}={calls}"));
        let others = (self.others > 0).then(|| format!("others={}", self.others));
        users.chain(others).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_counted_once_however_many_users_call() {
        let refused = RefusedCalls::default();
        assert_eq!(refused.take(), None);
        for user in 0..1000 {
            refused.add(Some(Uid(user)));
        }
        refused.add(Some(Uid(3)));
        refused.add(None);
        let tally = refused.take().unwrap();
        assert_eq!(tally.total(), 1002);
        assert_eq!(tally.by_user.len(), USERS_MAX);
        assert!(tally.by_user().starts_with("0=1 1=1 2=1 3=2 4=1 "), "{}", tally.by_user());
        assert!(tally.by_user().ends_with(" 31=1 others=969"), "{}", tally.by_user());
        assert_eq!(refused.take(), None);
    }
}
