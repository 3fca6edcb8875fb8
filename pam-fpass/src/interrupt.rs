//! Notices that the application is asked to stop, without a handler and without taking the signal.

use std::os::fd::AsFd;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::outcome::Outcome;

/// Signals that end an attempt.
const STOPPING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// Holds the stopping signals of this thread back while it lives.
///
/// The descriptor is polled and never read, so a signal stays pending; when the previous mask
/// returns it is delivered to whatever the application has set up for it.
pub(crate) struct Interrupt {
    pending: SignalFd,
    previous: SigSet,
}

impl Interrupt {
    /// Begins to watch.
    ///
    /// # Errors
    /// [`Outcome::NoResources`] when no descriptor is left.
    pub(crate) fn watch() -> Result<Self, Outcome> {
        let stopping: SigSet = STOPPING.into_iter().collect();
        let pending =
            SignalFd::with_flags(&stopping, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
                .map_err(|_| Outcome::NoResources)?;
        let previous =
            stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK).map_err(|_| Outcome::NoResources)?;
        Ok(Self { pending, previous })
    }

    /// Completes when a stopping signal is pending. Must run inside the runtime.
    #[allow(unsafe_code)]
    pub(crate) async fn raised(&self) -> Outcome {
        // SAFETY: a `BorrowedFd` always names the same descriptor, and the borrow of `self` keeps
        // that one open for as long as `watched` lives.
        let watched =
            unsafe { AsyncFd::register_with_interest(self.pending.as_fd(), Interest::READABLE) };
        let Ok(watched) = watched else {
            return Outcome::NoResources;
        };
        match watched.readable().await {
            Ok(_) => Outcome::Interrupted,
            Err(_) => Outcome::NoResources,
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // Fails only on an invalid mask, and this one came from the kernel.
        let _ = self.previous.thread_set_mask();
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::raise;

    use super::*;

    #[test]
    fn a_signal_is_noticed_and_left_pending_and_the_mask_returns() {
        let before = SigSet::thread_get_mask().unwrap();
        // Held by the test as an application might hold it, so that its delivery can be read.
        let hup = SigSet::from(Signal::SIGHUP);
        hup.thread_block().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let interrupt = Interrupt::watch().unwrap();
        raise(Signal::SIGHUP).unwrap();
        assert_eq!(runtime.block_on(interrupt.raised()), Outcome::Interrupted);
        drop(interrupt);
        assert_eq!(hup.wait().unwrap(), Signal::SIGHUP);
        hup.thread_unblock().unwrap();
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
    }
}
