//! Faults at system calls, and records of them, by strace.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::TestbedError;

/// How long attaching may take.
const ATTACH: Duration = Duration::from_secs(20);

/// strace on a running process, until it is dropped.
pub struct Strace(Child);

impl Strace {
    /// Follows every thread of a process and injects a fault in the syntax of strace's `inject=`:
    /// `fsync:error=EIO:when=1`. Calls are counted per thread.
    ///
    /// # Errors
    /// Says why it cannot be started, or that it does not attach.
    pub fn attach(process: u32, fault: &str) -> Result<Self, TestbedError> {
        let tasks = format!("/proc/{process}/task");
        Self::start(&["-f"], process, fault, |_| all_traced(&tasks))
    }

    /// The same for one thread of a process.
    ///
    /// # Errors
    /// Those of [`Self::attach`].
    pub fn attach_to_thread(process: u32, thread: u32, fault: &str) -> Result<Self, TestbedError> {
        let task = PathBuf::from(format!("/proc/{process}/task/{thread}"));
        Self::start(&[], thread, fault, |strace| tracer(&task) == Some(strace))
    }

    /// Follows every thread of a process and writes its calls of these names into a file: with the
    /// paths behind descriptors, and up to a MiB of each buffer in hexadecimal digits.
    ///
    /// # Errors
    /// Those of [`Self::attach`].
    pub fn record(process: u32, calls: &str, file: &Path) -> Result<Self, TestbedError> {
        let tasks = format!("/proc/{process}/task");
        let (expression, file) = (format!("trace={calls}"), file.display().to_string());
        let options = ["-f", "-y", "-xx", "-s", "1048576", "-o", &file, "-e", &expression];
        Self::follow(&options, process, |_| all_traced(&tasks))
    }

    /// `attached` is given the process id of strace.
    fn start(
        options: &[&str],
        id: u32,
        fault: &str,
        attached: impl Fn(u32) -> bool,
    ) -> Result<Self, TestbedError> {
        let expression = format!("inject={fault}");
        let options = [options, &["-o", "/dev/null", "-e", &expression]].concat();
        Self::follow(&options, id, attached)
    }

    fn follow(
        options: &[&str],
        id: u32,
        attached: impl Fn(u32) -> bool,
    ) -> Result<Self, TestbedError> {
        let child = Command::new("/usr/bin/strace")
            .args(options)
            .args(["-qq", "-p", &id.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(TestbedError::io("starting strace"))?;
        let strace = Self(child);
        let started = Instant::now();
        while !attached(strace.0.id()) {
            if started.elapsed() > ATTACH {
                return Err(TestbedError::Answer { program: "strace", output: options.join(" ") });
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(strace)
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether every thread in a directory of threads has a tracer.
fn all_traced(tasks: &str) -> bool {
    let Ok(threads) = fs::read_dir(tasks) else { return false };
    threads.flatten().all(|thread| tracer(&thread.path()) != Some(0))
}

/// Process id of the tracer of a thread, given the thread's directory in `/proc`. 0 means no
/// tracer, `None` an ended thread.
#[must_use]
pub fn tracer(thread: &Path) -> Option<u32> {
    let status = fs::read_to_string(thread.join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?.trim().parse().ok()
}
