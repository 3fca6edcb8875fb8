//! A flag with which one side tells the other that nobody waits any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Shared between the bus side, which raises it, and the engine, which looks at it between frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// Asks the work to end.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the work should end.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
