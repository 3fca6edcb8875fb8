//! A flag with which one side tells the other that nobody waits any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// Shared between the bus side, which raises it and waits for it, and the engine, which looks at
/// it between frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct CancelFlag(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: AtomicBool,
    waiting: Notify,
}

impl CancelFlag {
    /// Asks the work to end.
    pub(crate) fn raise(&self) {
        self.0.raised.store(true, Ordering::Release);
        self.0.waiting.notify_waiters();
    }

    /// Whether the work should end.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// Returns when the work should end.
    pub(crate) async fn raised(&self) {
        // Enters before the look: what is raised after the look wakes it.
        let woken = self.0.waiting.notified();
        if !self.is_raised() {
            woken.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_a_flag_that_is_raised_and_none_wakes_without_it() {
        let flag = CancelFlag::default();
        let early = tokio::time::timeout(Duration::from_millis(20), flag.raised()).await;
        assert!(early.is_err());
        let other = flag.clone();
        let waiting = tokio::spawn(async move { other.raised().await });
        tokio::task::yield_now().await;
        flag.raise();
        waiting.await.unwrap();
        flag.raised().await;
    }
}
