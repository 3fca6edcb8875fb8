//! What goes to callers.

/// A count as the bus carries it.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A signal that cannot be sent is the caller's loss alone.
pub(super) fn log_failure(sent: zbus::Result<()>) {
    if let Err(error) = sent {
        tracing::debug!(%error, "a signal could not be sent");
    }
}
