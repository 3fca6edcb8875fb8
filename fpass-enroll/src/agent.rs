//! The agent that asks for the password: the desktop's, or `pkttyagent` on a text terminal.

use std::io::{self, IsTerminal, PipeReader};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{self, Pid};

/// polkit's agent for terminals, by its path: a program that asks for a password is not searched in
/// PATH.
const PROGRAM: &str = "/usr/bin/pkttyagent";
/// Longest wait for the agent to be ready, in milliseconds. Without an agent, the daemon's refusal
/// explains what is missing.
const READY: u16 = 3000;

/// An agent that ends when this value is dropped. The desktop's own agent stays.
#[derive(Debug)]
pub(crate) struct Agent(Option<Child>);

impl Agent {
    /// Starts an agent when there may be a question, and a terminal to ask it on.
    ///
    /// Root is never asked. When the program is missing or fails, the daemon declines changes that
    /// need a password.
    pub(crate) fn start() -> Self {
        // Standard input decides, because the user answers there.
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
    // The agent asks on the terminal itself. Its standard input is the pipe that it closes once
    // polkit has registered it: no other descriptor can be inherited without unsafe code.
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
    // On a timeout the daemon decides without an agent.
    let _ = poll(&mut descriptors, PollTimeout::from(READY));
}

impl Drop for Agent {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else {
            return;
        };
        // On SIGTERM it restores the echo of the terminal.
        if let Ok(id) = i32::try_from(child.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        let _ = child.wait();
    }
}
