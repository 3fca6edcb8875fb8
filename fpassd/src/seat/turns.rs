//! How many callers are looked up at the same time.
//!
//! All look-ups share one connection, on which the bus allows 128 questions without an answer. A
//! look-up asks at most four at a time and one about the lid. One for a login of root asks six: two
//! about the caller and all sessions, three ahead and one about the lid. That is 100 in all. At
//! most 24 go to the bus about the users of callers. The rest is for questions about the lid before
//! an enrolment, and about the process of a set-up.

use fpass_proto::Uid;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Most look-ups at the same time for root's callers.
const TURNS_OF_ROOT: usize = 10;
/// The same for all other callers together.
const TURNS_OF_OTHERS: usize = 8;

/// The look-ups in progress.
#[derive(Debug)]
pub(crate) struct LookUpTurns {
    root: Semaphore,
    others: Semaphore,
}

impl Default for LookUpTurns {
    fn default() -> Self {
        Self { root: Semaphore::new(TURNS_OF_ROOT), others: Semaphore::new(TURNS_OF_OTHERS) }
    }
}

impl LookUpTurns {
    /// Waits for a turn, which ends when the returned value is dropped. `None` never comes while
    /// the daemon runs.
    pub(crate) async fn wait(&self, caller: Uid) -> Option<SemaphorePermit<'_>> {
        let turns = if caller.is_root() { &self.root } else { &self.others };
        turns.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn others_wait_for_one_another_and_root_has_turns_of_its_own() {
        let turns = LookUpTurns::default();
        let mut taken = Vec::new();
        for _ in 0..TURNS_OF_OTHERS {
            taken.push(turns.wait(Uid(1000)).await.unwrap());
        }
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, turns.wait(Uid(1001))).await.is_err());
        assert!(turns.wait(Uid::ROOT).await.is_some());
        taken.pop();
        assert!(turns.wait(Uid(1001)).await.is_some());
    }
}
