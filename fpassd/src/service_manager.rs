//! Messages to the service manager, see sd_notify(3).

use std::env;

use sd_notify::NotifyState;

/// Environment variable with the socket of the service manager.
const SOCKET: &str = "NOTIFY_SOCKET";

/// Whether a service manager started this process.
pub(crate) fn is_present() -> bool {
    env::var_os(SOCKET).is_some()
}

/// Reports a state.
pub(crate) fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager was not notified");
    }
}
