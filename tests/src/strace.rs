//! Faults at system calls, by strace.

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
        Self::start(&["-f"], process, fault, |_| {
            let Ok(threads) = fs::read_dir(&tasks) else { return false };
            threads.flatten().all(|thread| tracer(&thread.path()) != Some(0))
        })
    }

    /// The same for one thread of a process.
    ///
    /// # Errors
    /// Those of [`Self::attach`].
    pub fn attach_to_thread(process: u32, thread: u32, fault: &str) -> Result<Self, TestbedError> {
        let task = PathBuf::from(format!("/proc/{process}/task/{thread}"));
        Self::start(&[], thread, fault, |strace| tracer(&task) == Some(strace))
    }

    /// `attached` is given the process id of strace.
    fn start(
        options: &[&str],
        id: u32,
        fault: &str,
        attached: impl Fn(u32) -> bool,
    ) -> Result<Self, TestbedError> {
        let child = Command::new("/usr/bin/strace")
            .args(options)
            .args(["-qq", "-o", "/dev/null", "-e"])
            .arg(format!("inject={fault}"))
            .args(["-p", &id.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(TestbedError::io("starting strace"))?;
        let strace = Self(child);
        let started = Instant::now();
        while !attached(strace.0.id()) {
            if started.elapsed() > ATTACH {
                return Err(TestbedError::Answer { program: "strace", output: fault.to_owned() });
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

/// Process id of the tracer of a thread, given the thread's directory in `/proc`. 0 means no
/// tracer, `None` an ended thread.
#[must_use]
pub fn tracer(thread: &Path) -> Option<u32> {
    let status = fs::read_to_string(thread.join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?.trim().parse().ok()
}
