//! What the engine threads, the watchdog and the callers share.

use std::time::Duration;

use tokio::sync::Notify;

use super::{task::Task, watchdog::Watchdog};
use crate::queue::Queue;

/// State of the engine.
pub(super) struct EngineState {
    /// Tasks that wait.
    pub(super) queue: Queue<Task>,
    /// The task under way.
    pub(super) watchdog: Watchdog,
    /// Notified when too many threads are stuck.
    pub(super) lost: Notify,
}

impl EngineState {
    /// An idle engine. A task is stuck when it overruns by `patience`.
    pub(super) fn new(patience: Duration) -> Self {
        Self { queue: Queue::new(), watchdog: Watchdog::new(patience), lost: Notify::new() }
    }
}
