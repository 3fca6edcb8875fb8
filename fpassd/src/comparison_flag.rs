//! A mark that a face was compared: what decides whether an attempt without a match was a try.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Shared between the engine, which sets it, and the bus side, which reads it however the attempt
/// ended: with an answer, with a panic, or with an engine that no longer answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct ComparisonFlag(Arc<AtomicBool>);

impl ComparisonFlag {
    /// Notes that a face was compared with the gallery.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether any face was.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
