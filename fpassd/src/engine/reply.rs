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

/// A shared value that one holder can take away from all others. A clone shares it.
pub(super) struct Revocable<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Revocable<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Revocable<T> {
    /// Shares a value.
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// Passes the value to `work`, unless it was withdrawn.
    pub(super) fn with(&self, work: impl FnOnce(&mut T)) {
        if let Some(value) = self.lock().as_mut() {
            work(value);
        }
    }

    /// Takes the value away from every holder.
    pub(super) fn withdraw(&self) -> Option<T> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that can be a refusal.
pub(super) trait Answer: Send + 'static {
    /// The answer for a task that was refused.
    fn refused(refusal: Refusal) -> Self;
}

impl<T: Send + 'static> Answer for Result<T, Refusal> {
    fn refused(refusal: Refusal) -> Self {
        Err(refusal)
    }
}

/// The caller who waits for a task, whatever its answer is.
pub(super) trait Waiter: Send + Sync {
    /// Notes that the engine has begun the task.
    fn begin(&self);
    /// Answers with a refusal.
    fn refuse(&self, refusal: Refusal);
    /// Tells the caller that no answer comes.
    fn withdraw(&self);
}

/// Where the answer to a task goes. After it is withdrawn, a late answer is dropped.
pub(super) struct ReplySender<T> {
    sender: Revocable<oneshot::Sender<T>>,
    begun: Arc<AtomicBool>,
}

impl<T> Clone for ReplySender<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), begun: Arc::clone(&self.begun) }
    }
}

impl<A: Answer> Waiter for ReplySender<A> {
    fn begin(&self) {
        self.begun.store(true, Ordering::Release);
    }

    fn refuse(&self, refusal: Refusal) {
        self.send(A::refused(refusal));
    }

    fn withdraw(&self) {
        drop(self.sender.withdraw());
    }
}

impl<T> ReplySender<T> {
    /// A reply and the side that waits for it.
    pub(super) fn channel() -> (Self, ReplyReceiver<T>) {
        let (sender, receiver) = oneshot::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let reply = Self { sender: Revocable::new(sender), begun: Arc::clone(&begun) };
        (reply, ReplyReceiver { receiver, begun })
    }

    /// Answers, if nobody has before.
    pub(super) fn send(&self, answer: T) {
        if let Some(sender) = self.sender.withdraw() {
            // It fails if the caller has left.
            let _ = sender.send(answer);
        }
    }
}

/// The side that waits for the answer.
pub(super) struct ReplyReceiver<T> {
    receiver: oneshot::Receiver<T>,
    begun: Arc<AtomicBool>,
}

impl<T> ReplyReceiver<T> {
    /// Waits for the answer: until `deadline` for the engine to begin, then another `grace` for it
    /// to finish. A driver that hangs in a system call blocks the engine, but not the caller.
    ///
    /// # Errors
    /// [`Refusal::QueueFull`] if the engine did not begin in time, [`Refusal::EngineFailed`] if it
    /// did not answer.
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

    async fn answer<T>(answer: ReplyReceiver<T>) -> Result<T, Refusal> {
        answer.by(Instant::now() + SOON, SOON).await
    }

    #[tokio::test]
    async fn a_withdrawn_reply_sends_no_answer_and_ends_the_wait() {
        let (reply, waiting) = ReplySender::<Result<u8, Refusal>>::channel();
        reply.begin();
        reply.withdraw();
        reply.send(Ok(1));
        assert_eq!(answer(waiting).await, Err(Refusal::EngineFailed));
    }

    #[tokio::test]
    async fn a_task_that_never_began_met_a_full_queue_and_one_that_began_has_failed() {
        let (reply, waiting) = ReplySender::<Result<(), Refusal>>::channel();
        assert_eq!(answer(waiting).await, Err(Refusal::QueueFull));
        drop(reply);
        let (reply, waiting) = ReplySender::<Result<(), Refusal>>::channel();
        reply.begin();
        assert_eq!(answer(waiting).await, Err(Refusal::EngineFailed));
        drop(reply);
    }

    #[tokio::test]
    async fn only_the_first_answer_counts() {
        let (reply, waiting) = ReplySender::channel();
        reply.send(1);
        reply.send(2);
        assert_eq!(answer(waiting).await, Ok(1));
    }
}
