//! The answer to one task, given once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Something that one side may use until the other withdraws it. A copy shares it.
pub(super) struct Revocable<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Revocable<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Revocable<T> {
    /// Hands it out.
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// Uses it, unless it was withdrawn.
    pub(super) fn with(&self, work: impl FnOnce(&mut T)) {
        if let Some(value) = self.lock().as_mut() {
            work(value);
        }
    }

    /// Takes it away from every holder.
    pub(super) fn withdraw(&self) -> Option<T> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the answer to a task goes. Once it is withdrawn, a late answer goes nowhere.
pub(super) type Reply<T> = Revocable<oneshot::Sender<T>>;

impl<T> Reply<T> {
    /// A reply and the side that waits for it.
    pub(super) fn channel() -> (Self, oneshot::Receiver<T>) {
        let (sender, answer) = oneshot::channel();
        (Self::new(sender), answer)
    }

    /// Answers, for the first and only time.
    pub(super) fn send(&self, answer: T) {
        if let Some(sender) = self.withdraw() {
            // The caller may have left; then nobody wants it.
            let _ = sender.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_reply_answers_nothing_and_tells_the_waiting_side() {
        let (reply, mut answer) = Reply::channel();
        let late = reply.clone();
        assert!(reply.withdraw().is_some());
        late.send(1);
        assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }

    #[test]
    fn only_the_first_answer_counts() {
        let (reply, mut answer) = Reply::channel();
        reply.send(1);
        reply.send(2);
        assert_eq!(answer.try_recv(), Ok(1));
    }
}
