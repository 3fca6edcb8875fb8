//! Who asks for the password: the desktop's agent, or `pkttyagent` on a text terminal.

use std::io::{self, IsTerminal, PipeReader};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{self, Pid};

/// polkit's agent for terminals. By its path: what asks for a password is not looked for in PATH.
const PROGRAM: &str = "/usr/bin/pkttyagent";
/// Longest wait for it to be ready, in milliseconds. Without it, the daemon says what is missing.
const READY: u16 = 3000;

/// An agent that ends with this value. A desktop that has one of its own keeps it.
#[derive(Debug)]
pub(crate) struct Agent(Option<Child>);

impl Agent {
    /// Starts an agent where there may be a question and a terminal on which to ask it.
    ///
    /// Root is never asked. Without the program, or when it fails, there is none, and the daemon
    /// declines what only a password allows.
    pub(crate) fn start() -> Self {
        // About who can answer; where the output goes does not matter.
        let terminal = io::stdin().is_terminal();
        if unistd::geteuid().is_root() || !terminal || !Path::new(PROGRAM).exists() {
            return Self(None);
        }
        Self(launch().ok())
    }
}

/// Starts the program for this process and waits until it is registered.
fn launch() -> io::Result<Child> {
    let (ready, registered) = io::pipe()?;
    // It asks on the terminal itself. Its standard input is the pipe that it closes when polkit
    // knows it: no other descriptor is inherited without unsafe code.
    let child = Command::new(PROGRAM)
        .args(["--process", &process::id().to_string(), "--fallback", "--notify-fd", "0"])
        .stdin(Stdio::from(registered))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    wait_for(&ready);
    Ok(child)
}

/// Returns when the other end is closed, or after [`READY`].
fn wait_for(pipe: &PipeReader) {
    let mut descriptors = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
    // However it ends, the daemon judges what follows.
    let _ = poll(&mut descriptors, PollTimeout::from(READY));
}

impl Drop for Agent {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else {
            return;
        };
        // SIGTERM, at which it gives the terminal its echo back.
        if let Ok(id) = i32::try_from(child.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        let _ = child.wait();
    }
}
