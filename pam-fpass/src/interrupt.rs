//! Notices that the application is asked to stop, without a handler and without taking the signal.

use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::ptr;

use nix::libc;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::outcome::Outcome;

/// Signals that end an attempt, unless the application ignores them.
const STOPPING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// Holds the stopping signals of this thread back while it lives.
///
/// The descriptor is polled and never read, so a signal stays pending; when the previous mask
/// returns it is delivered to whatever the application has set up for it.
pub(crate) struct SignalWatch {
    pending: SignalFd,
    previous: SigSet,
}

impl SignalWatch {
    /// Begins to watch.
    ///
    /// # Errors
    /// [`Outcome::NoResources`] when no descriptor is left.
    pub(crate) fn start() -> Result<Self, Outcome> {
        // A signal that is held back stays pending even when it is ignored, so those are left alone.
        let stopping: SigSet = STOPPING.into_iter().filter(|signal| !is_ignored(*signal)).collect();
        let pending =
            SignalFd::with_flags(&stopping, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
                .map_err(|_| Outcome::NoResources)?;
        let previous =
            stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK).map_err(|_| Outcome::NoResources)?;
        Ok(Self { pending, previous })
    }

    /// Completes when a stopping signal is pending. Must run inside the runtime.
    #[allow(unsafe_code)]
    pub(crate) async fn signalled(&self) -> Outcome {
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

impl Drop for SignalWatch {
    fn drop(&mut self) {
        // Fails only on an invalid mask, and this one came from the kernel.
        let _ = self.previous.thread_set_mask();
    }
}

/// Whether the application has said that it does not care for this signal.
#[allow(unsafe_code)]
fn is_ignored(signal: Signal) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call changes nothing; it writes the present one, at most,
    // to `action`, which is large enough for it.
    let answer = unsafe { libc::sigaction(signal as i32, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: all bytes were set to zero, which is a valid `sigaction`, or written by the call.
    let action = unsafe { action.assume_init() };
    answer == 0 && action.sa_sigaction == libc::SIG_IGN
}

#[cfg(test)]
mod tests {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::signal::{SigHandler, raise, signal};

    use super::*;

    #[test]
    fn a_signal_is_noticed_and_left_pending_and_the_mask_returns() {
        let before = SigSet::thread_get_mask().unwrap();
        // Held by the test as an application might hold it, so that its delivery can be read.
        let hup = SigSet::from(Signal::SIGHUP);
        hup.thread_block().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let watch = SignalWatch::start().unwrap();
        raise(Signal::SIGHUP).unwrap();
        assert_eq!(runtime.block_on(watch.signalled()), Outcome::Interrupted);
        drop(watch);
        assert_eq!(hup.wait().unwrap(), Signal::SIGHUP);
        hup.thread_unblock().unwrap();
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
    }

    #[test]
    #[allow(unsafe_code)]
    fn a_signal_that_the_application_ignores_is_not_noticed() {
        let noticed = || {
            let watch = SignalWatch::start().unwrap();
            raise(Signal::SIGQUIT).unwrap();
            let mut watched = [PollFd::new(watch.pending.as_fd(), PollFlags::POLLIN)];
            poll(&mut watched, PollTimeout::ZERO).unwrap() == 1
        };
        // SAFETY: no handler runs: the signal is ignored here and held back below.
        unsafe { signal(Signal::SIGQUIT, SigHandler::SigIgn) }.unwrap();
        assert!(!noticed());

        let quit = SigSet::from(Signal::SIGQUIT);
        quit.thread_block().unwrap();
        // SAFETY: as above.
        unsafe { signal(Signal::SIGQUIT, SigHandler::SigDfl) }.unwrap();
        assert!(noticed(), "a signal that is not ignored");
        assert_eq!(quit.wait().unwrap(), Signal::SIGQUIT);
        quit.thread_unblock().unwrap();
    }
}
