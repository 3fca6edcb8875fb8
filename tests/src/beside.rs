//! Programs that run beside the test.

use std::process::{Child, Stdio};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{GroundError, process::command_as};

/// A program that runs beside the test and ends with it. It has no terminal, and nobody reads it.
pub struct Beside(Child);

impl Beside {
    /// Starts it as a user.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn start(user: &str, program: &str, arguments: &[&str]) -> Result<Self, GroundError> {
        command_as(user, program)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
            .map_err(GroundError::io(format!("starting {program}")))
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> nix::Result<()> {
        let id = i32::try_from(self.0.id()).map_err(|_| nix::Error::ESRCH)?;
        kill(Pid::from_raw(id), signal)
    }

    /// Waits for its end; the exit code, `None` after a signal.
    pub fn code(&mut self) -> Option<i32> {
        self.0.wait().ok()?.code()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // An ended child answers with an error, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
