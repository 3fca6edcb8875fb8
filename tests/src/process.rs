//! Child processes that end with the test.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use fpass_proto::names;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{TestbedError, namespace::HOME};

/// How long a program may take to become ready.
const READY: Duration = Duration::from_secs(60);

/// A command that runs as `user` with an empty environment and dies with its parent.
#[must_use]
pub(crate) fn command_as(user: &str, program: &str) -> Command {
    command_with(user, "--init-groups", program)
}

/// The same, with the supplementary group that the daemon's unit adds for the camera.
#[must_use]
pub(crate) fn daemon_command(program: &str) -> Command {
    command_with(names::DAEMON_USER, "--groups=video", program)
}

fn command_with(user: &str, groups: &str, program: &str) -> Command {
    // By its path: the program's environment may contain any PATH.
    let mut command = Command::new("/usr/bin/setpriv");
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .args([&format!("--reuid={user}"), &format!("--regid={user}"), groups])
        .args(["--pdeathsig=KILL", "--", program])
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Result<Output, TestbedError> {
    command.output().map_err(TestbedError::io(format!("running {command:?}")))
}

/// A program that runs until it is stopped; its output goes to a log.
pub(crate) struct Service {
    program: &'static str,
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts `command` and waits until `ready` returns true.
    pub(crate) fn start(
        program: &'static str,
        command: &mut Command,
        mut ready: impl FnMut() -> bool,
    ) -> Result<Self, TestbedError> {
        let log = PathBuf::from(format!("{HOME}/{program}.log"));
        let open = || {
            File::options()
                .create(true)
                .append(true)
                .open(&log)
                .map_err(TestbedError::io(format!("opening {}", log.display())))
        };
        let child = command
            .stdout(open()?)
            .stderr(open()?)
            .spawn()
            .map_err(TestbedError::io(format!("starting {program}")))?;
        let mut service = Self { program, child, log };
        let started = Instant::now();
        while !ready() {
            if service.has_ended() {
                return Err(TestbedError::Ended { program, log: service.log() });
            }
            if started.elapsed() > READY {
                let (seconds, log) = (READY.as_secs(), service.log());
                return Err(TestbedError::NotReady { program, seconds, log });
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(service)
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The output of this program on this machine so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), TestbedError> {
        i32::try_from(self.child.id())
            .map_err(|_| nix::Error::ESRCH)
            .and_then(|id| kill(Pid::from_raw(id), signal))
            .map_err(|cause| TestbedError::Io {
                action: format!("sending {signal} to {}", self.program),
                cause: cause.into(),
            })
    }

    /// Sends SIGTERM and returns the exit code; `None` when a signal ended it.
    pub(crate) fn stop(mut self) -> Result<Option<i32>, TestbedError> {
        self.signal(Signal::SIGTERM)?;
        let ended =
            self.child.wait().map_err(TestbedError::io(format!("stopping {}", self.program)))?;
        Ok(ended.code())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // For an ended child this is an error, which does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
