//! Starts engine threads: the first one, and replacements for stuck ones.

use std::{io, sync::Arc, thread};

use super::{state::EngineState, watchdog::Abandonment, worker::Worker};
use crate::face_recogniser::{FaceRecogniser, RecogniserLoader};

/// Most stuck threads at a time. Each holds its models, about 150 MiB, which count towards the
/// memory limit of the unit.
pub(super) const ABANDONED_MAX: u32 = 2;

/// Starts engine thread `number`.
pub(super) fn start_worker(
    number: u64,
    state: &Arc<EngineState>,
    load: &Arc<RecogniserLoader>,
    recogniser: Option<Box<dyn FaceRecogniser + Send>>,
) -> io::Result<()> {
    let worker = Worker::new(number, Arc::clone(state), Arc::clone(load), recogniser);
    // The thread is not joined, because it may be stuck when the daemon ends. The watchdog learns
    // when it ends.
    thread::Builder::new().name("engine".into()).spawn(move || worker.run()).map(drop)
}

/// Starts the thread that replaces stuck engine threads, until there are too many.
pub(super) fn start_watchdog(
    state: &Arc<EngineState>,
    load: Arc<RecogniserLoader>,
) -> io::Result<()> {
    let state = Arc::clone(state);
    let watching = move || {
        while let Some(Abandonment { next, abandoned }) = state.watchdog.next_abandonment() {
            tracing::error!(abandoned, "the engine is stuck; its thread is abandoned and replaced");
            if abandoned > ABANDONED_MAX || start_worker(next, &state, &load, None).is_err() {
                state.lost.notify_one();
                return;
            }
        }
    };
    thread::Builder::new().name("watchdog".into()).spawn(watching).map(drop)
}
