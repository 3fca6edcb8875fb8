//! Programs that run in the background of a test.

use std::process::{Child, Stdio};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{TestbedError, process::command_as};

/// A program that runs in the background and ends with the test. It has no terminal, and its output
/// is dropped.
pub struct Background(Child);

impl Background {
    /// Starts it as a user.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn start(user: &str, program: &str, arguments: &[&str]) -> Result<Self, TestbedError> {
        command_as(user, program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
            .map_err(TestbedError::io(format!("starting {program}")))
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> nix::Result<()> {
        let id = i32::try_from(self.0.id()).map_err(|_| nix::Error::ESRCH)?;
        kill(Pid::from_raw(id), signal)
    }

    /// Waits for its end; the exit code, `None` after a signal.
    pub fn code(&mut self) -> Option<i32> {
        self.0.wait().ok()?.code()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // For an ended child this is an error, which does not matter.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
