//! Notices that a signal asks the application to stop, without a handler and without consuming the
//! signal.

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

/// Blocks the stopping signals of this thread until it is dropped.
///
/// The descriptor is polled and never read, so a signal stays pending. When the previous mask is
/// restored, the signal is delivered as the application has arranged.
pub(crate) struct SignalWatch {
    pending: SignalFd,
    previous: SigSet,
}

impl SignalWatch {
    /// Starts watching.
    ///
    /// # Errors
    /// [`Outcome::NoResources`] when there is no descriptor left.
    pub(crate) fn start() -> Result<Self, Outcome> {
        // A blocked signal becomes pending even when it is ignored, so ignored ones are not
        // blocked.
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
        // it open while `watched` lives.
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
        // Fails only for an invalid mask; this one came from the kernel.
        let _ = self.previous.thread_set_mask();
    }
}

/// Runs `work` with the stopping signals of this thread blocked. The second value says whether one
/// arrived or was pending; it is delivered, as the application has arranged, before this returns.
pub(crate) fn watch_during<T>(work: impl FnOnce() -> T) -> (T, bool) {
    /// Restores the mask of the thread, after a panic too.
    struct Restore(SigSet);
    impl Drop for Restore {
        fn drop(&mut self) {
            // Fails only for an invalid mask; this one came from the kernel.
            let _ = self.0.thread_set_mask();
        }
    }

    let stopping: SigSet = STOPPING.into_iter().filter(|signal| !is_ignored(*signal)).collect();
    // Fails only for an invalid argument; without the mask only a blocked signal is noticed.
    let previous = stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok().map(Restore);
    let result = work();
    let stopped = is_any_pending(&stopping);
    drop(previous);
    (result, stopped)
}

/// Whether one of these signals is pending for this thread or its process.
#[allow(unsafe_code)]
fn is_any_pending(signals: &SigSet) -> bool {
    let mut pending = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the call writes one signal set, for which there is room.
    let answer = unsafe { libc::sigpending(pending.as_mut_ptr()) };
    // SAFETY: all bytes were set to zero, or a valid set was written by the call.
    let pending = unsafe { SigSet::from_sigset_t_unchecked(pending.assume_init()) };
    answer == 0 && signals.iter().any(|signal| pending.contains(signal))
}

/// Whether the application ignores this signal.
#[allow(unsafe_code)]
fn is_ignored(signal: Signal) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action the call changes nothing; at most it writes the present one to
    // `action`, which is large enough.
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
    fn a_signal_is_noticed_stays_pending_and_the_mask_is_restored() {
        let before = SigSet::thread_get_mask().unwrap();
        // Blocked by the test, as an application might, to observe the delivery.
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
    fn a_signal_during_other_work_is_noticed_and_stays_pending() {
        let before = SigSet::thread_get_mask().unwrap();
        assert_eq!(watch_during(|| 7), (7, false));
        let quit = SigSet::from(Signal::SIGTERM);
        quit.thread_block().unwrap();
        assert_eq!(watch_during(|| raise(Signal::SIGTERM).unwrap()), ((), true));
        assert_eq!(watch_during(|| ()), ((), true), "it was pending before");
        assert_eq!(quit.wait().unwrap(), Signal::SIGTERM);
        assert_eq!(watch_during(|| ()), ((), false));
        quit.thread_unblock().unwrap();
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
        // SAFETY: no handler runs: the signal is ignored here and blocked below.
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
