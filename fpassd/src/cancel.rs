//! A flag that tells the engine that nobody waits for its answer any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// Raised and awaited by the bus interfaces, and checked by the engine between frames. Copies share
/// the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct CancelFlag(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: AtomicBool,
    waiting: Notify,
}

impl CancelFlag {
    /// Raises the flag: the work should end.
    pub(crate) fn raise(&self) {
        self.0.raised.store(true, Ordering::Release);
        self.0.waiting.notify_waiters();
    }

    /// Whether the flag is raised.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// Returns when the flag is raised.
    pub(crate) async fn raised(&self) {
        // Registered before the check, so that a later raise wakes it.
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
    async fn a_raised_flag_wakes_its_waiters_and_a_lowered_one_does_not() {
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
