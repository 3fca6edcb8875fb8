//! Commands, logins and calls on the private machine.

use std::{
    io::{BufRead, BufReader, Write as _},
    process::Stdio,
};

use fpass_proto::names;

use super::Testbed;
use crate::{
    Account, Login, Reply, TestbedError, Transcript, listener::Listener, pam, process::command_as,
};

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Testbed {
    /// Runs a command as a user; a path is needed for what is not a system program.
    ///
    /// # Errors
    /// Says why it cannot be started. The caller checks how it ended.
    pub fn run(&self, user: &str, program: &str, arguments: &[&str]) -> Result<Run, TestbedError> {
        self.run_with_input(user, program, arguments, "")
    }

    /// The same with something on standard input.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn run_with_input(
        &self,
        user: &str,
        program: &str,
        arguments: &[&str],
        input: &str,
    ) -> Result<Run, TestbedError> {
        let mut child = command_as(user, program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(TestbedError::io(format!("starting {program}")))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program may ignore its input.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output =
            child.wait_with_output().map_err(TestbedError::io(format!("running {program}")))?;
        Ok(Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command as root with a variable in its environment.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn run_with_variable(
        &self,
        (name, value): (&str, &str),
        program: &str,
        arguments: &[&str],
    ) -> Result<Run, TestbedError> {
        let variable = format!("{name}={value}");
        let line: Vec<&str> =
            [variable.as_str(), program].into_iter().chain(arguments.iter().copied()).collect();
        self.run("root", "/usr/bin/env", &line)
    }

    /// Gives the machine a locale, such as `de_DE` with `UTF-8`. Its name is both with a dot.
    ///
    /// # Errors
    /// Says why it cannot be made: `localedef` or its sources are missing.
    pub fn make_locale(&self, locale: &str, codeset: &str) -> Result<String, TestbedError> {
        let name = format!("{locale}.{codeset}");
        let arguments = ["-i", locale, "-f", codeset, &name];
        let run = self.run("root", "/usr/bin/localedef", &arguments)?;
        if run.code == Some(0) {
            return Ok(name);
        }
        let command = format!("localedef {}", arguments.join(" "));
        Err(TestbedError::Command { command, code: run.code, output: run.stdout + &run.stderr })
    }

    /// Runs fpass-enroll as a user.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn fpass_enroll(&self, user: &str, arguments: &[&str]) -> Result<Run, TestbedError> {
        self.run(user, "/usr/bin/fpass-enroll", arguments)
    }

    /// Runs fpass-enroll as a user, while somebody in front of the camera does what it asks.
    ///
    /// # Errors
    /// Says why it cannot be started, or why the clip cannot be changed.
    pub fn fpass_enroll_heard_by(
        &self,
        user: &str,
        arguments: &[&str],
        listener: &Listener,
    ) -> Result<Run, TestbedError> {
        self.run_heard_by(user, "/usr/bin/fpass-enroll", arguments, listener)
    }

    /// The same with another program, whose output may be that of a terminal.
    ///
    /// # Errors
    /// Says why it cannot be started, or why the clip cannot be changed.
    pub fn run_heard_by(
        &self,
        user: &str,
        program: &str,
        arguments: &[&str],
        listener: &Listener,
    ) -> Result<Run, TestbedError> {
        let running = || TestbedError::io(format!("running {program}"));
        let mut child = command_as(user, program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(running())?;
        let mut stdout = String::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.map_err(running())?;
                listener.hear(without_controls(&line))?;
                stdout.push_str(&line);
                stdout.push('\n');
            }
        }
        let output = child.wait_with_output().map_err(running())?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Run { code: output.status.code(), stdout, stderr })
    }

    /// A user sets up an F-pass with the current scene.
    ///
    /// # Errors
    /// Carries the output of an enrolment that fails.
    pub fn enrol(&self, account: Account) -> Result<(), TestbedError> {
        let run = self.fpass_enroll(account.name, &["add"])?;
        if run.code == Some(0) {
            return Ok(());
        }
        Err(TestbedError::Command {
            command: format!("fpass-enroll add (as {})", account.name),
            code: run.code,
            output: run.stdout + &run.stderr,
        })
    }

    /// A user types a password at a service and is in front of the camera.
    ///
    /// # Errors
    /// Says why there is no transcript.
    pub fn login(
        &self,
        service: &str,
        user: &str,
        password: &str,
    ) -> Result<Transcript, TestbedError> {
        self.transact(&Login::new(service, user, password))
    }

    /// Runs a PAM transaction.
    ///
    /// # Errors
    /// Says why there is no transcript.
    pub fn transact(&self, login: &Login) -> Result<Transcript, TestbedError> {
        login.run()
    }

    /// Starts a PAM transaction in the background.
    ///
    /// # Errors
    /// Says why it cannot be started.
    pub fn begin(&self, login: &Login) -> Result<pam::RunningLogin, TestbedError> {
        login.start()
    }

    /// Calls a method of the daemon as a user; arguments as dbus-send takes them (`uint32:5`).
    ///
    /// # Errors
    /// Says why dbus-send returned neither a reply nor an error.
    pub fn call(
        &self,
        user: &str,
        interface: &str,
        member: &str,
        arguments: &[&str],
    ) -> Result<Reply, TestbedError> {
        let destination = format!("--dest={}", names::BUS_NAME);
        let method = format!("{interface}.{member}");
        let options = ["--system", "--print-reply=literal", "--reply-timeout=60000", &destination];
        let words: Vec<&str> = options
            .into_iter()
            .chain([names::OBJECT_PATH, &method])
            .chain(arguments.iter().copied())
            .collect();
        let run = self.run(user, "dbus-send", &words)?;
        if run.code == Some(0) {
            let words: Vec<&str> = run.stdout.split_whitespace().collect();
            return Ok(Reply::Answer(words.join(" ")));
        }
        let error = run.stderr.strip_prefix("Error ").and_then(|text| text.split_once(": "));
        error
            .map(|(name, _)| Reply::Error(name.to_owned()))
            .ok_or(TestbedError::Answer { program: "dbus-send", output: run.stdout + &run.stderr })
    }

    /// Asks, as `caller`, whether `subject` is in front of the camera.
    ///
    /// # Errors
    /// Says why there was neither a reply nor an error.
    pub fn verify(&self, caller: &str, subject: Account) -> Result<Reply, TestbedError> {
        let uid = format!("uint32:{}", subject.uid);
        let name = format!("string:{}", subject.name);
        let arguments = [&uid, &name, "string:fpass-test", "string:tty1", "uint32:10000"];
        self.call(caller, names::VERIFICATION_INTERFACE, "Verify", &arguments)
    }
}

/// The text at the end of a line, after the last control sequence that a bar has left there.
fn without_controls(line: &str) -> &str {
    let line = line.trim_end();
    let text = line.rsplit('\r').next().unwrap_or(line);
    match text.rsplit_once('\u{1b}') {
        Some((_, rest)) => {
            rest.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, text)| text)
        }
        None => text,
    }
}
