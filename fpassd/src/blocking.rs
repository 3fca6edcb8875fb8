//! Blocking work, off the threads that serve the bus.

use std::time::Duration;

use fpass_proto::Refusal;
use tokio::task::JoinError;

/// Longest time that a caller waits for the user database, the store or the list of cameras.
pub(crate) const BLOCKING_MAX: Duration = Duration::from_secs(3);

/// Runs blocking work on another thread and waits for it for [`BLOCKING_MAX`] at most. Work that
/// takes longer goes on without its caller.
///
/// # Errors
/// [`Refusal::DeadlinePassed`] when it takes longer, [`Refusal::Internal`] when it panics.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::time::timeout(BLOCKING_MAX, run_to_end(work))
        .await
        .unwrap_or(Err(Refusal::DeadlinePassed))
}

/// Runs blocking work on another thread and waits until it ends. For changes: a caller must not
/// hear that a change failed which then takes place.
///
/// # Errors
/// [`Refusal::Internal`] when the work panics.
pub(crate) async fn run_to_end<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|error| panicked(&error))
}

/// Logs that blocking work panicked and returns what the caller is told.
pub(crate) fn panicked(error: &JoinError) -> Refusal {
    tracing::error!(%error, "blocking work panicked");
    Refusal::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_refused_as_an_internal_error() {
        assert_eq!(run(|| -> u32 { panic!("scripted") }).await, Err(Refusal::Internal));
        assert_eq!(run_to_end(|| -> u32 { panic!("scripted") }).await, Err(Refusal::Internal));
        assert_eq!(run(|| 1).await, Ok(1));
    }
}
