//! Accounts, created and removed by programs of the system.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use fpass_proto::UserName;
use fpass_terminal::Stop;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use zeroize::Zeroizing;

use crate::cli::RegisterArgs;
use crate::error::Error;

/// An account that this program has created.
pub(super) struct Account(UserName);

impl Account {
    /// Creates an account with a home directory and without a password.
    pub(super) fn create(arguments: &RegisterArgs) -> Result<Self, Error> {
        let mut command = alone("useradd");
        command.arg("--create-home");
        let options = [
            ("--comment", &arguments.comment),
            ("--groups", &arguments.groups),
            ("--shell", &arguments.shell),
        ];
        for (option, value) in options {
            if let Some(value) = value {
                command.args([option, value]);
            }
        }
        command.arg("--").arg(arguments.user.as_str());
        run("useradd", &mut command)?;
        Ok(Self(arguments.user.clone()))
    }

    pub(super) fn name(&self) -> &UserName {
        &self.0
    }

    /// Sets the password.
    pub(super) fn set_password(&self, password: &str) -> Result<(), Error> {
        let mut command = alone("chpasswd");
        command.stdin(Stdio::piped());
        let mut child = command.spawn().map_err(failed("chpasswd"))?;
        let line = Zeroizing::new(format!("{}:{password}\n", self.0.as_str()));
        // If it does not read the line, its exit status tells.
        let written = child.stdin.take().map(|mut input| input.write_all(line.as_bytes()));
        let status = child.wait().map_err(failed("chpasswd"))?;
        if status.success() && matches!(written, Some(Ok(()))) {
            Ok(())
        } else {
            Err(Error::Program("chpasswd"))
        }
    }

    /// Lets `passwd` ask for a password, twice, on this terminal.
    pub(super) async fn ask_for_password(&self, stop: &mut Stop) -> Result<(), Error> {
        let mut command = Command::new("passwd");
        let mut child = command.arg("--").arg(self.0.as_str()).spawn().map_err(failed("passwd"))?;
        let id = i32::try_from(child.id()).map_err(|_| Error::Program("passwd"))?;
        let mut waiting = tokio::task::spawn_blocking(move || child.wait());
        let ended = tokio::select! {
            ended = &mut waiting => ended,
            () = stop.raised() => {
                // passwd restores the terminal before it ends.
                let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
                let _ = waiting.await;
                return Err(Error::Interrupted);
            }
        };
        let status = ended.map_err(io::Error::other)?.map_err(failed("passwd"))?;
        if status.success() { Ok(()) } else { Err(Error::Program("passwd")) }
    }

    /// Removes the account with its home directory.
    pub(super) fn remove(&self) -> Result<(), Error> {
        let mut command = alone("userdel");
        // userdel complains that there is no mail box.
        command.stderr(Stdio::null()).args(["--remove", "--"]).arg(self.0.as_str());
        run("userdel", &mut command).map_err(|_| Error::AccountStays(self.0.clone()))
    }
}

/// A program that asks nothing, in a process group of its own: Ctrl-C does not reach it.
fn alone(program: &str) -> Command {
    let mut command = Command::new(program);
    command.process_group(0).stdin(Stdio::null());
    command
}

fn run(program: &'static str, command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(failed(program))?;
    if status.success() { Ok(()) } else { Err(Error::Program(program)) }
}

fn failed(program: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |cause| Error::ProgramMissing { program, cause }
}
