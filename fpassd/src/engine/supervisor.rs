//! Engine threads: the first one, and another one in the place of one that is stuck.

use std::{io, sync::Arc, thread};

use super::{LoadSight, Shared, watch::Abandonment, worker::Worker};
use crate::sight::Sight;

/// Threads that may be left behind at a time. Each holds its models, about 150 MiB, against the
/// limit of the unit.
pub(super) const ABANDONED_MAX: u32 = 2;

/// Starts engine thread `number`.
pub(super) fn start_worker(
    number: u64,
    shared: &Arc<Shared>,
    load: &Arc<LoadSight>,
    sight: Option<Box<dyn Sight + Send>>,
) -> io::Result<()> {
    let worker = Worker::new(number, Arc::clone(shared), Arc::clone(load), sight);
    // Nobody joins it: it may be stuck when the daemon ends. The watch says when it has ended.
    thread::Builder::new().name("engine".into()).spawn(move || worker.run()).map(drop)
}

/// Starts the thread that replaces engine threads that are stuck, until there are too many.
pub(super) fn start_watchdog(shared: &Arc<Shared>, load: Arc<LoadSight>) -> io::Result<()> {
    let shared = Arc::clone(shared);
    let watching = move || {
        while let Some(Abandonment { next, abandoned }) = shared.watch.next_abandonment() {
            tracing::error!(
                abandoned,
                "the engine is stuck; its thread is left behind and another one takes over"
            );
            if abandoned > ABANDONED_MAX || start_worker(next, &shared, &load, None).is_err() {
                shared.lost.notify_one();
                return;
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watching).map(drop)
}
