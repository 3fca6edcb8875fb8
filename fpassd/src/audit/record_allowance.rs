//! How many refused calls of users get an audit record of their own. Each record takes a write to
//! the disk and a line of the journal, and every user can cause refusals.

use std::{collections::HashMap, time::Instant};

use fpass_proto::Uid;

use crate::admission::{Allowance, Rate};

/// Records of refused calls of one user, and of all users together.
const PER_USER: Rate = Rate { burst: 100, per_second: 1 };
const ALL: Rate = Rate { burst: 1000, per_second: 10 };
/// From this number of users on, those with a full allowance are forgotten.
const USERS_KEPT: usize = 256;

/// What is left of the rates.
#[derive(Debug, Default)]
pub(super) struct RecordAllowance {
    users: HashMap<Uid, Allowance>,
    all: Allowance,
}

impl RecordAllowance {
    /// Takes one record for this user. `false` if none is left.
    pub(super) fn take(&mut self, user: Uid, now: Instant) -> bool {
        if self.users.len() >= USERS_KEPT && !self.users.contains_key(&user) {
            self.users.retain(|_, allowance| !allowance.is_full(now));
        }
        self.users.entry(user).or_default().take(PER_USER, now) && self.all.take(ALL, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_leaves_records_to_others_and_all_stay_within_the_total() {
        let (mut allowance, now) = (RecordAllowance::default(), Instant::now());
        let mut taken = |user| (0..1000).filter(|_| allowance.take(Uid(user), now)).count();
        assert_eq!(taken(1000), 100);
        assert_eq!(taken(1001), 100);
        assert_eq!((2000..3000).map(taken).sum::<usize>(), 800);
    }
}
