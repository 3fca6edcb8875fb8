//! The answer to one task, given once.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use fpass_proto::Refusal;
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
pub(super) struct Reply<T> {
    place: Revocable<oneshot::Sender<T>>,
    begun: Arc<AtomicBool>,
}

impl<T> Reply<T> {
    /// A reply and the side that waits for it.
    pub(super) fn channel() -> (Self, Answer<T>) {
        let (sender, receiver) = oneshot::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let reply = Self { place: Revocable::new(sender), begun: Arc::clone(&begun) };
        (reply, Answer { receiver, begun })
    }

    /// The engine has begun with the task.
    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
    }

    /// Where the answer goes, for somebody who may have to withdraw it.
    pub(super) fn place(&self) -> &Revocable<oneshot::Sender<T>> {
        &self.place
    }

    /// Answers, for the first and only time.
    pub(super) fn send(&self, answer: T) {
        if let Some(sender) = self.place.withdraw() {
            // The caller may have left; then nobody wants it.
            let _ = sender.send(answer);
        }
    }
}

/// The side that waits.
pub(super) struct Answer<T> {
    receiver: oneshot::Receiver<T>,
    begun: Arc<AtomicBool>,
}

impl<T> Answer<T> {
    /// Waits until the deadline for the engine to begin, and a little longer than it may take for
    /// the answer. A driver that hangs in a system call keeps the engine, but not the caller.
    pub(super) async fn by(self, deadline: Instant, grace: Duration) -> Result<T, Refusal> {
        let Self { mut receiver, begun } = self;
        let deadline = tokio::time::Instant::from_std(deadline);
        let answer = match tokio::time::timeout_at(deadline, &mut receiver).await {
            Err(_) if !begun.load(Ordering::Acquire) => return Err(Refusal::QueueFull),
            Err(_) => tokio::time::timeout_at(deadline + grace, receiver).await,
            in_time => in_time,
        };
        answer.ok().and_then(Result::ok).ok_or(Refusal::EngineFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    async fn answer<T>(answer: Answer<T>) -> Result<T, Refusal> {
        answer.by(Instant::now() + SOON, SOON).await
    }

    #[tokio::test]
    async fn a_withdrawn_reply_answers_nothing_and_tells_the_waiting_side() {
        let (reply, waiting) = Reply::channel();
        reply.begin();
        assert!(reply.place().clone().withdraw().is_some());
        reply.send(1);
        assert_eq!(answer(waiting).await, Err(Refusal::EngineFailed));
    }

    #[tokio::test]
    async fn what_was_never_begun_waited_in_vain_and_what_was_has_failed() {
        let (reply, waiting) = Reply::<()>::channel();
        assert_eq!(answer(waiting).await, Err(Refusal::QueueFull));
        drop(reply);
        let (reply, waiting) = Reply::<()>::channel();
        reply.begin();
        assert_eq!(answer(waiting).await, Err(Refusal::EngineFailed));
        drop(reply);
    }

    #[tokio::test]
    async fn only_the_first_answer_counts() {
        let (reply, waiting) = Reply::channel();
        reply.send(1);
        reply.send(2);
        assert_eq!(answer(waiting).await, Ok(1));
    }
}
