//! Ctrl-Z: the terminal is given back before the program stops, and the screen is drawn again when
//! it goes on.
//!
//! A thread waits for the signals, because the program may wait for a reply of the daemon or of the
//! person when they come. Once started it stays, so Ctrl-Z also stops the program afterwards.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread;

use nix::sys::signal::{Signal, raise};
use nix::unistd::{Pid, getpgid, getpgrp, getpid, getsid};
use tokio::signal::unix::{SignalKind, signal};

use super::canvas::SharedCanvas;

/// The screen that is open, if one is.
static OPEN: Mutex<Weak<SharedCanvas>> = Mutex::new(Weak::new());

/// Makes Ctrl-Z take care of a screen, until the screen is gone.
///
/// # Errors
/// When signals cannot be received.
pub(super) fn protect(canvas: Weak<SharedCanvas>) -> io::Result<()> {
    static STARTED: OnceLock<()> = OnceLock::new();
    if STARTED.get().is_none() {
        listen()?;
        let _ = STARTED.set(());
    }
    *OPEN.lock().unwrap_or_else(PoisonError::into_inner) = canvas;
    Ok(())
}

/// Starts the thread. The signals no longer act by themselves when this returns.
fn listen() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut suspended, mut resumed) = {
        let _context = runtime.enter();
        (
            signal(SignalKind::from_raw(Signal::SIGTSTP as i32))?,
            signal(SignalKind::from_raw(Signal::SIGCONT as i32))?,
        )
    };
    let wait = async move {
        loop {
            tokio::select! {
                Some(()) = suspended.recv() => suspend(),
                Some(()) = resumed.recv() => resume(),
                else => break,
            }
        }
    };
    thread::Builder::new().name("suspension".to_owned()).spawn(move || runtime.block_on(wait))?;
    Ok(())
}

/// Gives the terminal back and stops the program, where a shell can let it go on.
fn suspend() {
    // It returns when the program goes on. A program that cannot be stopped goes on at once.
    let stop = || {
        let _ = raise(Signal::SIGSTOP);
    };
    if is_resumable(getpid()) {
        match open() {
            Some(canvas) => canvas.suspend(stop),
            None => stop(),
        }
    }
}

/// Draws the screen again after another program used the terminal.
fn resume() {
    if let Some(canvas) = open() {
        canvas.resume();
    }
}

fn open() -> Option<Arc<SharedCanvas>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
}

/// Whether the process group has a parent in the same session, which can let it go on. The kernel
/// ignores Ctrl-Z for another one, which would stay stopped for ever.
fn is_resumable(process: Pid) -> bool {
    let (Ok(session), group) = (getsid(None), getpgrp()) else { return false };
    let mut process = process;
    loop {
        let Some(parent) = parent_of(process) else { return false };
        if getsid(Some(parent)) != Ok(session) {
            return false;
        }
        if getpgid(Some(parent)) != Ok(group) {
            return true;
        }
        process = parent;
    }
}

/// The parent of a process; `None` for the first one and for one that may not be looked at.
fn parent_of(process: Pid) -> Option<Pid> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    parent.trim().parse().ok().filter(|id| *id > 0).map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_of_this_process_is_found_and_the_first_process_has_none() {
        assert_eq!(parent_of(getpid()), Some(nix::unistd::getppid()));
        assert_eq!(parent_of(Pid::from_raw(1)), None);
        assert_eq!(parent_of(Pid::from_raw(i32::MAX)), None);
    }
}
