//! Faults at system calls, by strace.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::GroundError;

/// How long attaching may take.
const ATTACH: Duration = Duration::from_secs(20);

/// strace on a running process, until it is dropped.
pub struct Strace(Child);

impl Strace {
    /// Follows every thread of a process and injects a fault, as `inject=` of strace takes it:
    /// `fsync:error=EIO:when=1`. What is counted is counted for each thread.
    ///
    /// # Errors
    /// Says why it cannot be started, or that it does not attach.
    pub fn attach(process: u32, fault: &str) -> Result<Self, GroundError> {
        let child = Command::new("/usr/bin/strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("inject={fault}"))
            .args(["-p", &process.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(GroundError::io("starting strace"))?;
        let strace = Self(child);
        let started = Instant::now();
        while !is_traced(process) {
            if started.elapsed() > ATTACH {
                return Err(GroundError::Answer { program: "strace", output: fault.to_owned() });
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

/// Whether every thread of a process has a tracer.
fn is_traced(process: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return false };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        !status.lines().any(|line| line.split_whitespace().eq(["TracerPid:", "0"]))
    })
}
