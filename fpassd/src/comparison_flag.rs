//! A flag for a compared face. It decides whether an attempt without a match counts as a failure.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Shared by the engine, which sets it, and the bus side. The bus side reads it even after a panic
/// or when the engine no longer answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct ComparisonFlag(Arc<AtomicBool>);

impl ComparisonFlag {
    /// Records that a face was compared with the gallery.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether a face was compared.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
