//! Ctrl-C and the termination signals.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives the signals by which the user or the system asks this program to stop.
#[derive(Debug)]
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
}

impl Stop {
    /// Begins to listen; from then on the signals do not end the program by themselves.
    ///
    /// # Errors
    /// When signals cannot be received.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Returns when one of the signals has come.
    pub async fn raised(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

/// Runs work on a thread of its own and returns its result. Ctrl-C or a termination signal sets the
/// flag that the work is given; the work is waited for in either case.
///
/// # Errors
/// Those of the work; an [`io::Error`] when signals cannot be received or the work panics.
pub fn until_stopped<T, E>(
    work: impl FnOnce(&AtomicBool) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stopped = Stop::listen()?;
        let flag = Arc::new(AtomicBool::new(false));
        let mut task = tokio::task::spawn_blocking({
            let flag = Arc::clone(&flag);
            move || work(&flag)
        });
        let result = tokio::select! {
            result = &mut task => result,
            () = stopped.raised() => {
                flag.store(true, Ordering::Relaxed);
                task.await
            }
        };
        result.map_err(io::Error::other)?
    })
}
