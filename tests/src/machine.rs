//! Throw-away machines, each with its own kernel, systemd, a bus and a V4L2 camera. Each runs one
//! script from `tests/vm`; `tests/vm/machine` starts it.

mod report;
mod share;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{TestbedError, process, tree};

use share::Share;

pub use report::{Report, Row};
pub use share::has_package;

/// Files that every script of a machine may source or run.
const SCRIPTS: [&str; 4] = ["lib.sh", "camera.sh", "attempts.sh", "typed"];
/// Default time limit of a run.
const LIMIT: Duration = Duration::from_secs(600);
/// Default memory, in MiB.
const MEMORY_MIB: u32 = 2048;

/// A machine that runs one script.
#[derive(Clone, Debug)]
pub struct Machine {
    script: String,
    packages: Option<String>,
    memory_mib: u32,
    limit: Duration,
    files: Vec<(PathBuf, String)>,
    programs: Vec<String>,
    has_turns: bool,
}

impl Machine {
    /// A machine for `tests/vm/SCRIPT.sh`. It has the staged tree (or the package), the models,
    /// and the frames of alice, of bob and of nobody.
    #[must_use]
    pub fn for_script(script: &str) -> Self {
        Self {
            script: script.to_owned(),
            packages: None,
            memory_mib: MEMORY_MIB,
            limit: LIMIT,
            files: Vec::new(),
            programs: Vec::new(),
            has_turns: false,
        }
    }

    /// Adds the Debian packages that a file of `tests/vm/packages` lists to those of every
    /// machine. Each list has a disk of its own.
    #[must_use]
    pub fn packages(mut self, list: &str) -> Self {
        self.packages = Some(list.to_owned());
        self
    }

    /// Sets the memory in MiB, instead of 2048.
    #[must_use]
    pub fn memory(mut self, mib: u32) -> Self {
        self.memory_mib = mib;
        self
    }

    /// Sets the time limit of the script, instead of ten minutes.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Puts a file or directory of the source tree at `/mnt/NAME`.
    #[must_use]
    pub fn with(mut self, relative: &str, name: &str) -> Self {
        self.files.push((tree::root().join(relative), name.to_owned()));
        self
    }

    /// Puts a program of this computer at `/mnt/programs/NAME`, and its libraries at
    /// `/mnt/programs/lib`. The machine has the same release of Debian.
    #[must_use]
    pub fn program(mut self, name: &str) -> Self {
        self.programs.push(name.to_owned());
        self
    }

    /// Adds the frames of a person who turns the head when asked to, and of a picture of that
    /// person. `asks_for_turns` of `tests/vm/camera.sh` uses them.
    #[must_use]
    pub fn with_turns(mut self) -> Self {
        self.has_turns = true;
        self
    }

    /// Runs the script as root. Its report is also added to the figures.
    ///
    /// # Errors
    /// Fails when a file is missing; the error names it. Also fails when the script fails, ends
    /// before its last line or has an unexpected row; the error carries its output.
    pub fn run(&self) -> Result<Report, TestbedError> {
        let share = Share::new(&self.script)?;
        share.furnish()?;
        if self.has_turns {
            share.add_turns()?;
        }
        let script = format!("{}.sh", self.script);
        for name in SCRIPTS.into_iter().chain([script.as_str()]) {
            share.copy(&tree::require("tests/vm")?.join(name), name)?;
        }
        for (source, name) in &self.files {
            share.copy(source, name)?;
        }
        for name in &self.programs {
            share.program(name)?;
        }
        let started = Instant::now();
        let output = process::output(
            Command::new(tree::require("tests/vm/machine")?)
                .args(self.packages.iter().flat_map(|list| ["-p", list]))
                .args(["-m", &self.memory_mib.to_string()])
                .args(["-t", &self.limit.as_secs().to_string()])
                .arg("-s")
                .arg(share.path())
                .args(["--", &format!("bash /mnt/{script}")])
                .stdin(Stdio::null()),
        )?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let pictures = share.pictures()?;
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = Report::new(&self.script, printed, pictures, started.elapsed());
        report.note(&complaints)?;
        if output.status.success() && report.is_complete() {
            return Ok(report);
        }
        Err(TestbedError::Command {
            command: script,
            code: output.status.code(),
            output: report.printed + &complaints,
        })
    }
}
